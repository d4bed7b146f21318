import { parseManifest } from '@halo/vault'
import { anchorHolding } from './anchor.ts'
import type { Holding } from './holdings.ts'
import { isLoggable, listHoldings } from './holdings.ts'
import { dropInboxRecord, findInboxRecord, readInboxRecord } from './inbox.ts'
import type { WalletContext } from './parts.ts'
import type { Published, Publishing } from './publish.ts'
import { publishRecord } from './publish.ts'

/** What a patient decides about a record that is kept here. */
export type Offer = Omit<Publishing, 'record' | 'recordBytes' | 'metadata' | 'recordId'>

/**
 * Publishes a kept record and drops the kept copy. A record that was placed in an earlier attempt is
 * only anchored, so that it is not sealed, stored and offered a second time; one that an earlier version placed
 * cannot be, and is passed over.
 * @throws WalletError `RECORD_NOT_FOUND`, and as `publishRecord`
 */
export async function publishKept(context: WalletContext, id: string, offer: Offer): Promise<Published> {
  const kept = await findInboxRecord(context, id)
  const placed = (await listHoldings(context)).find(
    (holding) => holding.recordId === id && isLoggable(holding),
  )
  const published =
    placed === undefined
      ? await publishRecord(context, {
          ...offer,
          record: () => readInboxRecord(context, kept),
          recordBytes: kept.sizeBytes,
          metadata: kept.metadata,
          recordId: id,
        })
      : await anchorPlaced(context, placed)
  await dropInboxRecord(context, kept)
  return published
}

async function anchorPlaced(context: WalletContext, holding: Holding): Promise<Published> {
  const startMs = context.clock.nowMs()
  const listed = await anchorHolding(context, holding)
  const { core, placement } = parseManifest(holding.manifest)
  return {
    ...listed,
    sealedBytes: core.sealedBytes,
    shards: placement?.shards.length ?? 0,
    peers: new Set(placement?.shards.map((shard) => shard.peerId)).size,
    threshold: core.threshold,
    steps: [{ name: 'anchor', ms: context.clock.nowMs() - startMs }],
  }
}
