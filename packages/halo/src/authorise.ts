import type { AccessRequest, Address, Bytes32, Decision, Hex, RequestId, ServiceFacts } from '@halo/consent'
import { decideRelease, decideService, hexOf, statementOf } from '@halo/consent'
import type { RequestNotice } from '@halo/ports'
import { nowSec } from '@halo/ports'
import type { SignedManifest } from '@halo/vault'
import { kemKeyHash } from '@halo/vault'
import { readManifest } from './manifest.ts'
import type { PeerContext } from './parts.ts'
import { signerOf } from './signer.ts'
import type { StoredAnswer } from './state.ts'

/** What a peer found when it looked a request up, and what it decided. */
export interface Authorisation {
  readonly decision: Decision
  readonly notice: RequestNotice | null
  readonly manifest: SignedManifest | null
  /** Unix seconds after which access ends; 0 while there is no consent. */
  readonly accessUntilSec: number
}

/**
 * Looks a request up on this peer's own chain connection, checks the patient's signatures by itself
 * and decides whether this peer may work for it. Nobody's word is taken.
 * @param collecting who proved to collect, where something is to be handed to a researcher
 */
export async function authorise(
  context: PeerContext,
  requestId: RequestId,
  collecting?: { readonly collector: Address | null },
): Promise<Authorisation> {
  const { ledger, state } = context
  const notice = await state.notice(requestId)
  const request = notice?.request ?? (await state.request(requestId)) ?? (await ledger.findRequest(requestId))
  if (request === null) return refused('REQUEST_UNKNOWN')
  const chain = await ledger.facts(request)
  // After the chain was read, which may take seconds: a withdrawal that came meanwhile counts.
  if (await isWithdrawn(context, requestId)) return refused('WITHDRAWN')
  const grant = await state.answer(requestId, 'Grant')
  const read = grant?.manifest == null ? null : readManifest(grant.manifest)
  const facts: ServiceFacts = {
    request,
    chain,
    grantSigner: grant === null ? null : grantSigner(context, requestId, request, grant),
    manifestSigner: read?.signer ?? null,
    manifestDataset: read?.dataset ?? null,
    recipientKeyHash:
      notice === null ? request.recipientKeyHash : (hexOf(kemKeyHash(notice.kemPublicKey)) as Bytes32),
    requiredConfirmations: context.confirmations,
    nowSec: nowSec(context.clock),
  }
  const decision =
    collecting === undefined ? decideService(facts) : decideRelease({ ...facts, ...collecting })
  const { accessUntilSec } = chain
  const manifest = read?.manifest ?? null
  return { decision: missingBeforeForged(decision, grant), notice, manifest, accessUntilSec }
}

/** Whether this peer has taken a withdrawal, which the chain may not show yet. */
export async function isWithdrawn(
  context: Pick<PeerContext, 'state'>,
  requestId: RequestId,
): Promise<boolean> {
  return (await context.state.answer(requestId, 'Revoke')) !== null
}

/** A peer that was down when the patient answered has no signature to check: say so, not "forged". */
function missingBeforeForged(decision: Decision, grant: StoredAnswer | null): Decision {
  const isUnsigned = !decision.allowed && decision.reason === 'CONSENT_FORGED' && grant === null
  return isUnsigned ? { allowed: false, reason: 'MANIFEST_MISSING' } : decision
}

function refused(reason: 'REQUEST_UNKNOWN' | 'WITHDRAWN'): Authorisation {
  return { decision: { allowed: false, reason }, notice: null, manifest: null, accessUntilSec: 0 }
}

function grantSigner(
  context: PeerContext,
  requestId: RequestId,
  request: AccessRequest,
  grant: { readonly signature: Hex },
): Address | null {
  const message = { requestId, statement: statementOf('Grant', request) }
  return signerOf(context, 'Grant', message, grant.signature)
}
