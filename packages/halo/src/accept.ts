import { hexOf } from '@halo/consent'
import type { Caller, ShardDeposit, ShareDeposit, StorageReceipt, StoredShard } from '@halo/ports'
import { nowSec, RefusedError } from '@halo/ports'
import type { PeerContext } from './parts.ts'

/**
 * Takes one shard in and acknowledges it once it is on disk. The same bytes under the same id are
 * acknowledged again, so that a wallet may retry.
 * @throws RefusedError `STORAGE_FULL`, `STORE_CONFLICT`, `MALFORMED` when the sizes do not add up
 */
export async function acceptShard(
  context: PeerContext,
  deposit: ShardDeposit,
  caller: Caller,
): Promise<StorageReceipt> {
  using _room = await context.room.reserve(deposit.sizeBytes)
  const units = exactly(deposit.units, deposit.sizeBytes)
  const stored = await context.blocks.putShard(units, { signal: caller.signal })
  await context.commits.run(() => commitShard(context, deposit.id, stored))
  context.log('info', 'shard-stored', { sizeBytes: stored.sizeBytes })
  return receiptFor(context, deposit.id, stored.cid, stored.sizeBytes)
}

/** Fails inside the store's own call when there is more or less than was announced, so that it cleans up. */
async function* exactly(units: AsyncIterable<Uint8Array>, sizeBytes: number): AsyncGenerator<Uint8Array> {
  let taken = 0
  for await (const unit of units) {
    taken += unit.length
    if (taken > sizeBytes) throw new RefusedError('MALFORMED')
    yield unit
  }
  if (taken !== sizeBytes) throw new RefusedError('MALFORMED')
}

/**
 * Writes down that a shard is held under an id. Runs alone: another deposit of the same bytes that
 * fails at the same time must not take the blocks away that this one is about to acknowledge.
 */
async function commitShard(context: PeerContext, id: Uint8Array, stored: StoredShard): Promise<void> {
  const { blocks, state, clock } = context
  if ((await blocks.describe(stored.cid)) === null) throw new RefusedError('BUSY')
  const entry = {
    cid: stored.cid,
    sizeBytes: stored.sizeBytes,
    units: stored.units,
    storedAtSec: nowSec(clock),
  }
  if (await state.addShard(id, entry)) return
  if ((await state.shard(id))?.cid === stored.cid) return
  if (!(await state.isShardNeeded(stored.cid))) await blocks.deleteShard(stored.cid)
  throw new RefusedError('STORE_CONFLICT')
}

/**
 * Takes one sealed key share in. It is not opened: it may be opened only for a request.
 * @throws RefusedError `STORAGE_FULL`, `STORE_CONFLICT`
 */
export async function acceptShare(context: PeerContext, deposit: ShareDeposit): Promise<StorageReceipt> {
  const { state } = context
  const digest = new Uint8Array(
    await crypto.subtle.digest('SHA-256', deposit.sealed as Uint8Array<ArrayBuffer>),
  )
  if (!(await isShareHeld(context, deposit))) {
    using room = await context.room.reserveShare(deposit.sealed.length)
    if (await state.addShare(deposit.id, deposit.sealed)) room.keep()
    else await isShareHeld(context, deposit)
  }
  context.log('info', 'share-stored', { sizeBytes: deposit.sealed.length })
  return receiptFor(context, deposit.id, `sha256:${hexOf(digest).slice(2)}`, deposit.sealed.length)
}

/** Whether these very bytes are held under the id. @throws RefusedError `STORE_CONFLICT` when others are */
async function isShareHeld(context: PeerContext, deposit: ShareDeposit): Promise<boolean> {
  const known = await context.state.share(deposit.id)
  if (known !== null && hexOf(known) !== hexOf(deposit.sealed)) throw new RefusedError('STORE_CONFLICT')
  return known !== null
}

function receiptFor(
  context: PeerContext,
  id: Uint8Array,
  content: string,
  sizeBytes: number,
): Promise<StorageReceipt> {
  const { clock, keys } = context
  return keys.signReceipt({ id, content, sizeBytes, storedAtSec: nowSec(clock) })
}
