import type { AccessRequest, Hex } from '@halo/consent'
import { refusalByChain, statementOf } from '@halo/consent'
import type { Answer } from '@halo/ports'
import { nowSec, RefusedError } from '@halo/ports'
import { readManifest } from './manifest.ts'
import type { PeerContext } from './parts.ts'
import { relayAnswer } from './relay.ts'
import { signerOf } from './signer.ts'
import { isOver } from './sweep.ts'

/**
 * Takes a patient's answer in: checks that the owner of the data set signed it, keeps it, and sees
 * to it that it reaches the chain. A withdrawal takes effect here before the chain knows of it.
 * @returns hash of this peer's own relay, or null when another peer relays
 * @throws RefusedError `REQUEST_UNKNOWN`, `CONSENT_FORGED`, `MANIFEST_MISSING`, `MALFORMED`,
 * `MANIFEST_FORGED`, `MANIFEST_MISMATCH`, or why the request is over
 */
export async function takeAnswer(
  context: PeerContext,
  answer: Answer,
): Promise<{ readonly txHash: Hex | null }> {
  const { state, ledger } = context
  const { requestId, kind } = answer
  const request = (await state.request(requestId)) ?? (await ledger.findRequest(requestId))
  if (request === null) throw new RefusedError('REQUEST_UNKNOWN')
  assertSignedByOwner(context, answer, request)
  if (kind === 'Grant') {
    await assertNotOver(context, request)
    // Always, and first: this peer may have missed the notice, or forget it at this moment.
    await state.addGranted(requestId, request)
  }
  await state.addAnswer(requestId, { kind, signature: answer.signature, manifest: answer.manifest })
  context.log('info', 'answer-taken', { requestId, kind })
  if (kind === 'Revoke') context.cutOffs.cut(requestId)
  return { txHash: await relayAnswer(context, requestId, kind) }
}

/** A grant that is replayed when all is over must not leave its manifest here again. */
async function assertNotOver(context: PeerContext, request: AccessRequest): Promise<void> {
  const reason = refusalByChain(request, await context.ledger.facts(request), nowSec(context.clock))
  if (isOver(reason)) throw new RefusedError(reason)
}

/**
 * The chain took no request whose data set's id does not bind its patient; with a grant, the manifest has to
 * make that id again together with the address that signed it.
 */
function assertSignedByOwner(context: PeerContext, answer: Answer, request: AccessRequest): void {
  const message = { requestId: answer.requestId, statement: statementOf(answer.kind, request) }
  const signer = signerOf(context, answer.kind, message, answer.signature)
  if (signer !== request.patient) throw new RefusedError('CONSENT_FORGED')
  if (answer.kind === 'Grant') assertManifest(answer.manifest, request)
}

function assertManifest(bytes: Uint8Array | null, request: AccessRequest): void {
  if (bytes === null) throw new RefusedError('MANIFEST_MISSING')
  const read = readManifest(bytes)
  if (read === null) throw new RefusedError('MALFORMED')
  if (read.manifest.placement === null) throw new RefusedError('MANIFEST_MISSING')
  if (read.signer !== request.patient) throw new RefusedError('MANIFEST_FORGED')
  if (read.dataset !== request.dataset) throw new RefusedError('MANIFEST_MISMATCH')
}
