import type { Address, RequestId } from '@halo/consent'
import { bytesOf } from '@halo/consent'
import type { Caller, CollectProof, ReleasedShare, RequestNotice } from '@halo/ports'
import { nowSec, RefusedError } from '@halo/ports'
import type { SignedManifest } from '@halo/vault'
import { isShareCommitted, openSealed, releasedShareContext, sealTo, storedShareContext } from '@halo/vault'
import { authorise, isWithdrawn } from './authorise.ts'
import type { PeerContext } from './parts.ts'
import { settleLater } from './settle.ts'
import { signerOf } from './signer.ts'

/** How far ahead a proof may be dated, in seconds; older or later ones are refused. */
const PROOF_WINDOW_SEC = 300

/** A request that this peer may serve to the researcher who proved to be its own. */
export interface Permit {
  readonly requestId: RequestId
  readonly notice: RequestNotice
  readonly manifest: SignedManifest
  /** Unix seconds after which access ends. */
  readonly accessUntilSec: number
}

/**
 * Decides whether the one who collects may be served.
 * @throws RefusedError with the reason of the rule that failed
 */
export async function permit(context: PeerContext, proof: CollectProof): Promise<Permit> {
  const { requestId } = proof
  const { decision, notice, manifest, accessUntilSec } = await authorise(context, requestId, {
    collector: collectorOf(context, proof),
  })
  if (!decision.allowed) throw new RefusedError(decision.reason)
  if (notice === null) throw new RefusedError('REQUEST_UNKNOWN')
  if (manifest?.placement == null) throw new RefusedError('MANIFEST_MISSING')
  return { requestId, notice, manifest, accessUntilSec }
}

function collectorOf(context: PeerContext, proof: CollectProof): Address | null {
  const now = nowSec(context.clock)
  if (proof.beforeSec < now || proof.beforeSec > now + PROOF_WINDOW_SEC) return null
  const message = { requestId: proof.requestId, peerId: context.peerId, beforeSec: proof.beforeSec }
  return signerOf(context, 'Collect', message, proof.signature)
}

/**
 * Opens this peer's key share, checks it against the commitment the patient signed, and seals it to
 * the researcher's key, for this request only. The share is in clear in this function alone.
 * @throws RefusedError with the reason of the rule that failed, `NOT_HELD`, `SHARE_DAMAGED`
 */
export async function releaseShare(
  context: PeerContext,
  proof: CollectProof,
  caller: Caller,
): Promise<ReleasedShare> {
  const allowed = await permit(context, proof)
  caller.signal.throwIfAborted()
  const { requestId, notice, manifest } = allowed
  const position = (manifest.placement?.shares ?? []).findIndex((share) => share.peerId === context.peerId)
  const place = manifest.placement?.shares[position]
  const stored = place === undefined ? null : await context.state.share(place.id)
  if (place === undefined || stored === null) throw new RefusedError('NOT_HELD')
  const index = position + 1
  const share = await openOwnShare(context, stored, place.id, bytesOf(notice.request.dataset))
  try {
    if (!(await isShareCommitted(index, share, manifest.core.commitments)))
      throw new RefusedError('SHARE_DAMAGED')
    const sealed = await sealTo(notice.kemPublicKey, share, releasedShareContext(bytesOf(requestId), index))
    if (await isWithdrawn(context, requestId)) throw new RefusedError('WITHDRAWN')
    const delivery = await context.keys.signDelivery(requestId)
    await context.state.addDelivery(requestId, delivery)
    context.log('info', 'share-released', { requestId })
    await settleLater(context, notice.request, requestId)
    return { index, sealed, delivery }
  } finally {
    share.fill(0)
  }
}

async function openOwnShare(
  context: PeerContext,
  stored: Uint8Array,
  id: Uint8Array,
  dataset: Uint8Array,
): Promise<Uint8Array> {
  try {
    return await openSealed(
      context.keys.kemSecretKey,
      stored,
      storedShareContext(context.peerId, id, dataset),
    )
  } catch (cause) {
    throw new RefusedError('SHARE_DAMAGED', { cause })
  }
}
