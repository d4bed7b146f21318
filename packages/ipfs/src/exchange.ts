import { withBitswap } from '@helia/bitswap'
import type { HeliaWithLibp2p } from '@helia/libp2p'
import type { Libp2p, ServiceMap } from '@libp2p/interface'
import { createHeliaLight } from 'helia'
import type { CID } from 'multiformats/cid'
import type { DiskBlocks } from './disk-blocks.ts'
import type { IsServing } from './served-blocks.ts'
import { showServed } from './served-blocks.ts'

/** IPFS beside the Halo protocols: fetches blocks from members and serves those that a rule allows, over bitswap. */
export interface Exchange extends AsyncDisposable {
  /**
   * One block from whichever connected member sends it first, checked against its hash and put on disk.
   * @throws the signal's reason, or a Helia error when nobody has the block
   */
  fetch(cid: CID, signal: AbortSignal): Promise<Uint8Array>
}

/**
 * Bounds on what others make this node do: a message to a member holds at most all its open wants,
 * so few wants bound the memory (32 × 1 MiB). `maxWantListSize` is the spelling that @helia/bitswap 4.0
 * reads, not the one of its types. Its time limits of 10 s are too short for 4 MiB over a slow uplink.
 */
const BITSWAP_LIMITS = {
  maxInboundStreams: 32,
  maxOutboundStreams: 32,
  maxWantListSize: 32,
  messageSendTimeout: 60_000,
  messageReceiveTimeout: 60_000,
} as const

/**
 * Starts Helia on a libp2p node that is running and stays its owner's: stopping the exchange leaves
 * the node alone. There is no router: blocks come from connected members only.
 * @param isServing asked for every block that a member wants
 */
export async function openExchange(
  blocks: DiskBlocks,
  libp2p: Libp2p<ServiceMap>,
  isServing: IsServing,
): Promise<Exchange> {
  const light = createHeliaLight({ blockstore: blocks })
  const all = light.blockstore
  Object.defineProperty(light, 'libp2p', { value: libp2p, enumerable: true })
  // Bitswap serves from the store that the node shows.
  Object.defineProperty(light, 'blockstore', { value: showServed(all, isServing), enumerable: true })
  const helia = withBitswap(light as typeof light & HeliaWithLibp2p<ServiceMap>, BITSWAP_LIMITS)
  await helia.start()
  return {
    async fetch(cid, signal) {
      const chunks: Uint8Array[] = []
      for await (const chunk of all.get(cid, { signal })) chunks.push(chunk)
      return chunks.length === 1 ? (chunks[0] ?? new Uint8Array()) : new Uint8Array(Buffer.concat(chunks))
    },
    [Symbol.asyncDispose]: async () => {
      await helia.stop()
    },
  }
}
