import type { Address, Bytes32, DatasetId } from './identifiers.ts'
import type { Reason } from './reasons.ts'
import type { AccessRequest } from './request.ts'

/** How far a request has come, as one peer reads it from its own chain connection. */
export interface ChainFacts {
  /** `none` until the request is confirmed. */
  readonly escrow: 'none' | 'open' | 'settled' | 'refunded'
  readonly consent: 'none' | 'granted' | 'declined' | 'revoked'
  /** Unix seconds after which access ends; 0 while there is no consent. */
  readonly accessUntilSec: number
  /** Holder of the access token, or null when there is none. */
  readonly tokenOwner: Address | null
  /** Blocks on top of the consent, its own included. */
  readonly confirmations: number
  /** Unix seconds of the newest block. */
  readonly chainTimeSec: number
}

/** What a peer has checked by itself before it serves anything. Signers are recovered, never claimed. */
export interface ServiceFacts {
  /** As the chain has it, which took no request whose data set's id does not bind its patient. */
  readonly request: AccessRequest
  readonly chain: ChainFacts
  readonly grantSigner: Address | null
  readonly manifestSigner: Address | null
  readonly manifestDataset: DatasetId | null
  readonly recipientKeyHash: Bytes32
  readonly requiredConfirmations: number
  /** This peer's own clock, unix seconds. */
  readonly nowSec: number
}

/** What a peer has checked before it hands anything to a researcher. */
export interface ReleaseFacts extends ServiceFacts {
  /** Who proved to this peer that they collect, or null when the proof was bad or too old. */
  readonly collector: Address | null
}

/** The answer of a rule; absence of a rule denies. */
export type Decision = { readonly allowed: true } | { readonly allowed: false; readonly reason: Reason }

/** Why a request's chain state alone forbids release, or null if it does not. */
export function refusalByChain(request: AccessRequest, chain: ChainFacts, nowSec: number): Reason | null {
  const laterSec = Math.max(nowSec, chain.chainTimeSec)
  if (chain.escrow === 'none') return 'REQUEST_UNKNOWN'
  if (chain.consent === 'declined') return 'DECLINED'
  if (chain.consent === 'revoked') return 'WITHDRAWN'
  if (chain.consent === 'none' && laterSec > request.answerBySec) return 'EXPIRED'
  if (chain.escrow === 'refunded') return 'REQUEST_REFUNDED'
  if (chain.consent === 'none') return 'NOT_ANSWERED'
  if (laterSec > chain.accessUntilSec) return 'EXPIRED'
  if (chain.tokenOwner !== request.researcher) return 'TOKEN_NOT_HELD'
  return null
}

/**
 * Whether this peer may work for a request at all, such as serve a shard to another member.
 * Every condition must hold. The later of the peer's clock and the chain's time counts, so that
 * neither can be held back.
 */
export function decideService(facts: ServiceFacts): Decision {
  return decisionOf(refusalByChain(facts.request, facts.chain, facts.nowSec) ?? refusalByProof(facts))
}

/**
 * Whether this peer may release its key share, or the rebuilt bytes, to the one who collects. Shortly
 * before access ends it may not: the patient has to be paid for what is given, which takes a moment.
 */
export function decideRelease(facts: ReleaseFacts): Decision {
  const decision = decideService(facts)
  if (!decision.allowed) return decision
  if (isClosing(facts)) return decisionOf('EXPIRED')
  return decisionOf(facts.collector === facts.request.researcher ? null : 'COLLECTOR_FORGED')
}

/** Seconds before access ends in which nothing more is given, so that what was given can still be settled. */
const CLOSING_SEC = 120

function isClosing({ request, chain, nowSec }: ServiceFacts): boolean {
  const closingSec = Math.min(CLOSING_SEC, Math.floor(request.accessForSec / 4))
  return Math.max(nowSec, chain.chainTimeSec) > chain.accessUntilSec - closingSec
}

function decisionOf(reason: Reason | null): Decision {
  return reason === null ? { allowed: true } : { allowed: false, reason }
}

/**
 * The owner is the patient of the request: the manifest has to make its data set's id together with the
 * address that signed it, so that nobody else's signature can stand for the owner's.
 */
function refusalByProof(facts: ServiceFacts): Reason | null {
  const { request, chain } = facts
  const owner = request.patient
  if (chain.confirmations < facts.requiredConfirmations) return 'NOT_CONFIRMED'
  if (facts.grantSigner !== owner) return 'CONSENT_FORGED'
  if (facts.manifestSigner !== owner) return 'MANIFEST_FORGED'
  if (facts.manifestDataset !== request.dataset) return 'MANIFEST_MISMATCH'
  if (facts.recipientKeyHash !== request.recipientKeyHash) return 'KEY_MISMATCH'
  return null
}
