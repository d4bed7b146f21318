import { createReadStream } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Hex, RequestId } from '@halo/consent'
import { parseAddress, parseBytes32, plainAccessRequest, statementOf } from '@halo/consent'
import { isCode, writePrivateFile } from '@halo/node'
import type { CatalogueEntry } from '@halo/ports'
import type { Collected, Proof, RecordSink, Verification } from '@halo/research'
import { verifyRecord } from '@halo/research'
import { encodeManifest, manifestSigner } from '@halo/vault'
import { CliError, unwritable } from './errors.ts'
import { jsonSafe } from './output.ts'

/** Files of a delivery, in a directory of its own until all are there. */
export interface DeliveryDir {
  /** Path of the record. */
  readonly record: string
  openSink(): Promise<RecordSink>
  /** Writes what the record can be verified with later. */
  writeManifest(id: RequestId, collected: Collected): Promise<void>
}

/** Names of the delivered record and of what it is verified with. */
export const DELIVERY_FILES = { record: 'delivered.ndjson', manifest: 'manifest.json' } as const

/** The files of a delivery that is written into a directory in which nobody else writes. */
export function openDeliveryDir(dir: string): DeliveryDir {
  const [record, manifest] = [join(dir, DELIVERY_FILES.record), join(dir, DELIVERY_FILES.manifest)]
  return {
    record,
    openSink: () => openFileSink(record),
    writeManifest: (id, collected) =>
      writing('The manifest', writePrivateFile(manifest, renderManifest(id, collected))),
  }
}

/** A record that is written anew whenever it is begun. */
async function openFileSink(path: string): Promise<RecordSink> {
  const file: FileHandle = await writing('The record', open(path, 'w', 0o600))
  return {
    write: (piece) => writing('The record', file.writeFile(piece)),
    async commit() {
      await writing('The record', file.sync())
      await file.close()
    },
    async discard() {
      await file.close().catch(() => undefined)
      await rm(path, { force: true })
    },
  }
}

function writing<T>(what: string, step: Promise<T>): Promise<T> {
  return step.catch((cause: unknown) => {
    throw unwritable(what, cause)
  })
}

function renderManifest(requestId: RequestId, collected: Collected): string {
  const { manifest, metadata, salt, verified, provenance, evidence } = collected
  const { request, entry, grant, deliveries } = evidence
  const content = {
    requestId,
    ...manifest.core,
    patient: manifestSigner(manifest),
    signature: manifest.signature,
    verified,
    provenance,
    metadata: metadataOrNull(metadata),
    proof: { manifest: encodeManifest(manifest, { withPlacement: false }), metadata, salt, entry },
    evidence: {
      request: plainAccessRequest(request),
      consent: { kind: 'Grant', statement: statementOf('Grant', request), signature: grant },
      deliveries,
    },
  }
  return `${JSON.stringify(content, jsonSafe, 2)}\n`
}

/** What the patient sealed with the record, where it is JSON; the proof holds its bytes in any case. */
function metadataOrNull(metadata: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(metadata))
  } catch {
    return null
  }
}

/** A proof as JSON: bytes are hex. An earlier version wrote no entry. */
interface PlainProof extends Readonly<Record<'manifest' | 'metadata' | 'salt', string>> {
  readonly entry: Readonly<Record<keyof CatalogueEntry, string>>
}

function entryOf({
  commitment,
  patient,
  descriptor,
  signature,
  receipt,
}: PlainProof['entry']): CatalogueEntry {
  return {
    commitment: parseBytes32(commitment),
    patient: parseAddress(patient),
    descriptor,
    signature: signature as Hex,
    receipt: fromHex(receipt),
  }
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'))
}

/** A file that is opened when the first piece is asked for, and closed with the last. @throws CliError `FILE_UNREADABLE` */
async function* readPieces(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path) as AsyncIterable<Uint8Array>
  } catch (cause) {
    throw new CliError(
      'FILE_UNREADABLE',
      `The record ${path} cannot be read. Name the directory that collect wrote.`,
      {
        cause,
      },
    )
  }
}

/** A finished delivery, to be verified again. @throws CliError `FILE_UNREADABLE` */
async function readDelivery(
  dir: string,
): Promise<{ readonly proof: Proof; readonly record: AsyncIterable<Uint8Array> }> {
  const path = join(dir, DELIVERY_FILES.manifest)
  try {
    const { proof } = JSON.parse(await readFile(path, 'utf8')) as { readonly proof: PlainProof }
    return {
      proof: {
        manifest: fromHex(proof.manifest),
        metadata: fromHex(proof.metadata),
        salt: fromHex(proof.salt),
        entry: entryOf(proof.entry),
      },
      record: readPieces(join(dir, DELIVERY_FILES.record)),
    }
  } catch (cause) {
    const what = isCode(cause, 'ENOENT')
      ? 'There is no delivery in'
      : 'There is no manifest that this version can read in'
    throw new CliError(
      'FILE_UNREADABLE',
      `${what} ${dir}. Name the directory that collect wrote, or collect again, with --force if need be.`,
      { cause },
    )
  }
}

/**
 * Checks a finished delivery as it lies on disk; without a ledger the anchor is not asked for.
 * @throws CliError `FILE_UNREADABLE`; ResearchError `RECORD_CHANGED`
 */
export async function verifyDelivery(
  dir: string,
  ledger: Parameters<typeof verifyRecord>[2],
): Promise<Verification & { readonly isGood: boolean }> {
  const { record, proof } = await readDelivery(dir)
  const found = await verifyRecord(record, proof, ledger)
  return {
    ...found,
    isGood: found.hash && found.signature && found.anchor !== false && found.provenance !== false,
  }
}
