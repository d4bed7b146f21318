import { hexOf } from '@halo/consent'
import type { Caller, ShardDeposit, ShareDeposit, StorageReceipt } from '@halo/ports'
import { nowSec, RefusedError } from '@halo/ports'
import type { PeerContext } from './parts.ts'

/**
 * Takes one shard in and acknowledges it once it is on disk. The same bytes under the same id are
 * acknowledged again, so that a wallet may retry.
 * @throws RefusedError `STORE_CONFLICT`, `MALFORMED` when the sizes do not add up
 */
export async function acceptShard(
  context: PeerContext,
  deposit: ShardDeposit,
  caller: Caller,
): Promise<StorageReceipt> {
  const { blocks, state, clock } = context
  const stored = await blocks.putShard(deposit.units, { signal: caller.signal })
  const entry = { ...stored, storedAtSec: nowSec(clock) }
  const isWhole = stored.sizeBytes === deposit.sizeBytes
  if (!isWhole || !(await state.addShard(deposit.id, entry))) {
    const known = isWhole ? await state.shard(deposit.id) : null
    if (known?.cid !== stored.cid) {
      await blocks.deleteShard(stored.cid)
      throw new RefusedError(isWhole ? 'STORE_CONFLICT' : 'MALFORMED')
    }
  }
  context.log('info', 'shard-stored', { sizeBytes: stored.sizeBytes })
  return receiptFor(context, deposit.id, stored.cid, stored.sizeBytes)
}

/**
 * Takes one sealed key share in. It is not opened: it may be opened only for a request.
 * @throws RefusedError `STORE_CONFLICT`
 */
export async function acceptShare(context: PeerContext, deposit: ShareDeposit): Promise<StorageReceipt> {
  const { state } = context
  const digest = new Uint8Array(
    await crypto.subtle.digest('SHA-256', deposit.sealed as Uint8Array<ArrayBuffer>),
  )
  if (!(await state.addShare(deposit.id, deposit.sealed))) {
    const known = await state.share(deposit.id)
    if (known === null || hexOf(known) !== hexOf(deposit.sealed)) throw new RefusedError('STORE_CONFLICT')
  }
  context.log('info', 'share-stored', { sizeBytes: deposit.sealed.length })
  return receiptFor(context, deposit.id, `sha256:${hexOf(digest).slice(2)}`, deposit.sealed.length)
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
