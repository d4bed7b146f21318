import type { AccessRequest, Hex, Reason } from '@halo/consent'
import { refusalByChain } from '@halo/consent'
import type { CatalogueEntry, Delivery, Member, OnProgress } from '@halo/ports'
import { checkEntry, nowSec, RefusedError, reasonOf } from '@halo/ports'
import type { SignedManifest } from '@halo/vault'
import { manifestSigner, openRecord } from '@halo/vault'
import { ResearchError } from './errors.ts'
import type { ShareFaults } from './gather-key.ts'
import { gatherKey } from './gather-key.ts'
import type { ResearchContext } from './parts.ts'
import { proveTo } from './proof.ts'
import { checkProvenance } from './provenance.ts'
import type { OwnRequest } from './request.ts'
import { tellPeers } from './request.ts'
import { checkGrant, checkManifest } from './verify.ts'

/** Where a delivered record goes. Nothing may be used before `commit`. */
export interface RecordSink {
  write(piece: Uint8Array): Promise<void>
  /** The record is whole and verified. */
  commit(): Promise<void>
  /** The record is not to be trusted: remove what was written. */
  discard(): Promise<void>
}

/** A delivered and verified record. */
export interface Collected {
  readonly manifest: SignedManifest
  /** What the patient sealed with the record. */
  readonly metadata: Uint8Array
  readonly salt: Uint8Array
  readonly recordBytes: number
  /** Peers that released a share. */
  readonly releasedBy: readonly string[]
  /** Peers that gave something that does not match what the patient signed. */
  readonly liars: readonly string[]
  /** Peers that said that the share they keep is damaged. */
  readonly damaged: readonly string[]
  readonly verified: { readonly hash: true; readonly signature: true; readonly anchor: true }
  /** What shows to others that this record was asked for, allowed and delivered. */
  readonly evidence: Evidence
  /** Whether the Provenance sealed with the record is the patient's, for these bytes; null when there is none. */
  readonly provenance: boolean | null
}

/** Signatures that came with a delivery; each was checked. */
export interface Evidence {
  readonly request: AccessRequest
  /** The catalogue entry the request was made for, with the receipt of the log it is in. */
  readonly entry: CatalogueEntry
  /** EIP-712 `Grant` by the patient, over the statement that follows from the request. */
  readonly grant: Hex
  /** EIP-712 `Delivery` of each operator whose share was released. */
  readonly deliveries: readonly Hex[]
}

/** How a record is collected. */
export interface CollectOptions {
  /**
   * Longest record that is taken, unpacked: a packed one can be a thousand times what is transferred.
   * @defaultValue 4294967296
   */
  readonly maxRecordBytes?: number
  readonly onProgress?: OnProgress
  readonly signal?: AbortSignal
}

/**
 * Collects a record: asks peers for the rebuilt bytes and for their key shares, combines the key
 * here and nowhere else, opens the record into `sink` and verifies it against the patient's
 * signature and the anchor. A peer that fails or lies is left for the next one.
 * @throws RefusedError with the reason of chain or peers; ResearchError `DELIVERY_FORGED`
 */
export async function collectRecord(
  context: ResearchContext,
  own: OwnRequest,
  openSink: () => Promise<RecordSink>,
  options: CollectOptions = {},
): Promise<Collected> {
  const facts = await context.ledger.facts(own.request)
  const reason = refusalByChain(own.request, facts, nowSec(context.clock))
  // Peers that were down when the request was made hear of it now, the patient through them.
  if (reason === null || reason === 'NOT_ANSWERED') await tellPeers(context, own)
  if (reason !== null) throw new RefusedError(reason)
  const entry = await findEntry(context, own)
  const members = (await context.ledger.members()).filter((member) => member.isActive)
  const faults: ShareFaults = { liars: new Set(), damaged: new Set() }
  let failure: unknown = null
  for (const member of members) {
    options.signal?.throwIfAborted()
    try {
      return await collectFrom(context, own, entry, member, members, faults, openSink, options)
    } catch (error) {
      if (error instanceof SinkFailure) throw error.cause
      if (error instanceof ResearchError && error.code === 'DELIVERY_TOO_LARGE') throw error
      failure = moreTelling(failure, error)
      if (isLie(error)) faults.liars.add(member.peerId)
    }
  }
  throw failure ?? new RefusedError('SHARDS_TOO_FEW', { details: { have: 0, peers: members.length } })
}

/** A rule's refusal says more than a lie, and a lie more than "this peer was not reachable". */
function moreTelling(old: unknown, next: unknown): unknown {
  return tellingness(next) >= tellingness(old) ? next : old
}

function tellingness(error: unknown): number {
  const vague: readonly Reason[] = ['TIMED_OUT', 'INTERNAL', 'BUSY', 'MANIFEST_MISSING']
  const counting: readonly Reason[] = ['SHARDS_TOO_FEW', 'SHARES_TOO_FEW']
  if (isLie(error) || counting.includes(reasonOf(error))) return 1
  return vague.includes(reasonOf(error)) ? 0 : 2
}

function isLie(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | null)?.code
  return (
    typeof code === 'string' &&
    [
      'CHUNK_FORGED',
      'HEADER_INVALID',
      'SEALED_TRUNCATED',
      'SEALED_TRAILING',
      'ENVELOPE_INVALID',
      'RECORD_MISMATCH',
      'MANIFEST_INVALID',
      'DELIVERY_FORGED',
    ].includes(code)
  )
}

async function collectFrom(
  context: ResearchContext,
  own: OwnRequest,
  entry: CatalogueEntry,
  member: Member,
  members: readonly Member[],
  faults: ShareFaults,
  openSink: () => Promise<RecordSink>,
  options: CollectOptions,
): Promise<Collected> {
  // A delivery that is not read to its end keeps the peer sending: leaving tells it to stop.
  const leaving = new AbortController()
  const signal = AbortSignal.any([leaving.signal, ...(options.signal === undefined ? [] : [options.signal])])
  let key: Uint8Array | null = null
  try {
    const delivery = await askDelivery(context, own, member, leaving, signal)
    const { grant } = delivery
    const manifest = checkManifest(own.request, delivery.manifest, member.peerId)
    checkGrant(context, own.request, grant, member.peerId)
    checkSize(manifest, options)
    const begun = await beginReading(delivery)
    const gathered = await gatherKey(context, own, manifest, members, faults, signal)
    key = gathered.key
    const opened = await openInto(begun, key, manifest, openSink, { ...options, signal })
    return {
      ...opened,
      manifest,
      releasedBy: gathered.releasedBy,
      liars: [...faults.liars],
      damaged: [...faults.damaged],
      verified: { hash: true, signature: true, anchor: true },
      evidence: { request: own.request, entry, grant, deliveries: gathered.deliveries },
    }
  } finally {
    key?.fill(0)
    leaving.abort(new DOMException('Nothing more is read.', 'AbortError'))
  }
}

/**
 * The catalogue entry of a request, if the chain still holds the root of the log it is in.
 * @throws RefusedError `DATASET_UNKNOWN`; ResearchError `REQUEST_NOT_FOUND`
 */
async function findEntry({ ledger }: ResearchContext, { entry }: OwnRequest): Promise<CatalogueEntry> {
  if (entry === null)
    throw new ResearchError(
      'REQUEST_NOT_FOUND',
      'An earlier version made this request, without what verifies its record. Make it again.',
    )
  const checked = checkEntry(entry, ledger.deployment, await ledger.members())
  const anchor =
    checked === null ? null : await ledger.rootAnchor(checked.operator, checked.receipt.size, checked.root)
  if (anchor === null) throw new RefusedError('DATASET_UNKNOWN')
  return entry
}

/** Before a key share is asked for, which counts as delivered. */
function checkSize({ core }: SignedManifest, { maxRecordBytes = 2 ** 32 }: CollectOptions): void {
  if (core.recordBytes <= maxRecordBytes) return
  throw new ResearchError(
    'DELIVERY_TOO_LARGE',
    'The record is longer than is taken. Nothing of it was fetched; collect it with a higher maxRecordBytes (--max-mib).',
    { details: { maxRecordBytes } },
  )
}

/** The manifest has to come within the patience for one call; the bytes after it take as long as they take. */
async function askDelivery(
  context: ResearchContext,
  own: OwnRequest,
  member: Member,
  leaving: AbortController,
  signal: AbortSignal,
): Promise<Delivery> {
  const late = new RefusedError('TIMED_OUT', { peerId: member.peerId })
  const timer = setTimeout(() => leaving.abort(late), context.peerTimeoutMs)
  try {
    return await context.link.peer(member).collect(await proveTo(context, own, member), { signal })
  } finally {
    clearTimeout(timer)
  }
}

/** What went wrong on this side: no other peer can help. */
class SinkFailure extends Error {
  override readonly name = 'SinkFailure'
}

async function orSinkFailure<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    throw new SinkFailure('The record cannot be written.', { cause })
  }
}

/** What is read of a delivery before any key share is asked for: as much as a phone can hold. */
const READ_AHEAD_BYTES = 4 << 20

/**
 * Reads the beginning of a delivery. Peers count a share they release as delivered, which pays the
 * patient: so first there has to be something to open.
 */
async function beginReading({ sealed }: Delivery): Promise<AsyncIterable<Uint8Array>> {
  const pieces = sealed[Symbol.asyncIterator]()
  const ahead: Uint8Array[] = []
  let bytes = 0
  let isDone = false
  while (bytes < READ_AHEAD_BYTES && !isDone) {
    const next = await pieces.next()
    if (next.done === true) isDone = true
    else {
      ahead.push(next.value)
      bytes += next.value.length
    }
  }
  return goOn(ahead, isDone ? null : pieces)
}

async function* goOn(
  ahead: Uint8Array[],
  rest: AsyncIterator<Uint8Array> | null,
): AsyncGenerator<Uint8Array> {
  try {
    for (let piece = ahead.shift(); piece !== undefined; piece = ahead.shift()) yield piece
    for (let next = await rest?.next(); next !== undefined && next.done !== true; next = await rest?.next())
      yield next.value
  } finally {
    await rest?.return?.()
  }
}

async function openInto(
  sealed: AsyncIterable<Uint8Array>,
  dataKey: Uint8Array,
  manifest: SignedManifest,
  openSink: () => Promise<RecordSink>,
  options: CollectOptions & { readonly signal: AbortSignal },
): Promise<Pick<Collected, 'metadata' | 'salt' | 'recordBytes' | 'provenance'>> {
  const { commitment, sealedBytes, recordBytes } = manifest.core
  const sink = await orSinkFailure(openSink())
  let done = 0
  try {
    const { signal } = options
    const opening = openRecord(sealed, { dataKey, commitment, sealedBytes, recordBytes, signal })
    const metadata = await opening.metadata
    const provenance = checkProvenance(metadata, manifestSigner(manifest))
    for await (const piece of opening.record) {
      provenance.update(piece)
      await orSinkFailure(sink.write(piece))
      done += piece.length
      options.onProgress?.({ step: 'open', done, total: recordBytes, unit: 'bytes' })
    }
    const { salt } = await opening.verified
    await orSinkFailure(sink.commit())
    return { metadata, salt, recordBytes: done, provenance: provenance.verdict() }
  } catch (error) {
    await sink.discard()
    throw error
  }
}
