import type { AccessRequest, Bytes32, DatasetId, PlainAccessRequest, RequestId, Terms } from '@halo/consent'
import {
  encodeTerms,
  explainReason,
  hexOf,
  parseAccessRequest,
  plainAccessRequest,
  type Reason,
  refusalByChain,
  requestIdOf,
  textHash,
} from '@halo/consent'
import type { CatalogueEntry, LedgerTx, RequestNotice } from '@halo/ports'
import { nowSec, RefusedError, reasonOf } from '@halo/ports'
import { createKemKeyPair, kemKeyHash } from '@halo/vault'
import { decode, encode } from '@ipld/dag-cbor'
import { ResearchError } from './errors.ts'
import type { ResearchContext } from './parts.ts'
import { searchOffers } from './search.ts'

/** What a researcher wants and what they offer for it. */
export interface Asking {
  readonly dataset: DatasetId
  readonly terms: Omit<Terms, 'version'>
  /** In the smallest unit. @defaultValue the price of the catalogue */
  readonly price?: bigint
  /** For the peer that relays the answer, in the smallest unit. @defaultValue 0n */
  readonly relayFee?: bigint
  /** How long the patient may take to answer. @defaultValue 604800, seven days */
  readonly answerWithinSec?: number
  /** How long the record may be collected after consent. @defaultValue 604800, seven days */
  readonly accessForSec?: number
}

/** A request this client made. The secret key opens what is delivered; it never leaves this client. */
export interface OwnRequest {
  readonly id: RequestId
  readonly request: AccessRequest
  /** The catalogue entry it was made for; null when an earlier version made it. */
  readonly entry: CatalogueEntry | null
  readonly terms: string
  readonly kemPublicKey: Uint8Array
  readonly kemSecretKey: Uint8Array
}

/** How a request stands. */
export interface RequestState {
  readonly id: RequestId
  readonly escrow: 'none' | 'open' | 'settled' | 'refunded'
  readonly consent: 'none' | 'granted' | 'declined' | 'revoked'
  /** Why nothing can be collected now, or null when it can. */
  readonly reason: Reason | null
  /** That reason in words. */
  readonly explanation: string | null
  readonly isRefundDue: boolean
  readonly answerBySec: number
  /** 0 until consent. */
  readonly accessUntilSec: number
}

/**
 * Makes a request: a fresh key pair is kept first, then price and fee go into escrow and the access
 * token is minted, then the peers are told.
 * @returns also how many peers took the notice; the others are told again when it is collected
 * @throws ResearchError `DATASET_NOT_FOUND`, `PRICE_TOO_LOW`; ConsentError for terms out of range;
 * what the writer throws
 */
export async function makeRequest(
  context: ResearchContext,
  asking: Asking,
): Promise<{ readonly request: OwnRequest; readonly tx: LedgerTx; readonly peers: number }> {
  const { own, entry } = await prepareRequest(context, asking)
  await keepRequest(context, own)
  const tx = await pay(context, own, entry.commitment)
  // It is paid: that nobody could be told of it yet is no failure of the request.
  const peers = await tellPeers(context, own).catch(() => 0)
  return { request: own, tx, peers }
}

/** Outcomes that leave open whether the payment is still on its way; then the key must stay. */
const UNCLEAR: readonly Reason[] = ['TIMED_OUT', 'CHAIN_UNREACHABLE', 'INTERNAL']

async function pay(context: ResearchContext, own: OwnRequest, commitment: Bytes32): Promise<LedgerTx> {
  try {
    return await context.writer.request(own.request, commitment)
  } catch (error) {
    const facts = UNCLEAR.includes(reasonOf(error))
      ? null
      : await context.ledger.facts(own.request).catch(() => null)
    if (facts?.escrow === 'none') await context.store.delete(`request/${own.id}`)
    throw error
  }
}

async function prepareRequest(
  context: ResearchContext,
  asking: Asking,
): Promise<{ readonly own: OwnRequest; readonly entry: CatalogueEntry }> {
  const [offer] = await searchOffers(context, { dataset: asking.dataset })
  if (offer === undefined)
    throw new ResearchError('DATASET_NOT_FOUND', 'No reachable peer offers this data set. Search again.')
  const price = asking.price ?? offer.descriptor.price
  if (price < offer.descriptor.price)
    throw new ResearchError(
      'PRICE_TOO_LOW',
      'The patient asks for more than this price. Offer the price of the catalogue.',
    )
  const terms = encodeTerms({ version: 1, ...asking.terms })
  const keys = await createKemKeyPair()
  const chainTimeSec = await context.ledger.chainTimeSec()
  const request: AccessRequest = {
    dataset: offer.dataset,
    patient: offer.patient,
    researcher: context.writer.account,
    recipientKeyHash: hexOf(kemKeyHash(keys.publicKey)) as Bytes32,
    termsHash: textHash(terms),
    currency: offer.descriptor.currency,
    price,
    relayFee: asking.relayFee ?? 0n,
    answerBySec: Math.max(chainTimeSec, nowSec(context.clock)) + (asking.answerWithinSec ?? 604_800),
    accessForSec: asking.accessForSec ?? 604_800,
    nonce: hexOf(crypto.getRandomValues(new Uint8Array(32))) as Bytes32,
  }
  const id = requestIdOf(request, context.ledger.deployment)
  const { entry } = offer
  const own = { id, request, entry, terms, kemPublicKey: keys.publicKey, kemSecretKey: keys.secretKey }
  return { own, entry }
}

/** Tells every active peer of a request; how many took it. May be repeated. */
export async function tellPeers(context: ResearchContext, own: OwnRequest): Promise<number> {
  const notice: RequestNotice = { request: own.request, kemPublicKey: own.kemPublicKey, terms: own.terms }
  const members = (await context.ledger.members()).filter((member) => member.isActive)
  const told = await Promise.allSettled(
    members.map((member) =>
      context.link.peer(member).notify(notice, { signal: AbortSignal.timeout(context.peerTimeoutMs) }),
    ),
  )
  return told.filter((reply) => reply.status === 'fulfilled').length
}

async function keepRequest(context: ResearchContext, own: OwnRequest): Promise<void> {
  await context.store.put(`request/${own.id}`, encode({ ...own, request: plainAccessRequest(own.request) }))
}

/** @throws ResearchError `REQUEST_NOT_FOUND` */
export async function findRequest(context: ResearchContext, id: RequestId): Promise<OwnRequest> {
  const bytes = await context.store.get(`request/${id}`)
  if (bytes === null)
    throw new ResearchError(
      'REQUEST_NOT_FOUND',
      'This client did not make such a request. List its requests.',
    )
  return toOwnRequest(bytes)
}

/** Every request this client made. */
export async function listRequests(context: ResearchContext): Promise<readonly OwnRequest[]> {
  return (await context.store.list('request/')).map((entry) => toOwnRequest(entry.value))
}

function toOwnRequest(bytes: Uint8Array): OwnRequest {
  const plain = decode<Omit<OwnRequest, 'request'> & { readonly request: PlainAccessRequest }>(bytes)
  return { ...plain, entry: plain.entry ?? null, request: parseAccessRequest(plain.request) }
}

/** How a request stands on chain, in codes and words. */
export async function stateOf(context: ResearchContext, own: OwnRequest): Promise<RequestState> {
  const facts = await context.ledger.facts(own.request)
  const nowAtSec = nowSec(context.clock)
  const reason = refusalByChain(own.request, facts, nowAtSec)
  const isOver = reason === 'DECLINED' || reason === 'WITHDRAWN' || reason === 'EXPIRED'
  return {
    id: own.id,
    escrow: facts.escrow,
    consent: facts.consent,
    reason,
    explanation: reason === null ? null : explainReason(reason),
    isRefundDue: facts.escrow === 'open' && isOver,
    answerBySec: own.request.answerBySec,
    accessUntilSec: facts.accessUntilSec,
  }
}

/**
 * Takes back what is due after refusal, expiry, withdrawal or missed delivery, and pays it out.
 * @throws RefusedError `NOT_ANSWERED` while nothing is due
 */
export async function refundRequest(
  context: ResearchContext,
  own: OwnRequest,
): Promise<{ readonly refund: LedgerTx | null; readonly payout: LedgerTx | null }> {
  const state = await stateOf(context, own)
  if (state.escrow === 'settled')
    throw new RefusedError('REQUEST_MISMATCH', { message: 'This request was delivered and paid.' })
  if (state.escrow === 'open' && !state.isRefundDue)
    throw new RefusedError(state.reason ?? 'NOT_ANSWERED', {
      message: 'Nothing is due yet: the request is open. Wait for the answer, or for its time to pass.',
    })
  const refund = state.escrow === 'open' ? await context.writer.refund(own.request) : null
  const { researcher, currency } = own.request
  const isOwed = (await context.ledger.creditOf(researcher, currency)) > 0n
  return { refund, payout: isOwed ? await context.writer.withdraw(researcher, currency) : null }
}
