import type { Bytes32, DatasetId } from '@halo/consent'
import { decode, encode } from '@ipld/dag-cbor'
import type { WalletContext } from './parts.ts'

/** A record this wallet has published. The manifest is the only list of where its pieces are. */
export interface Holding {
  readonly dataset: DatasetId
  /** Of the record; on chain only as part of the data set's id. */
  readonly commitment: Bytes32
  /** Index of the data set's key. */
  readonly keyIndex: number
  /** Encoded signed manifest, placement included. */
  readonly manifest: Uint8Array
  /** Canonical JSON of the catalogue entry. */
  readonly descriptor: string
  readonly publishedAtSec: number
  /** Id of the kept record it was made from, or null: so that the same record is not published twice. */
  readonly recordId: string | null
}

/** Writes a holding down; durable when it returns. */
export async function addHolding(context: Pick<WalletContext, 'store'>, holding: Holding): Promise<void> {
  await context.store.put(`holding/${holding.dataset}`, encode(holding))
}

/** A published record, or null. */
export async function findHolding(
  context: Pick<WalletContext, 'store'>,
  dataset: DatasetId,
): Promise<Holding | null> {
  const bytes = await context.store.get(`holding/${dataset}`)
  return bytes === null ? null : decode<Holding>(bytes)
}

/** Gives a holding up: nobody can rely on it, and its pieces stay unreadable. */
export async function dropHolding(context: Pick<WalletContext, 'store'>, dataset: DatasetId): Promise<void> {
  await context.store.delete(`holding/${dataset}`)
}

/** Everything this wallet has published, oldest first. */
export async function listHoldings(context: Pick<WalletContext, 'store'>): Promise<readonly Holding[]> {
  const entries = await context.store.list('holding/')
  return entries
    .map((entry) => decode<Holding>(entry.value))
    .sort((a, b) => a.publishedAtSec - b.publishedAtSec)
}

/**
 * Takes the next key index; durable before it is used, so that no two data sets share an address even
 * when the wallet is killed in between.
 */
export async function takeKeyIndex(context: Pick<WalletContext, 'store'>): Promise<number> {
  for (;;) {
    const bytes = await context.store.get('counter/key')
    const index = bytes === null ? 0 : decode<number>(bytes)
    await context.store.put('counter/key', encode(index + 1))
    if (await context.store.putNew(`key-taken/${index}`, new Uint8Array())) return index
  }
}
