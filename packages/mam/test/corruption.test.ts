import { parseMessage as parseStock } from '@iota/mam.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import type { CurlEngine } from '../src/curl-engine.ts'
import type { MaskedMessage } from '../src/engine.ts'
import { createEngine } from '../src/engine-simd.ts'
import { type MessageLayout, planMessage } from '../src/message-layout.ts'
import { formatTrytes, readTrytes } from '../src/trytes.ts'
import { forgeMessage, makeMessage } from './make-message.ts'
import { countWork, openCurl } from './open-curl.ts'
import { drawTrytes, makeStockCase, type StockCase, startDraw } from './stock-cases.ts'

const test = suite('mam/corruption')

const ALPHABET = '9ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const seed = Number(process.env['HALO_SEED'] ?? Math.floor(Math.random() * 2 ** 30))
const draw = startDraw(seed)
const curl = openCurl()

/** Cases of every mode and level, each with the same short text. */
const CASES: readonly StockCase[] = Array.from({ length: 9 }, (_, number) => ({
  ...makeStockCase(number),
  message: drawTrytes(startDraw(number), 43),
}))

/** The parts of a message in the order they lie, and what a wrong trit in each is refused with. */
const PARTS: readonly (readonly [name: string, start: (at: MessageLayout) => number, code: string])[] = [
  ['place and length', () => 0, 'MESSAGE_MALFORMED'],
  ['next root', (at) => at.nextRootAt, 'NOT_FOR_KEY'],
  ['text', (at) => at.textAt, 'NOT_FOR_KEY'],
  ['first counter of the nonce', (at) => at.nonceAt, 'MESSAGE_FORGED'],
  ['what the nonce keeps of the sponge', (at) => at.nonceAt + 4, 'NOT_FOR_KEY'],
  ['second counter of the nonce', (at) => at.nonceAt + 54, 'MESSAGE_FORGED'],
  ['signature', (at) => at.signatureAt, 'MESSAGE_FORGED'],
  ['siblings', (at) => at.siblingsAt, 'MESSAGE_FORGED'],
  ['padding', (at) => at.paddingAt, 'MESSAGE_MALFORMED'],
]

/** The codes of all parts in which two payloads differ. */
function expectedCodes(payload: string, changed: string, layout: MessageLayout): ReadonlySet<string> {
  const before = readTrytes(payload, 'payload')
  const after = readTrytes(changed, 'payload')
  const codes = new Set<string>()
  for (let at = 0; at < before.length; at++) {
    const part = PARTS.findLast(([, start]) => start(layout) <= at)
    if (part !== undefined && before[at] !== after[at]) codes.add(part[2])
  }
  return codes
}

/** The payload with another tryte at a place, drawn unless it is given. */
function corrupt(payload: string, at: number, tryte?: string): string {
  const old = ALPHABET.indexOf(payload.charAt(at))
  const other = tryte ?? ALPHABET.charAt((old + 1 + draw(26)) % 27)
  return `${payload.slice(0, at)}${other}${payload.slice(at + 1)}`
}

function codeOfParse(payload: string, root: string, sideKey: string | undefined): string {
  return codeOf(() => createEngine(curl).parseMessage(payload, root, sideKey))
}

/** Every place before the signature and around its end, and some of the signature. */
function pickPlaces(layout: MessageLayout): readonly number[] {
  const places = new Set<number>()
  for (let at = 0; at < layout.signatureAt / 3 + 1; at++) places.add(at)
  const length = layout.sizeTrits / 3
  for (let at = length - 3; at < length; at++) places.add(at)
  const target = places.size + 420
  while (places.size < target) places.add(draw(length))
  return [...places]
}

test('refuses each of more than 5 000 messages with one wrong tryte, by the part it is in', () => {
  process.stdout.write(`seed ${seed}\n`)
  const seen = new Map<string, number>()
  let total = 0
  for (const given of CASES) {
    const { payload, root } = makeMessage(curl, given)
    const layout = planMessage(given.message.length * 3, given.security)
    for (const at of pickPlaces(layout)) {
      const changed = corrupt(payload, at)
      const code = codeOfParse(changed, root, given.sideKey)
      assert.ok(expectedCodes(payload, changed, layout).has(code), `${code} at ${at} of ${given.mode}`)
      seen.set(code, (seen.get(code) ?? 0) + 1)
      total++
    }
  }
  assert.ok(total > 5000, `${total} corruptions`)
  assert.equal([...seen.keys()].sort(), ['MESSAGE_FORGED', 'MESSAGE_MALFORMED', 'NOT_FOR_KEY'])
})

test('refuses every other tryte in the clear part and in the last two places', () => {
  for (const given of CASES) {
    const { payload, root } = makeMessage(curl, given)
    const layout = planMessage(given.message.length * 3, given.security)
    for (const at of [0, 1, 2, 3, payload.length - 2, payload.length - 1]) {
      for (const tryte of ALPHABET.replace(payload.charAt(at), '')) {
        const changed = corrupt(payload, at, tryte)
        assert.ok(
          expectedCodes(payload, changed, layout).has(codeOfParse(changed, root, given.sideKey)),
          `${tryte} at ${at}`,
        )
      }
    }
  }
})

test('refuses what @iota/mam.js lets pass: another padding, and trytes behind the end', () => {
  const given = { ...makeStockCase(0), message: 'HALOHALO' }
  const { payload, root } = makeMessage(curl, given)
  const others = [...ALPHABET.replace(payload.slice(-1), '')].map((tryte) => payload.slice(0, -1) + tryte)
  const passed = others.filter((changed) => isReadByStock(changed, root))
  assert.ok(passed.length > 0)
  for (const changed of [...passed, `${payload}9`, payload + drawTrytes(draw, 81)]) {
    assert.ok(isReadByStock(changed, root))
    assert.is(codeOfParse(changed, root, undefined), 'MESSAGE_MALFORMED')
  }
})

function isReadByStock(payload: string, root: string): boolean {
  try {
    return parseStock(payload, root).nextRoot.length === 81
  } catch {
    return false
  }
}

/** A message that somebody without the key makes for a root: masked right, signed with a key of his own. */
function forge(given: StockCase, root: string): MaskedMessage {
  return forgeMessage(curl, { ...given, seed: drawTrytes(draw, 81) }, root)
}

test('calls forged what another key has signed, in every mode at every level', () => {
  for (const given of CASES) {
    const { root } = makeMessage(curl, given)
    const { payload } = forge(given, root)
    assert.is(codeOfParse(payload, root, given.sideKey), 'MESSAGE_FORGED')
  }
})

test('refuses for the root of 9s what anybody can make and @iota/mam.js takes', () => {
  const root = '9'.repeat(81)
  const given = { ...makeStockCase(0), message: 'HALO' }
  const { siblingsAt } = planMessage(given.message.length * 3, given.security)
  const { payload } = forge(given, root)
  const trits = readTrytes(payload, 'payload')
  // From 0 siblings, written 1 0 0 -1, to -1 of them, written 1 0 0 1: the mask stays what it is.
  trits[siblingsAt + 3] = (((trits[siblingsAt + 3] ?? 0) + 3) % 3) - 1
  const many = formatTrytes(trits)
  assert.ok(isReadByStock(many, root))
  assert.is(codeOfParse(many, root, undefined), 'MESSAGE_FORGED')
})

test('refuses a hash that does not sum to zero, though the right key has signed it', () => {
  const badNonces: readonly (readonly [CurlEngine['findNonce'], string])[] = [
    [() => new Int8Array(81), 'NOT_FOR_KEY'],
    [changeNonce, 'MESSAGE_FORGED'],
    [(state) => curl.findNonce(state, 3), 'MESSAGE_FORGED'],
  ]
  for (const [findNonce, code] of badNonces) {
    const { payload, root } = makeMessage({ ...curl, findNonce }, { ...makeStockCase(0), message: 'HALO' })
    assert.is(codeOfParse(payload, root, undefined), code)
    assert.not.ok(isReadByStock(payload, root))
  }
})

/** The right nonce but for its last trit; for the message above the hash then does not happen to sum to zero. */
const changeNonce: CurlEngine['findNonce'] = (state, security) => {
  const nonce = curl.findNonce(state, security)
  nonce[80] = nonce[80] === 1 ? -1 : 1
  return nonce
}

test('tells a wrong key from a forgery even where the hash happens to sum to zero', () => {
  let unmasked = 0
  for (const given of CASES) {
    const { payload, root } = makeMessage(curl, given)
    for (let times = 0; times < 60; times++) {
      const { engine, work } = countWork(curl)
      const [otherRoot, otherKey] = times % 2 === 0 ? [root, drawTrytes(draw, 81)] : [drawTrytes(draw, 81)]
      assert.is(
        codeOf(() => createEngine(engine).parseMessage(payload, otherRoot, otherKey)),
        'NOT_FOR_KEY',
      )
      if (work.absorbed > given.security * 27) unmasked++
    }
  }
  // The signature is unmasked only where the sum is zero: for one wrong key in 19 to 32, here about 22 of 540.
  assert.ok(unmasked > 0, 'no wrong key came as far as the signature')
})

test('reads no message of one mode, or one index, as another', () => {
  const given = makeStockCase(2)
  const message = makeMessage(curl, given)
  assert.is(codeOfParse(message.payload, message.root, undefined), 'NOT_FOR_KEY')
  assert.is(codeOfParse(message.payload, message.nextRoot, given.sideKey), 'NOT_FOR_KEY')
  const next = makeMessage(curl, { ...given, index: given.index + 1 })
  assert.is(codeOfParse(next.payload, message.root, given.sideKey), 'NOT_FOR_KEY')
})

test('refuses a message cut anywhere, or grown', () => {
  const given = CASES[0] ?? makeStockCase(0)
  const { payload, root } = makeMessage(curl, given)
  for (let length = 0; length < payload.length; length += 1 + draw(7)) {
    assert.is(codeOfParse(payload.slice(0, length), root, undefined), 'MESSAGE_MALFORMED')
    assert.is(codeOfParse(payload.slice(payload.length - length), root, undefined), 'MESSAGE_MALFORMED')
  }
  assert.is(codeOfParse(payload + payload, root, undefined), 'MESSAGE_MALFORMED')
})

test.run()
