import { Curl } from '@iota/crypto.js'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import { createScalarEngine, type SecurityLevel } from '../src/index.ts'
import { expandTrits, findStockNonce, hashStockChains, sameTrits, tritsOf } from './stock-curl.ts'

const test = suite('mam/curl-scalar')
const engine = createScalarEngine()

test('absorbs and squeezes any lengths as the reference does, at 27 and 81 rounds', () =>
  holds(
    fc.property(
      fc.constantFrom<27 | 81>(27, 81),
      fc.array(tritsOf(0, 800), { minLength: 1, maxLength: 4 }),
      fc.nat({ max: 800 }),
      (rounds, inputs, outputLength) => {
        const ours = engine.createSponge(rounds)
        const theirs = new Curl(rounds)
        for (const trits of inputs) {
          ours.absorb(trits, 0, trits.length)
          theirs.absorb(trits, 0, trits.length)
          sameTrits(ours.rate(), theirs.rate())
        }
        sameTrits(ours.state(), theirs.rate(Curl.STATE_LENGTH))
        const [out, expected] = [new Int8Array(outputLength), new Int8Array(outputLength)]
        ours.squeeze(out, 0, outputLength)
        theirs.squeeze(expected, 0, outputLength)
        sameTrits(out, expected)
        sameTrits(ours.state(), theirs.rate(Curl.STATE_LENGTH))
      },
    ),
  ))

test('takes a block that ends with its array as the reference does', () => {
  const trits = expandTrits(7, 400)
  const ours = engine.createSponge()
  const theirs = new Curl(27)
  ours.absorb(trits, 100, 486)
  theirs.absorb(trits, 100, 486)
  sameTrits(ours.state(), theirs.rate(Curl.STATE_LENGTH))
})

test('is all zeros after a reset', () => {
  const sponge = engine.createSponge()
  sponge.absorb(expandTrits(3, 243), 0, 243)
  const rate = sponge.rate()
  sponge.reset()
  sameTrits(sponge.state(), new Int8Array(729))
  sameTrits(rate, new Int8Array(243))
})

test('hashes any number of chains as the reference does', () =>
  holds(
    fc.property(fc.integer(), fc.uint8Array({ min: 0, max: 26, maxLength: 70 }), (seed, counts) => {
      const fragments = expandTrits(seed, counts.length * 243)
      const expected = hashStockChains(fragments, counts)
      engine.hashChains(fragments, counts)
      sameTrits(fragments, expected)
    }),
    10,
  ))

test('finds the nonce that @iota/mam.js finds, at every level', () =>
  holds(
    fc.property(fc.constantFrom<SecurityLevel>(1, 2, 3), fc.integer(), (security, seed) => {
      const state = expandTrits(seed, 729)
      sameTrits(engine.findNonce(state, security), findStockNonce(state, security))
    }),
    12,
  ))

test('carries its counter over as @iota/mam.js does', () => {
  const state = expandTrits(11, 729)
  state.fill(1, 54, 62)
  for (const security of [1, 2, 3] as const)
    sameTrits(engine.findNonce(state, security), findStockNonce(state, security))
})

test('passes over a batch of tries whose first one holds, as @iota/mam.js does', () => {
  const state = findStateWhoseFirstTryHolds()
  const nonce = engine.findNonce(state, 1)
  sameTrits(nonce, findStockNonce(state, 1))
})

test('leaves the state it searches from as it was', () => {
  const state = expandTrits(5, 729)
  engine.findNonce(state, 2)
  sameTrits(state, expandTrits(5, 729))
})

test('refuses fragments without their counts, and a rate in place of a state', () => {
  assert.is(
    codeOf(() => engine.hashChains(new Int8Array(243), new Uint8Array(2))),
    'TRYTES_INVALID',
  )
  assert.is(
    codeOf(() => engine.findNonce(new Int8Array(243), 1)),
    'TRYTES_INVALID',
  )
})

/** A state from which the very first try, number 0, gives a hash whose first third sums to zero. */
function findStateWhoseFirstTryHolds(): Int8Array {
  for (let seed = 1; ; seed++) {
    const state = expandTrits(seed, 729)
    state[54] = 0
    const tried = state.slice()
    tried.fill(0, 0, 4)
    tried[54] = 1
    Curl.transform(tried, 27)
    if (tried.subarray(0, 81).reduce((sum, trit) => sum + trit, 0) === 0) return state
  }
}

test.run()
