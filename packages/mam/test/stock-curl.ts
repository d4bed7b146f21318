import fc from 'fast-check'
import * as assert from 'uvu/assert'

/** What of the reference is used here; its types are not where its package says. */
interface StockCurl {
  absorb(trits: Int8Array, offset: number, length: number): void
  squeeze(trits: Int8Array, offset: number, length: number): void
  rate(length?: number): Int8Array
}

interface StockLibrary {
  readonly Curl: {
    new (rounds: number): StockCurl
    transform(state: Int8Array, rounds: number): void
    readonly HASH_LENGTH: number
    readonly STATE_LENGTH: number
  }
}

/** The reference of Curl-P. */
export const { Curl }: StockLibrary = await import(import.meta.resolve('@iota/crypto.js'))

const { HammingDiver } = await import(
  new URL('./pearlDiver/hammingDiver.mjs', import.meta.resolve('@iota/mam.js')).href
)

/** The nonce that @iota/mam.js finds for a state: slow, about a tenth of a second for 64 tries. */
export function findStockNonce(state: Int8Array, security: number): Int8Array {
  return new HammingDiver().search(state, security, Curl.HASH_LENGTH / 3, 0)
}

/** As many chains of hashes as there are counts, one hash after the other. */
export function hashStockChains(fragments: Int8Array, counts: Uint8Array): Int8Array {
  const hashed = fragments.slice()
  for (const [i, count] of counts.entries()) {
    const fragment = hashed.subarray(i * Curl.HASH_LENGTH, (i + 1) * Curl.HASH_LENGTH)
    for (let done = 0; done < count; done++) {
      const sponge = new Curl(27)
      sponge.absorb(fragment, 0, fragment.length)
      sponge.squeeze(fragment, 0, fragment.length)
    }
  }
  return hashed
}

/** Any trits of this length. */
export function tritsOf(length: number, maxLength = length): fc.Arbitrary<Int8Array> {
  return fc.int8Array({ min: -1, max: 1, minLength: length, maxLength })
}

/** As `assert.equal`, with a line rather than a page when they differ. */
export function sameTrits(actual: Int8Array, expected: Int8Array): void {
  const at = expected.findIndex((trit, i) => trit !== actual[i])
  assert.ok(at < 0 && actual.length === expected.length, `${actual.length} trits, wrong from ${at} on`)
}
