import fc from 'fast-check'
import type { Test } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import type { CurlEngine, SecurityLevel } from '../src/index.ts'
import { expandTrits } from './expand-trits.ts'
import { Curl, findStockNonce, hashStockChains, sameTrits, tritsOf } from './stock-curl.ts'

const LEVELS = [1, 2, 3] as const

/** What every engine is held to: the reference in @iota/crypto.js, and the search of @iota/mam.js. */
export function claimCurl(test: Test, engine: CurlEngine): void {
  claimSponge(test, engine)
  claimChains(test, engine)
  claimNonce(test, engine)
}

function claimSponge(test: Test, engine: CurlEngine): void {
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
          sameTrits(ours.rate(), theirs.rate())
          sameTrits(ours.state(), theirs.rate(Curl.STATE_LENGTH))
        },
      ),
      50,
    ))

  test('takes in and gives out, from the middle of an array, more than fits into 128 fragments', () => {
    const trits = expandTrits(1, 40_000)
    const ours = engine.createSponge()
    const theirs = new Curl(27)
    ours.absorb(trits, 5, 39_000)
    theirs.absorb(trits, 5, 39_000)
    const [out, expected] = [trits.slice(), trits.slice()]
    ours.squeeze(out, 11, 32_000)
    theirs.squeeze(expected, 11, 32_000)
    sameTrits(out, expected)
  })

  test('takes a block that ends with its array as the reference does', () => {
    const trits = expandTrits(7, 400)
    const ours = engine.createSponge()
    const theirs = new Curl(27)
    ours.absorb(trits, 100, 486)
    theirs.absorb(trits, 100, 486)
    sameTrits(ours.state(), theirs.rate(Curl.STATE_LENGTH))
  })

  test('transforms for every block it is told of, also beyond the end of the array, as the reference does', () => {
    for (const [size, offset, length] of [
      [242, 3, 244],
      [100, 0, 1000],
      [500, 500, 486],
      [35_000, 0, 70_000],
    ] as const) {
      const trits = expandTrits(size, size)
      const ours = engine.createSponge()
      const theirs = new Curl(27)
      ours.absorb(trits, offset, length)
      theirs.absorb(trits, offset, length)
      sameTrits(ours.state(), theirs.rate(Curl.STATE_LENGTH))
      sameTrits(ours.rate(), theirs.rate())
    }
  })

  test('refuses to squeeze into an array that has no room, and stays as it was', () => {
    const sponge = engine.createSponge()
    sponge.absorb(expandTrits(9, 243), 0, 243)
    const before = sponge.state()
    for (const [size, offset, length] of [
      [10, 0, 243],
      [300, 100, 243],
      [300, -1, 243],
    ] as const) {
      const code = codeOf(() => sponge.squeeze(new Int8Array(size), offset, length))
      assert.is(code, 'TRYTES_INVALID')
      sameTrits(sponge.state(), before)
    }
  })

  test('keeps the states of several sponges apart', () => {
    const [one, other] = [engine.createSponge(), engine.createSponge()]
    one.absorb(expandTrits(1, 243), 0, 243)
    const state = one.state()
    other.absorb(expandTrits(2, 243), 0, 243)
    sameTrits(one.state(), state)
  })

  test('is all zeros after a reset', () => {
    const sponge = engine.createSponge()
    sponge.absorb(expandTrits(3, 243), 0, 243)
    const rate = sponge.rate()
    sponge.reset()
    sameTrits(sponge.state(), new Int8Array(729))
    sameTrits(rate, new Int8Array(243))
  })
}

function claimChains(test: Test, engine: CurlEngine): void {
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

  test('refuses fragments without their counts', () => {
    assert.is(
      codeOf(() => engine.hashChains(new Int8Array(243), new Uint8Array(2))),
      'TRYTES_INVALID',
    )
  })
}

function claimNonce(test: Test, engine: CurlEngine): void {
  test('finds the nonce that @iota/mam.js finds, at every level', () =>
    holds(
      fc.property(fc.constantFrom<SecurityLevel>(...LEVELS), fc.integer(), (security, seed) => {
        const state = expandTrits(seed, 729)
        sameTrits(engine.findNonce(state, security), findStockNonce(state, security))
      }),
      9,
    ))

  test('carries its counter over as @iota/mam.js does', () => {
    const state = expandTrits(11, 729)
    state.fill(1, 54, 62)
    for (const security of LEVELS)
      sameTrits(engine.findNonce(state, security), findStockNonce(state, security))
  })

  test('passes over 64 tries whose first one holds, as @iota/mam.js does', () => {
    const state = findState((sums) => sums[0]?.[0] === 0)
    sameTrits(engine.findNonce(state, 1), findStockNonce(state, 1))
  })

  test('passes over a try whose hash sums to zero over fewer thirds too, as @iota/mam.js does', () => {
    for (const [security, zeros] of [
      [2, [0, 1]],
      [3, [0, 2]],
      [3, [1, 2]],
    ] as const) {
      const isZero = (sums: readonly number[]) => sums[security - 1] === 0
      const state = findState((tries) => {
        const first = tries.findIndex(isZero)
        return first > 0 && zeros.every((third) => tries[first]?.[third] === 0)
      })
      sameTrits(engine.findNonce(state, security), findStockNonce(state, security))
    }
  })

  test('leaves the state it searches from as it was', () => {
    const state = expandTrits(5, 729)
    engine.findNonce(state, 2)
    sameTrits(state, expandTrits(5, 729))
  })

  test('refuses to search from a rate in place of a state', () => {
    assert.is(
      codeOf(() => engine.findNonce(new Int8Array(243), 1)),
      'TRYTES_INVALID',
    )
  })
}

/** A state whose first 64 tries, each given by the sums of its hash over one, two and three thirds, are so. */
function findState(isSo: (tries: readonly (readonly number[])[]) => boolean): Int8Array {
  for (let seed = 1; ; seed++) {
    const state = expandTrits(seed, 729)
    state[54] = 0
    if (isSo(Array.from({ length: 64 }, (_, lane) => sumThirds(state, lane)))) return state
  }
}

/** By the reference: the state with a counter of one step and the number of the try in its first four trits. */
function sumThirds(state: Int8Array, lane: number): readonly number[] {
  const tried = state.slice()
  for (const [index, power] of [1, 3, 9, 27].entries())
    tried[index] = [0, 1, -1][Math.floor(lane / power) % 3] ?? 0
  tried[54] = 1
  Curl.transform(tried, 27)
  return [81, 162, 243].map((end) => tried.subarray(0, end).reduce((sum, trit) => sum + trit, 0))
}
