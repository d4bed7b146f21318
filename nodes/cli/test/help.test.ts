import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { assertPlain, openPlace } from '../../../test/story/halo-command.ts'

const test = suite('cli/help')

const COMMANDS: readonly (readonly string[])[] = [
  [],
  ['dev'],
  ['node'],
  ...['init', 'start', 'status'].map((name) => ['node', name]),
  ['wallet'],
  ...['init', 'import', 'publish', 'list', 'requests', 'approve', 'decline', 'withdraw', 'log'].map(
    (name) => ['wallet', name],
  ),
  ['registry'],
  ...['list', 'admit', 'suspend', 'resume', 'remove'].map((name) => ['registry', name]),
  ['research'],
  ...['init', 'search', 'request', 'status', 'collect', 'refund', 'verify'].map((name) => ['research', name]),
]

test('every command explains itself, and every option has a description', async () => {
  await using place = await openPlace()
  for (const command of COMMANDS) {
    const { code, stdout, stderr } = await place.halo(...command, '--help')
    const name = ['halo', ...command].join(' ')
    assert.is(code, 0, name)
    assert.is(stderr, '', name)
    assert.match(stdout, `Usage: ${name}`)
    const bare = stdout.split('\n').filter((line) => /^ {2}(-|[a-z])\S*( [<[]\S+)*$/.test(line))
    assert.equal(bare, [], `${name}: options without a description on their line or the next`)
    if (command.length === 2) assert.match(stdout, '--json')
  }
})

test('lists its exit codes', async () => {
  await using place = await openPlace()
  const { stdout } = await place.halo('--help')
  for (const code of [0, 1, 2, 3, 4, 5, 6, 7, 8, 130])
    assert.match(stdout, new RegExp(`^ {2}${code} {2}\\S`, 'm'))
})

test('refuses unknown commands and options, and missing or extra arguments, with exit code 2', async () => {
  await using place = await openPlace()
  const wrong: readonly (readonly [RegExp, ...string[]])[] = [
    [/unknown command 'walet'.*Did you mean wallet/s, 'walet'],
    [/unknown option '--pric'.*Did you mean --price/s, 'wallet', 'publish', '--pric', '1'],
    [/missing required argument 'file'/, 'wallet', 'import'],
    [/required option '--out <dir>' not specified/, 'research', 'collect', '0x12'],
    [/too many arguments/, 'wallet', 'list', 'extra'],
    [/required option '--chain-url <url>' not specified/, 'node', 'init'],
  ]
  for (const [said, ...args] of wrong) {
    const ended = await place.halo(...args)
    assert.is(ended.code, 2, args.join(' '))
    assert.is(ended.stdout, '')
    assert.match(ended.stderr, said)
    assert.match(ended.stderr, '--help')
    assertPlain(ended)
  }
})

test('says wrong usage as one JSON object when asked for JSON', async () => {
  await using place = await openPlace()
  for (const args of [
    ['walet'],
    ['wallet', 'list', '--nonsense'],
    ['wallet', 'import'],
    ['dev', '--peers', 'many'],
  ]) {
    const { code, value } = await place.json(...args)
    assert.is(code, 2)
    assert.equal([value.ok, value.error.code, value.error.reason], [false, 'USAGE', null])
  }
})

test('names the option or id that cannot be used, before anything is opened', async () => {
  await using place = await openPlace()
  const dataset = `0x${'1'.repeat(64)}`
  const asking = ['research', 'request', '--organisation', 'A', '--project', 'B']
  const wrong: readonly (readonly [string, ...string[]])[] = [
    ['--threshold', 'dev', '--threshold', '5'],
    ['--unit', 'dev', '--unit', 'mg'],
    ['--data', 'dev', '--data', '/'],
    ['--price', 'wallet', 'publish', '--price', '0,02'],
    ['--threshold', 'wallet', 'publish', '--threshold', '6'],
    ['--max-price', 'research', 'search', '--max-price', 'cheap'],
    ['data set', ...asking, '0x12'],
    ['--answer-within', ...asking, dataset, '--answer-within', '7'],
    ['request', 'wallet', 'approve', 'first'],
    ['request', 'research', 'collect', '0x00', '--out', place.path('out')],
  ]
  for (const [named, ...args] of wrong) {
    const ended = await place.halo(...args)
    assert.is(ended.code, 2, `${args.join(' ')}: ${ended.stderr}`)
    assert.is(ended.stdout, '')
    assert.match(ended.stderr, named)
    assertPlain(ended)
  }
  assert.equal(await place.processes(), [])
})

test.run()
