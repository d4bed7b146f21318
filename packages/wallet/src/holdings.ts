import type { Bytes32, DatasetId, Hex } from '@halo/consent'
import { decode, encode } from '@ipld/dag-cbor'
import type { WalletContext } from './parts.ts'

/** A record this wallet has published. The manifest is the only list of where its pieces are. */
export interface Holding {
  readonly dataset: DatasetId
  /** Of the record; part of the data set's id, and on chain as such once somebody asks for the data set. */
  readonly commitment: Bytes32
  /** Index of the data set's key. */
  readonly keyIndex: number
  /** Encoded signed manifest, placement included. */
  readonly manifest: Uint8Array
  /** Canonical JSON of the catalogue entry. */
  readonly descriptor: string
  /** EIP-712 `Anchor` over data set and catalogue entry; null when an earlier version published it. */
  readonly signature: Hex | null
  /** 32 random bytes that hide the entry's leaf in a log; null when an earlier version published it. */
  readonly salt: Uint8Array | null
  /** Encoded receipt of the member that logged the entry; null until one has. */
  readonly receipt: Uint8Array | null
  readonly publishedAtSec: number
  /** Id of the kept record it was made from, or null: so that the same record is not published twice. */
  readonly recordId: string | null
}

/** Writes a holding down; durable when it returns. */
export async function addHolding(context: Pick<WalletContext, 'store'>, holding: Holding): Promise<void> {
  await context.store.put(`holding/${holding.dataset}`, encode(holding))
}

/** An earlier version kept no signature, salt and receipt. */
function readHolding(bytes: Uint8Array): Holding {
  return { signature: null, salt: null, receipt: null, ...decode<Partial<Holding>>(bytes) } as Holding
}

/** Whether it can be logged: an earlier version kept no signature and no salt, and a key signs one entry only. */
export function isLoggable({ signature, salt }: Holding): boolean {
  return signature !== null && salt !== null
}

/** A published record, or null. */
export async function findHolding(
  context: Pick<WalletContext, 'store'>,
  dataset: DatasetId,
): Promise<Holding | null> {
  const bytes = await context.store.get(`holding/${dataset}`)
  return bytes === null ? null : readHolding(bytes)
}

/** Everything this wallet has published, oldest first. */
export async function listHoldings(context: Pick<WalletContext, 'store'>): Promise<readonly Holding[]> {
  const entries = await context.store.list('holding/')
  return entries.map((entry) => readHolding(entry.value)).sort((a, b) => a.publishedAtSec - b.publishedAtSec)
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
