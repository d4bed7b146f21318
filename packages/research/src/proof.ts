import { signMessage } from '@halo/consent'
import type { CollectProof, Member } from '@halo/ports'
import { nowSec } from '@halo/ports'
import type { ResearchContext } from './parts.ts'
import type { OwnRequest } from './request.ts'

/** Seconds for which a proof of who collects is good; peers accept up to 300. */
const PROOF_SEC = 240

/** Proof to one peer, and to no other, that it is this researcher who collects. */
export async function proveTo(
  context: ResearchContext,
  own: OwnRequest,
  member: Member,
): Promise<CollectProof> {
  const beforeSec = nowSec(context.clock) + PROOF_SEC
  const message = { requestId: own.id, peerId: member.peerId, beforeSec }
  const signature = await signMessage(context.signer, 'Collect', message, context.ledger.deployment)
  return { requestId: own.id, beforeSec, signature }
}
