import { execFileSync } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { quotePath, quoteWord, renderOptions } from '../src/shell-words.ts'

const test = suite('cli/shell-words')

test('a shell reads back every word as it was, whatever is in it', () => {
  for (const word of [
    '',
    'plain-1.json',
    'two words',
    "it's",
    '$HOME',
    '`id`',
    '*',
    'a\nb',
    '~',
    'ä;rm',
    '"',
  ])
    assert.is(execFileSync('sh', ['-c', `printf %s ${quoteWord(word)}`], { encoding: 'utf8' }), word)
})

test('words that need no quotes get none', () => {
  for (const word of ['out/proof.halo-proof.json', 'http://127.0.0.1:8545', '0x12ab'])
    assert.is(quoteWord(word), word)
})

test('options without a value are left out', () => {
  assert.is(
    renderOptions({ '--data': undefined, '--network': 'my net.json', '--record': 'r' }),
    " --network 'my net.json' --record r",
  )
})

test('a name of a file that begins as an option is taken for none', () => {
  assert.equal(['-', '-a b', 'a'].map(quotePath), ['-', "'./-a b'", 'a'])
  assert.is(renderOptions({ '--record': '-r', '--operators': '-' }), ' --record ./-r --operators -')
})

test('an address of a chain is shown only where it holds no more than its origin', () => {
  for (const url of [
    'https://node.example/v3/0123456789',
    'https://node.example/?key=1',
    'https://me:1@a.example',
  ])
    assert.is(renderOptions({ '--chain-url': url }), ' --chain-url URL')
  assert.is(renderOptions({ '--chain-url': 'http://127.0.0.1:8545' }), ' --chain-url http://127.0.0.1:8545')
})

test.run()
