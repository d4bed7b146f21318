import type { Reason } from '@halo/consent'
import { bytesOf, refusalByChain, signMessage } from '@halo/consent'
import type { CollectProof, Delivery, Member, OnProgress, ReleasedShare } from '@halo/ports'
import { nowSec, RefusedError, reasonOf } from '@halo/ports'
import type { SignedManifest } from '@halo/vault'
import { combineKey, isShareCommitted, openRecord, openSealed, releasedShareContext } from '@halo/vault'
import type { ResearchContext } from './parts.ts'
import type { OwnRequest } from './request.ts'
import { tellPeers } from './request.ts'
import { checkManifest } from './verify.ts'

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
  readonly verified: { readonly hash: true; readonly signature: true; readonly anchor: true }
}

/** How a record is collected. */
export interface CollectOptions {
  readonly onProgress?: OnProgress
  readonly signal?: AbortSignal
}

/** Seconds for which a proof of who collects is good. */
const PROOF_SEC = 240

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
  if (reason !== null) throw new RefusedError(reason)
  await tellPeers(context, own)
  const members = (await context.ledger.members()).filter((member) => member.isActive)
  const liars = new Set<string>()
  let failure: unknown = new RefusedError('SHARDS_TOO_FEW', { details: { have: 0, peers: members.length } })
  for (const member of members) {
    options.signal?.throwIfAborted()
    try {
      return await collectFrom(context, own, member, members, liars, openSink, options)
    } catch (error) {
      failure = moreTelling(failure, error)
      if (isLie(error)) liars.add(member.peerId)
    }
  }
  throw failure
}

/** Reasons that say more than "this peer was not reachable" win. */
function moreTelling(old: unknown, next: unknown): unknown {
  const vague: readonly Reason[] = ['TIMED_OUT', 'INTERNAL', 'BUSY', 'MANIFEST_MISSING', 'SHARDS_TOO_FEW']
  return vague.includes(reasonOf(next)) && !vague.includes(reasonOf(old)) ? old : next
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
      'RECORD_MISMATCH',
      'MANIFEST_INVALID',
      'DELIVERY_FORGED',
    ].includes(code)
  )
}

async function collectFrom(
  context: ResearchContext,
  own: OwnRequest,
  member: Member,
  members: readonly Member[],
  liars: Set<string>,
  openSink: () => Promise<RecordSink>,
  options: CollectOptions,
): Promise<Collected> {
  const proof = await proveTo(context, own, member)
  const delivery = await context.link.peer(member).collect(proof, { signal: options.signal })
  const manifest = await checkManifest(context, own.request, delivery.manifest, member.peerId)
  const { key, releasedBy } = await gatherKey(context, own, manifest, members, liars, options)
  try {
    const opened = await openInto(delivery, key, manifest, await openSink(), options)
    return {
      ...opened,
      manifest,
      releasedBy,
      liars: [...liars],
      verified: { hash: true, signature: true, anchor: true },
    }
  } finally {
    key.fill(0)
  }
}

async function openInto(
  delivery: Delivery,
  dataKey: Uint8Array,
  manifest: SignedManifest,
  sink: RecordSink,
  options: CollectOptions,
): Promise<{ readonly metadata: Uint8Array; readonly salt: Uint8Array; readonly recordBytes: number }> {
  let done = 0
  try {
    const opening = openRecord(delivery.sealed, {
      dataKey,
      dataset: manifest.core.dataset,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })
    for await (const piece of opening.record) {
      await sink.write(piece)
      done += piece.length
      options.onProgress?.({ step: 'open', done, total: manifest.core.recordBytes, unit: 'bytes' })
    }
    const { salt, recordBytes } = await opening.verified
    const metadata = await opening.metadata
    await sink.commit()
    return { metadata, salt, recordBytes }
  } catch (error) {
    await sink.discard()
    throw error
  }
}

async function gatherKey(
  context: ResearchContext,
  own: OwnRequest,
  manifest: SignedManifest,
  members: readonly Member[],
  liars: Set<string>,
  options: CollectOptions,
): Promise<{ readonly key: Uint8Array; readonly releasedBy: readonly string[] }> {
  const { threshold, commitments } = manifest.core
  const replies = await Promise.allSettled(
    members.map((member) => askShare(context, own, manifest, member, options)),
  )
  const shares: { readonly index: number; readonly share: Uint8Array; readonly peerId: string }[] = []
  const reasons: Reason[] = []
  for (const reply of replies) {
    if (reply.status === 'rejected') {
      reasons.push(reasonOf(reply.reason))
      if (reasonOf(reply.reason) === 'SHARE_DAMAGED') liars.add(peerOf(reply.reason))
    } else if (!shares.some((known) => known.index === reply.value.index)) shares.push(reply.value)
  }
  if (shares.length < threshold) throw tooFewShares(shares.length, threshold, reasons, liars)
  try {
    return {
      key: await combineKey(shares, { threshold, commitments }),
      releasedBy: shares.map((share) => share.peerId),
    }
  } finally {
    for (const { share } of shares) share.fill(0)
  }
}

function tooFewShares(
  have: number,
  need: number,
  reasons: readonly Reason[],
  liars: ReadonlySet<string>,
): RefusedError {
  const because = [...new Set(reasons)].join(', ')
  return new RefusedError('SHARES_TOO_FEW', {
    message: `Only ${have} of ${need} key shares were released (${because}). Try again when more peers are up.`,
    details: { have, need, liars: liars.size },
  })
}

function peerOf(error: unknown): string {
  const peerId = (error as { readonly peerId?: unknown } | null)?.peerId
  return typeof peerId === 'string' ? peerId : 'unknown'
}

async function askShare(
  context: ResearchContext,
  own: OwnRequest,
  manifest: SignedManifest,
  member: Member,
  options: CollectOptions,
): Promise<{ readonly index: number; readonly share: Uint8Array; readonly peerId: string }> {
  const limits = [
    AbortSignal.timeout(context.peerTimeoutMs),
    ...(options.signal === undefined ? [] : [options.signal]),
  ]
  const proof = await proveTo(context, own, member)
  const released = await context.link.peer(member).release(proof, { signal: AbortSignal.any(limits) })
  const share = await openReleased(own, released, member.peerId)
  if (await isShareCommitted(released.index, share, manifest.core.commitments))
    return { index: released.index, share, peerId: member.peerId }
  throw new RefusedError('SHARE_DAMAGED', { peerId: member.peerId })
}

async function openReleased(own: OwnRequest, released: ReleasedShare, peerId: string): Promise<Uint8Array> {
  try {
    return await openSealed(
      own.kemSecretKey,
      released.sealed,
      releasedShareContext(bytesOf(own.id), released.index),
    )
  } catch (cause) {
    throw new RefusedError('SHARE_DAMAGED', { peerId, cause })
  }
}

async function proveTo(context: ResearchContext, own: OwnRequest, member: Member): Promise<CollectProof> {
  const beforeSec = nowSec(context.clock) + PROOF_SEC
  const message = { requestId: own.id, peerId: member.peerId, beforeSec }
  const signature = await signMessage(context.signer, 'Collect', message, context.ledger.deployment)
  return { requestId: own.id, beforeSec, signature }
}
