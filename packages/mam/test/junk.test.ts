import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseMessage as parseStock } from '@iota/mam.js'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import { createEngine } from '../src/engine-simd.ts'
import { MOST_TRYTES, makeLookalike } from './lookalike.ts'
import { countWork, openCurl } from './open-curl.ts'
import { drawTrytes, startDraw } from './stock-cases.ts'

const test = suite('mam/junk')

interface Junk {
  readonly name: string
  readonly head: string
  readonly unit: string
  readonly times: number
  readonly tail: string
  readonly code: string
}

const PATH = fileURLToPath(new URL('../../../test/vectors/mam/junk.json', import.meta.url))
const corpus: readonly Junk[] = JSON.parse(readFileSync(PATH, 'utf8')).payloads

const curl = openCurl()
const root = drawTrytes(startDraw(1), 81)

/** What parsing comes to, and how many blocks the sponge took for it. */
function parse(payload: string): { readonly code: string; readonly blocks: number } {
  const { engine, work } = countWork(curl)
  const code = codeOf(() => createEngine(engine).parseMessage(payload, root))
  return { code, blocks: work.absorbed }
}

test('refuses every payload of the corpus before it hashes a block', () => {
  assert.ok(corpus.length >= 20)
  for (const { name, head, unit, times, tail, code } of corpus) {
    assert.equal(parse(head + unit.repeat(times) + tail), { code, blocks: 0 }, name)
  }
})

test('refuses what is no text at all', () => {
  for (const payload of [null, undefined, 7, {}, [], new Uint8Array(9)]) {
    assert.is(parse(payload as unknown as string).code, 'TRYTES_INVALID')
  }
})

test('refuses a number without end, on which @iota/mam.js overflows its stack', () => {
  const payload = `A${'N'.repeat(30_000)}`
  assert.throws(() => parseStock(payload, root), RangeError)
  assert.is(parse(payload).code, 'MESSAGE_MALFORMED')
})

test('hashes 32 KB that begin and end like a message once, and refuses them', () => {
  for (const security of [1, 2, 3] as const) {
    const { code, blocks } = parse(makeLookalike(security, MOST_TRYTES))
    assert.is(code, 'NOT_FOR_KEY')
    // Side key, root and clear part take a block each; text and nonce may end in a part of one.
    assert.ok(blocks <= 3 + 2 + (MOST_TRYTES * 3) / 243, `${blocks} blocks`)
  }
})

test('refuses what is longer than the Tangle carries unread, even where it looks like a message', () => {
  assert.equal(parse(makeLookalike(1, MOST_TRYTES + 1)), { code: 'MESSAGE_MALFORMED', blocks: 0 })
})

test('refuses any trytes with a code, and never otherwise', async () => {
  const unit = fc.array(fc.constantFrom(...'9ABCDEFGHIJKLMNOPQRSTUVWXYZ'), { minLength: 1, maxLength: 40 })
  const property = fc.property(
    unit,
    fc.nat(9000),
    fc.constantFrom('', 'A', 'AB', 'AJ'),
    (some, size, head) => {
      const payload = head + some.join('').repeat(Math.ceil(size / some.length))
      assert.ok(['MESSAGE_MALFORMED', 'NOT_FOR_KEY'].includes(parse(payload).code))
    },
  )
  await holds(property, 2000)
})

test('refuses roots and side keys that cannot be, before it looks at the payload', () => {
  const badRoots = ['', 'A'.repeat(80), 'A'.repeat(82), 'a'.repeat(81), null as unknown as string]
  for (const bad of badRoots)
    assert.is(
      codeOf(() => createEngine(curl).parseMessage('junk', bad)),
      'TRYTES_INVALID',
    )
  for (const bad of ['', 'A'.repeat(82), 'key', 7 as unknown as string]) {
    assert.is(
      codeOf(() => createEngine(curl).parseMessage('junk', root, bad)),
      'SIDE_KEY_INVALID',
    )
  }
})

test.run()
