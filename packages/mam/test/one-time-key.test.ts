import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { addIndex } from '../src/one-time-key.ts'

const test = suite('mam/one-time-key')
const SEED_TRITS = 243
const MODULUS = 3n ** BigInt(SEED_TRITS)

/** The number that trits stand for, the least significant first. */
function numberOf(trits: Int8Array): bigint {
  return trits.reduceRight((value, trit) => value * 3n + BigInt(trit), 0n)
}

function claimSum(seed: Int8Array, index: number): void {
  const sum = addIndex(seed, index)
  assert.ok(sum.every((trit) => Math.abs(trit) <= 1))
  assert.is((numberOf(sum) - numberOf(seed) - BigInt(index)) % MODULUS, 0n)
}

test('adds any index to any seed as whole numbers do', () => {
  const trits = fc.array(fc.integer({ min: -1, max: 1 }), { minLength: SEED_TRITS, maxLength: SEED_TRITS })
  return holds(fc.property(trits, fc.maxSafeNat(), (seed, index) => claimSum(Int8Array.from(seed), index)))
})

test('adds the highest indices, whose sum with a trit is no safe integer', () => {
  for (const trit of [-1, 0, 1])
    for (const below of [0, 1, 2, 3])
      claimSum(new Int8Array(SEED_TRITS).fill(trit), Number.MAX_SAFE_INTEGER - below)
})

test.run()
