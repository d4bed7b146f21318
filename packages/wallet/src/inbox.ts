import { hexOf } from '@halo/consent'
import { nowSec } from '@halo/ports'
import { decode, encode } from '@ipld/dag-cbor'
import { WalletError } from './errors.ts'
import type { WalletContext } from './parts.ts'

/** What the catalogue will say of a record, apart from price and terms. */
export interface RecordSummary {
  readonly kind: string
  readonly format: string
  readonly readings: number
  /** Whole days between first and last reading. */
  readonly days: number
}

/** A record that was imported and waits to be published. */
export interface InboxRecord {
  /** SHA-256 of the record's bytes, hex, first 16 digits: the same file is imported once. */
  readonly id: string
  readonly summary: RecordSummary
  /** Sealed with the record; the researcher reads it. */
  readonly metadata: Uint8Array
  readonly sizeBytes: number
  readonly pieces: number
  readonly importedAtSec: number
}

const PIECE_BYTES = 1 << 20

/** Keeps a record, encrypted, until it is published. Importing the same bytes again changes nothing. */
export async function keepRecord(
  context: WalletContext,
  bytes: Uint8Array,
  summary: RecordSummary,
  metadata: Uint8Array,
): Promise<{ readonly record: InboxRecord; readonly isNew: boolean }> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>))
  const id = hexOf(digest.subarray(0, 8)).slice(2)
  const known = await context.store.get(`inbox/${id}`)
  if (known !== null) return { record: decode<InboxRecord>(known), isNew: false }
  const pieces = Math.ceil(bytes.length / PIECE_BYTES)
  for (let piece = 0; piece < pieces; piece++) {
    const part = bytes.subarray(piece * PIECE_BYTES, (piece + 1) * PIECE_BYTES)
    await context.store.put(`piece/${id}/${piece}`, part)
  }
  const record = {
    id,
    summary,
    metadata,
    sizeBytes: bytes.length,
    pieces,
    importedAtSec: nowSec(context.clock),
  }
  await context.store.put(`inbox/${id}`, encode(record))
  return { record, isNew: true }
}

/** Records that wait to be published, oldest first. */
export async function listInbox(context: WalletContext): Promise<readonly InboxRecord[]> {
  const entries = await context.store.list('inbox/')
  return entries
    .map((entry) => decode<InboxRecord>(entry.value))
    .sort((a, b) => a.importedAtSec - b.importedAtSec)
}

/** @throws WalletError `RECORD_NOT_FOUND` */
export async function findInboxRecord(context: WalletContext, id: string): Promise<InboxRecord> {
  const bytes = await context.store.get(`inbox/${id}`)
  if (bytes === null)
    throw new WalletError(
      'RECORD_NOT_FOUND',
      'No such record waits in this wallet. Import it, or list what waits.',
    )
  return decode<InboxRecord>(bytes)
}

/** The bytes of a kept record, piece by piece. */
export async function* readInboxRecord(
  context: WalletContext,
  record: InboxRecord,
): AsyncGenerator<Uint8Array> {
  for (let piece = 0; piece < record.pieces; piece++) {
    const part = await context.store.get(`piece/${record.id}/${piece}`)
    if (part === null)
      throw new WalletError('STATE_DAMAGED', 'A piece of this record is missing. Import the file again.')
    yield part
  }
}

/** Forgets a kept record once it is published. */
export async function dropInboxRecord(context: WalletContext, record: InboxRecord): Promise<void> {
  await context.store.delete(`inbox/${record.id}`)
  for (let piece = 0; piece < record.pieces; piece++)
    await context.store.delete(`piece/${record.id}/${piece}`)
}
