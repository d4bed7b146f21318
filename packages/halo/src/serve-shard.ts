import { hexOf } from '@halo/consent'
import type { Caller, ShardQuery } from '@halo/ports'
import { RefusedError } from '@halo/ports'
import { authorise, isWithdrawn } from './authorise.ts'
import type { PeerContext } from './parts.ts'

/**
 * Serves one shard to another member that rebuilds a record: first the root block, so that every
 * unit can be checked, then the units from `fromUnit` on. Only for a request that this peer's own
 * reading of the chain allows, and only a shard that the patient's manifest places here.
 * @throws RefusedError `NOT_A_MEMBER`, `NOT_HELD`, or the reason of the rule that failed; the stream fails
 * with `SHARD_DAMAGED` when this peer's own disk has changed a block
 */
export async function serveShard(
  context: PeerContext,
  query: ShardQuery,
  caller: Caller,
): Promise<AsyncIterable<Uint8Array>> {
  if (!caller.isMember) throw new RefusedError('NOT_A_MEMBER')
  const { decision, manifest } = await authorise(context, query.requestId)
  if (!decision.allowed) throw new RefusedError(decision.reason)
  const isPlacedHere = manifest?.placement?.shards.some(
    (shard) => shard.peerId === context.peerId && hexOf(shard.id) === hexOf(query.id),
  )
  const entry = isPlacedHere === true ? await context.state.shard(query.id) : null
  if (entry === null) throw new RefusedError('NOT_HELD')
  return readUnits(context, entry, query, caller.signal)
}

async function* readUnits(
  context: PeerContext,
  entry: { readonly cid: string; readonly units: number },
  query: ShardQuery,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  using watch = context.cutOffs.watch(query.requestId, signal)
  // From here on a withdrawal cuts; one that came since the decision has to be looked for.
  if (await isWithdrawn(context, query.requestId)) throw new RefusedError('WITHDRAWN')
  yield await orDamaged(context.blocks.readRoot(entry.cid, { signal: watch.signal }))
  for (let index = query.fromUnit; index < entry.units; index++) {
    watch.signal.throwIfAborted()
    yield await orDamaged(context.blocks.readUnit(entry.cid, index, { signal: watch.signal }))
  }
}

/** A block that its disk has lost or changed is told as such: the one who rebuilds names this peer for it. */
async function orDamaged(block: Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await block
  } catch (cause) {
    const code = (cause as { readonly code?: unknown } | null)?.code
    if (code === 'BLOCK_DAMAGED') throw new RefusedError('SHARD_DAMAGED', { cause })
    if (code === 'BLOCK_NOT_HELD') throw new RefusedError('NOT_HELD', { cause })
    throw cause
  }
}
