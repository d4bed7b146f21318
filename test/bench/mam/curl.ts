import { type CurlEngine, createScalarEngine, createSimdEngine } from '@halo/mam'
import { expandTrits } from '../../../packages/mam/test/expand-trits.ts'
import { Curl, findStockNonce } from '../../../packages/mam/test/stock-curl.ts'
import type { BenchOptions, Row } from '../bench.ts'
import { medianMs } from './timing.ts'

const HASH = 243
/** One pass of 128 lanes: 26 hashes each, the longest chain of a signature. */
const LANES = 128
const CHAIN = 26
const REPEATS = 15

/** Transforms of Curl-P-27 per second: in one sponge, which must go one after the other, and in many chains. */
export async function measureCurl({ onProgress }: BenchOptions): Promise<readonly Row[]> {
  onProgress('curl: transforms of each engine')
  return [
    await measureStock(),
    await measureEngine('plain JavaScript', createScalarEngine()),
    await measureEngine('SIMD', createSimdEngine()),
  ]
}

async function measureEngine(name: string, engine: CurlEngine): Promise<Row> {
  const sponge = engine.createSponge()
  const trits = expandTrits(1, 100 * HASH)
  const counts = new Uint8Array(LANES).fill(CHAIN)
  const state = expandTrits(2, 729)
  const spongeMs = await medianMs(REPEATS, nothing, () => sponge.absorb(trits, 0, trits.length))
  const chainsMs = await medianMs(
    REPEATS,
    () => expandTrits(3, LANES * HASH),
    (fragments) => engine.hashChains(fragments, counts),
  )
  return {
    name: `Curl-P-27, ${name}`,
    spongePerSec: Math.round(100_000 / spongeMs),
    chainsPerSec: Math.round((LANES * CHAIN * 1000) / chainsMs),
    nonceMs: await medianMs(REPEATS, nothing, () => engine.findNonce(state, 3)),
  }
}

async function measureStock(): Promise<Row> {
  const sponge = new Curl(27)
  const trits = expandTrits(1, 100 * HASH)
  const state = expandTrits(2, 729)
  return {
    name: 'baseline: Curl-P-27, @iota/crypto.js and the search of @iota/mam.js',
    spongePerSec: Math.round(
      100_000 / (await medianMs(REPEATS, nothing, () => sponge.absorb(trits, 0, trits.length))),
    ),
    nonceMs: await medianMs(3, nothing, () => findStockNonce(state, 3)),
  }
}

function nothing(): void {}
