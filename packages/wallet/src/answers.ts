import type { AccessRequest, AnswerKind, ChainFacts, Hex, Reason, RequestId } from '@halo/consent'
import { explainReason, refusalByChain, requestIdOf, signMessage, statementOf } from '@halo/consent'
import type { Answer } from '@halo/ports'
import { nowSec } from '@halo/ports'
import { parseManifest } from '@halo/vault'
import { logAccess, organisationOf } from './access-log.ts'
import { WalletError } from './errors.ts'
import type { Holding } from './holdings.ts'
import { findHolding } from './holdings.ts'
import type { WalletContext } from './parts.ts'
import type { PendingRequest } from './requests.ts'
import { logRequest, pendingFor } from './requests.ts'
import { keepAnswer } from './signed-answers.ts'
import { untilTrue } from './until.ts'

/** What became of an answer. */
export interface Answered {
  readonly id: RequestId
  readonly kind: AnswerKind
  /** How many peers took the answer. */
  readonly peers: number
  readonly txHash: Hex | null
}

/**
 * Signs consent for a request that waits now, hands it with the manifest to the record's holders, and
 * returns once the chain shows it.
 * @throws WalletError `REQUEST_NOT_FOUND`, `ANSWER_NOT_TAKEN`, `REQUEST_CLOSED`
 */
export async function approveRequest(context: WalletContext, id: RequestId): Promise<Answered> {
  const { holding, pending } = await findPending(context, id)
  const answered = await sendAnswer(context, 'Grant', pending.request, holding)
  await logRequest(context, 'approved', pending)
  return answered
}

/** Declines a request that waits now; the researcher is told and refunded. @throws as {@link approveRequest} */
export async function declineRequest(context: WalletContext, id: RequestId): Promise<Answered> {
  const { holding, pending } = await findPending(context, id)
  const answered = await sendAnswer(context, 'Decline', pending.request, holding)
  await logRequest(context, 'declined', pending)
  return answered
}

/**
 * Withdraws a consent given earlier: peers stop at once, also running streams. A grant that is still on
 * its way to the chain is withdrawn too: peers refuse at once, and see to the chain once it can be told.
 * @throws WalletError `REQUEST_NOT_FOUND`, `REQUEST_CLOSED`, `ANSWER_NOT_TAKEN`
 */
export async function withdrawConsent(context: WalletContext, id: RequestId): Promise<Answered> {
  const { request, holding } = await findOwn(context, id)
  const facts = await context.ledger.facts(request)
  const isUnderWay = facts.consent === 'none' && (await context.store.get(`grant/${id}`)) !== null
  if (facts.consent !== 'granted' && !isUnderWay)
    throw closed(refusalByChain(request, facts, nowSec(context.clock)) ?? 'NOT_ANSWERED')
  const answered = await sendAnswer(context, 'Revoke', request, holding)
  await logAccess(context, {
    event: 'withdrawn',
    dataset: request.dataset,
    requestId: id,
    organisation: await organisationOf(context, id),
    reason: null,
  })
  return answered
}

/** The request as the chain has it, for a record of this wallet. */
async function findOwn(
  context: WalletContext,
  id: RequestId,
): Promise<{ readonly request: AccessRequest; readonly holding: Holding }> {
  const request = await context.ledger.findRequest(id)
  const holding = request === null ? null : await findHolding(context, request.dataset)
  if (request === null || holding === null) throw notFound()
  return { request, holding }
}

/** Asks the peers about this one data set only: they learn nothing new of the others. */
async function findPending(
  context: WalletContext,
  id: RequestId,
): Promise<{ readonly pending: PendingRequest; readonly holding: Holding }> {
  const { request, holding } = await findOwn(context, id)
  const pending = (await pendingFor(context, holding)).find((candidate) => candidate.id === id)
  if (pending !== undefined) return { pending, holding }
  const reason = refusalByChain(request, await context.ledger.facts(request), nowSec(context.clock))
  // It does wait, but nobody hands out terms and key that match it: what cannot be shown is not signed.
  throw reason === null || reason === 'NOT_ANSWERED' ? notFound() : closed(reason)
}

async function sendAnswer(
  context: WalletContext,
  kind: AnswerKind,
  request: AccessRequest,
  holding: Holding,
): Promise<Answered> {
  const { deployment } = context.ledger
  const requestId = requestIdOf(request, deployment)
  const message = { requestId, statement: statementOf(kind, request) }
  const signature = await signMessage(context.keyring.datasetKey(holding.keyIndex), kind, message, deployment)
  const answer: Answer = { kind, requestId, signature, manifest: kind === 'Grant' ? holding.manifest : null }
  await keepAnswer(context, { kind, request, statement: message.statement, signature })
  if (kind === 'Grant') await context.store.put(`grant/${requestId}`, new Uint8Array())
  const replies = await handToPeers(context, answer, holding)
  await untilTrue(
    context,
    async () => isAnswered(kind, (await context.ledger.facts(request)).consent),
    notTaken,
  )
  return {
    id: requestId,
    kind,
    peers: replies.length,
    txHash: replies.find((reply) => reply.txHash)?.txHash ?? null,
  }
}

/** A withdrawal of a grant that never reached the chain has nothing to wait for there. */
function isAnswered(kind: AnswerKind, consent: ChainFacts['consent']): boolean {
  if (kind === 'Revoke') return consent !== 'granted'
  return consent === (kind === 'Grant' ? 'granted' : 'declined')
}

/** A grant goes to the holders alone: it carries the manifest, which nobody else needs to see. */
async function handToPeers(
  context: WalletContext,
  answer: Answer,
  holding: Holding,
): Promise<readonly { readonly txHash: Hex | null }[]> {
  await using link = await context.openLink()
  const { placement } = parseManifest(holding.manifest)
  const holders = new Set(
    [...(placement?.shards ?? []), ...(placement?.shares ?? [])].map(({ peerId }) => peerId),
  )
  const members = (await context.ledger.members()).filter(
    ({ isActive, peerId }) => isActive && (answer.kind !== 'Grant' || holders.has(peerId)),
  )
  const signal = AbortSignal.timeout(context.chainTimeoutMs)
  const replies = await Promise.allSettled(
    members.map((member) => link.peer(member).answer(answer, { signal })),
  )
  const taken = replies.filter((reply) => reply.status === 'fulfilled').map((reply) => reply.value)
  if (taken.length === 0) throw notTaken(replies.find((reply) => reply.status === 'rejected')?.reason)
  return taken
}

function notFound(): WalletError {
  return new WalletError(
    'REQUEST_NOT_FOUND',
    'No such request waits for this wallet. List the requests again.',
  )
}

function closed(reason: Reason): WalletError {
  return new WalletError('REQUEST_CLOSED', explainReason(reason), { details: { reason } })
}

function notTaken(cause: unknown): WalletError {
  return new WalletError(
    'ANSWER_NOT_TAKEN',
    'The answer did not reach the chain in time. Check that peers are up and try again.',
    { cause },
  )
}
