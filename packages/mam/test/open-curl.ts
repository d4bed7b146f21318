import { createCurlEngine } from '../src/curl-choice.ts'
import type { CurlEngine } from '../src/curl-engine.ts'

/** The engine that tests of messages run on: what is under test is what is made of it. */
export function openCurl(): CurlEngine {
  return createCurlEngine()
}

/** What an engine was asked to do. */
export interface CurlWork {
  /** Blocks that sponges absorbed. */
  absorbed: number
  /** Times chains were hashed. */
  chains: number
}

/** An engine that counts its work. */
export function countWork(engine: CurlEngine): { readonly engine: CurlEngine; readonly work: CurlWork } {
  const work: CurlWork = { absorbed: 0, chains: 0 }
  const createSponge: CurlEngine['createSponge'] = (rounds) => {
    const sponge = engine.createSponge(rounds)
    const absorb: typeof sponge.absorb = (trits, offset, length) => {
      work.absorbed += Math.max(1, Math.ceil(length / 243))
      sponge.absorb(trits, offset, length)
    }
    return { ...sponge, absorb }
  }
  const hashChains: CurlEngine['hashChains'] = (fragments, counts) => {
    work.chains++
    engine.hashChains(fragments, counts)
  }
  return { engine: { ...engine, createSponge, hashChains }, work }
}
