import type { CurlEngine } from './curl-engine.ts'
import { HASH_TRITS } from './curl-rounds.ts'
import type { MamMode } from './engine.ts'
import { formatTrytes, readHash } from './trytes.ts'

/**
 * Where the message of a root is published, 81 trytes: the root itself in public mode, else its Curl-P-81
 * hash, from which the root, and with it the content, is not to be had. The side key does not enter.
 * @param root 81 trytes
 */
export function deriveAddress(engine: CurlEngine, root: string, mode: MamMode): string {
  if (mode === 'public') return root
  const trits = readHash(root, 'root')
  const sponge = engine.createSponge(81)
  sponge.absorb(trits, 0, HASH_TRITS)
  const address = formatTrytes(sponge.rate())
  sponge.reset()
  trits.fill(0)
  return address
}
