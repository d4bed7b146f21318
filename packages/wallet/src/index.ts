/**
 * The patient's use cases: import, publish, see and answer requests, withdraw, read the access log.
 * Keys, manifests and the log stay with the wallet; peers and chain see pairwise addresses only.
 *
 * @example
 * ```ts
 * import type { WalletParts } from '@halo/wallet'
 * import { openWallet } from '@halo/wallet'
 *
 * export async function refuseAll(parts: WalletParts): Promise<void> {
 *   const wallet = openWallet(parts)
 *   for (const request of await wallet.requests()) await wallet.decline(request.id)
 * }
 * ```
 * @packageDocumentation
 */
import type { RequestId } from '@halo/consent'
import type { AccessLogEntry } from './access-log.ts'
import { anchorHolding } from './anchor.ts'
import type { Answered } from './answers.ts'
import { approveRequest, declineRequest, withdrawConsent } from './answers.ts'
import { followRequests } from './follow.ts'
import type { Holding } from './holdings.ts'
import { listHoldings } from './holdings.ts'
import type { InboxRecord, RecordSummary } from './inbox.ts'
import { keepRecord, listInbox } from './inbox.ts'
import type { WalletContext, WalletOptions, WalletParts } from './parts.ts'
import type { Published, Publishing } from './publish.ts'
import { publishRecord } from './publish.ts'
import type { Offer } from './publish-kept.ts'
import { publishKept } from './publish-kept.ts'
import type { PendingRequest } from './requests.ts'
import { pendingRequests } from './requests.ts'
import type { SignedAnswer } from './signed-answers.ts'
import { listAnswers } from './signed-answers.ts'

export type { AccessLogEntry } from './access-log.ts'
export type { Answered } from './answers.ts'
export { encryptStore } from './encrypted-store.ts'
export type { WalletErrorCode } from './errors.ts'
export { WalletError } from './errors.ts'
export type { RecordSource } from './foresee.ts'
export type { Holding } from './holdings.ts'
export type { InboxRecord, RecordSummary } from './inbox.ts'
export type { DatasetKey, Keyring } from './keyring.ts'
export { createMnemonic, openKeyring } from './keyring.ts'
export type { WalletOptions, WalletParts } from './parts.ts'
export type { Published, Publishing } from './publish.ts'
export type { Offer } from './publish-kept.ts'
export type { PendingRequest } from './requests.ts'
export type { SignedAnswer } from './signed-answers.ts'

/** A patient's wallet. */
export interface Wallet {
  /** Keeps an imported record until it is published; the same bytes are kept once. */
  keep(
    bytes: Uint8Array,
    summary: RecordSummary,
    metadata: Uint8Array,
  ): Promise<{ readonly record: InboxRecord; readonly isNew: boolean }>
  inbox(): Promise<readonly InboxRecord[]>
  /** Seals and places a record that is not kept here, and has it logged. */
  publish(publishing: Publishing): Promise<Published>
  /**
   * Publishes a kept record and drops the kept copy. What was placed before but not logged is
   * logged as it was placed; `offer` counts only when nothing was.
   */
  publishKept(id: string, offer: Offer): Promise<Published>
  /** Has a stored record logged again after `ANCHOR_MISSING`, or listed again where it is not. */
  anchor(holding: Holding): Promise<void>
  holdings(): Promise<readonly Holding[]>
  requests(): Promise<readonly PendingRequest[]>
  approve(id: RequestId): Promise<Answered>
  decline(id: RequestId): Promise<Answered>
  withdraw(id: RequestId): Promise<Answered>
  /** Every answer that was signed here, with its request and its text: the patient's evidence. */
  answers(): Promise<readonly SignedAnswer[]>
  /** The access log, brought up to date with the chain; oldest first. */
  log(): Promise<readonly AccessLogEntry[]>
}

/** A wallet over its parts. */
export function openWallet(parts: WalletParts, options: WalletOptions = {}): Wallet {
  const context: WalletContext = { ...parts, chainTimeoutMs: 60_000, peerTimeoutMs: 10_000, ...options }
  return {
    keep: (bytes, summary, metadata) => keepRecord(context, bytes, summary, metadata),
    inbox: () => listInbox(context),
    publish: (publishing) => publishRecord(context, publishing),
    publishKept: (id, offer) => publishKept(context, id, offer),
    anchor: async (holding) => void (await anchorHolding(context, holding)),
    holdings: () => listHoldings(context),
    requests: () => pendingRequests(context),
    approve: (id) => approveRequest(context, id),
    decline: (id) => declineRequest(context, id),
    withdraw: (id) => withdrawConsent(context, id),
    answers: () => listAnswers(context),
    log: () => followRequests(context),
  }
}
