import type { Hex, Reason } from '@halo/consent'
import { bytesOf, recoverSigner } from '@halo/consent'
import type { CollectProof, Member, ReleasedShare } from '@halo/ports'
import { RefusedError, reasonOf } from '@halo/ports'
import type { NumberedShare, SignedManifest } from '@halo/vault'
import { combineKey, isShareCommitted, openSealed, releasedShareContext } from '@halo/vault'
import type { ResearchContext } from './parts.ts'
import { proveTo } from './proof.ts'
import type { OwnRequest } from './request.ts'

/** Peers, by id, whose share could not be used. */
export interface ShareFaults {
  /** Gave a share that is not the one the patient committed to, or a delivery statement its operator did not sign. */
  readonly liars: Set<string>
  /** Said themselves that theirs is damaged. */
  readonly damaged: Set<string>
}

/** A share, and who released it. */
interface PeerShare extends NumberedShare {
  readonly peerId: string
  /** The operator's statement that it was released; null when it is not signed by that operator. */
  readonly delivery: Hex | null
}

/**
 * Asks every peer for its key share and combines the key. What cannot be used is left out, and its
 * peer is added to `faults`.
 * @returns the data key, 32 bytes, which the caller wipes
 * @throws RefusedError `SHARES_TOO_FEW`
 */
export async function gatherKey(
  context: ResearchContext,
  own: OwnRequest,
  manifest: SignedManifest,
  members: readonly Member[],
  faults: ShareFaults,
  signal: AbortSignal,
): Promise<{
  readonly key: Uint8Array
  readonly releasedBy: readonly string[]
  readonly deliveries: readonly Hex[]
}> {
  const { threshold, commitments } = manifest.core
  const asking = members.map((member) => askShare(context, own, manifest, member, faults, signal))
  const replies = await Promise.allSettled(asking)
  const given = replies.filter((reply) => reply.status === 'fulfilled').map((reply) => reply.value)
  const reasons = replies
    .filter((reply) => reply.status === 'rejected')
    .map((reply) => reasonOf(reply.reason))
  try {
    const shares = [...new Map(given.map((share) => [share.index, share])).values()]
    if (shares.length < threshold) throw tooFewShares(shares.length, threshold, reasons, faults)
    const key = await combineKey(shares, { threshold, commitments })
    const deliveries = shares.map(({ delivery }) => delivery).filter((delivery) => delivery !== null)
    return { key, releasedBy: shares.map((share) => share.peerId), deliveries }
  } finally {
    for (const { share } of given) share.fill(0)
  }
}

async function askShare(
  context: ResearchContext,
  own: OwnRequest,
  manifest: SignedManifest,
  member: Member,
  faults: ShareFaults,
  signal: AbortSignal,
): Promise<PeerShare> {
  const { peerId } = member
  const limited = AbortSignal.any([signal, AbortSignal.timeout(context.peerTimeoutMs)])
  const proof = await proveTo(context, own, member)
  const released = await askRelease(context, member, proof, faults, limited)
  const share = await openReleased(own, released)
  const delivery = deliveryBy(context, own, member, released)
  // The share counts all the same; without the statement its patient may go unpaid.
  if (delivery === null) faults.liars.add(peerId)
  if (share !== null && isShareCommitted(released.index, share, manifest.core.commitments))
    return { index: released.index, share, peerId, delivery }
  share?.fill(0)
  faults.liars.add(peerId)
  throw new RefusedError('SHARE_DAMAGED', { peerId })
}

function deliveryBy(
  { ledger }: ResearchContext,
  { id }: OwnRequest,
  { operator }: Member,
  { delivery }: ReleasedShare,
): Hex | null {
  try {
    return recoverSigner('Delivery', { requestId: id }, delivery, ledger.deployment) === operator
      ? delivery
      : null
  } catch {
    return null
  }
}

async function askRelease(
  context: ResearchContext,
  member: Member,
  proof: CollectProof,
  faults: ShareFaults,
  signal: AbortSignal,
): Promise<ReleasedShare> {
  try {
    return await context.link.peer(member).release(proof, { signal })
  } catch (error) {
    if (reasonOf(error) === 'SHARE_DAMAGED') faults.damaged.add(member.peerId)
    throw error
  }
}

async function openReleased(own: OwnRequest, released: ReleasedShare): Promise<Uint8Array | null> {
  try {
    const context = releasedShareContext(bytesOf(own.id), released.index)
    return await openSealed(own.kemSecretKey, released.sealed, context)
  } catch {
    return null
  }
}

function tooFewShares(
  have: number,
  need: number,
  reasons: readonly Reason[],
  { liars, damaged }: ShareFaults,
): RefusedError {
  const because = [...new Set(reasons)].join(', ')
  const faulty = [...liars, ...damaged]
  const remedy =
    faulty.length === 0
      ? 'Try again when more peers are up.'
      : `Tell the operators of ${faulty.join(', ')} that what they gave is not what they or the patient signed.`
  return new RefusedError('SHARES_TOO_FEW', {
    message: `Only ${have} of ${need} key shares were released (${because}). ${remedy}`,
    details: { have, need, faulty: faulty.join(' ') },
  })
}
