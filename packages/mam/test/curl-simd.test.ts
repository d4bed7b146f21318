import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import { createScalarEngine, createSimdEngine } from '../src/index.ts'
import { claimCurl } from './curl-claims.ts'
import { openWatchedEngine, withInstance } from './curl-watched.ts'
import { expandTrits } from './expand-trits.ts'
import { sameTrits } from './stock-curl.ts'

const test = suite('mam/curl-simd')
const simd = createSimdEngine()
const scalar = createScalarEngine()

claimCurl(test, simd)

test('hashes 0 to 300 chains of any lengths as the scalar engine does', () =>
  holds(
    fc.property(
      fc.integer(),
      fc.nat({ max: 300 }),
      fc.uint8Array({ max: 26, minLength: 300, maxLength: 300 }),
      (seed, size, lengths) => {
        const counts = lengths.subarray(0, size)
        const fragments = expandTrits(seed, size * 243)
        const expected = fragments.slice()
        simd.hashChains(fragments, counts)
        scalar.hashChains(expected, counts)
        sameTrits(fragments, expected)
      },
    ),
    30,
  ))

test('hashes chains of one length, and of up to 255, as the scalar engine does', () => {
  for (const count of [0, 1, 26, 255]) {
    const fragments = expandTrits(count, 130 * 243)
    const expected = fragments.slice()
    simd.hashChains(fragments, new Uint8Array(130).fill(count))
    scalar.hashChains(expected, new Uint8Array(130).fill(count))
    sameTrits(fragments, expected)
  }
})

test('finds the nonces that the scalar engine finds, from thousands of states', () =>
  holds(
    fc.property(fc.integer(), (seed) => {
      const state = expandTrits(seed, 729)
      for (const security of [1, 2, 3] as const)
        sameTrits(simd.findNonce(state, security), scalar.findNonce(state, security))
    }),
    1000,
  ))

test('leaves nothing in the memory of the module after any call', () => {
  const { engine, memory } = openWatchedEngine()
  const isEmpty = () => new Uint8Array(memory.buffer).every((byte) => byte === 0)
  const sponge = engine.createSponge()
  const fragments = expandTrits(9, 200 * 243)
  const calls: Record<string, () => unknown> = {
    absorb: () => sponge.absorb(fragments, 0, 1000),
    absorbMuch: () => sponge.absorb(fragments, 0, fragments.length),
    squeeze: () => sponge.squeeze(new Int8Array(500), 0, 500),
    state: () => sponge.state(),
    hashChains: () => engine.hashChains(fragments, new Uint8Array(200).fill(3)),
    findNonce: () => engine.findNonce(expandTrits(10, 729), 3),
  }
  for (const [name, call] of Object.entries(calls)) {
    call()
    assert.ok(isEmpty(), name)
  }
})

test('leaves nothing in the memory of the module after a call that fails', () => {
  const { engine, memory } = openWatchedEngine()
  const trits = expandTrits(9, 40_000)
  let asked = 0
  trits.subarray = (...range) => {
    if (++asked > 1) throw new Error('gone')
    return Int8Array.prototype.subarray.apply(trits, range)
  }
  assert.throws(() => engine.createSponge().absorb(trits, 0, trits.length), 'gone')
  assert.ok(new Uint8Array(memory.buffer).every((byte) => byte === 0))
})

test('says that it is missing where its module may not be compiled', () => {
  withInstance(
    () => {
      throw new WebAssembly.CompileError('refused by policy')
    },
    () => assert.is(codeOf(createSimdEngine), 'ENGINE_MISSING'),
  )
})

test.run()
