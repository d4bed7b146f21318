/**
 * Why a party does not get what it asked for. Each reason reaches the person concerned as
 * {@link explainReason} words it. The codes travel on the wire and in `--json`: add, never rename.
 */
export const REASONS = {
  REQUEST_UNKNOWN: 'No such request is on the chain yet. Check the request id, or wait for confirmations.',
  REQUEST_MISMATCH: 'What was sent does not match the request on the chain. Send the request as it was made.',
  REQUEST_REFUNDED:
    'The payment for this request was refunded, so it can no longer be served. Make a new request.',
  DATASET_UNKNOWN:
    'This data set is in no log whose root the chain holds. Check its id, or publish it again.',
  NOT_ANSWERED: 'The patient has not answered yet. Their phone may be offline; ask again later.',
  DECLINED: 'The patient declined this request. The price is refunded.',
  WITHDRAWN: 'The patient withdrew consent. Nothing more is released.',
  EXPIRED: 'The time allowed has passed, so the answer is no. Make a new request if you still need the data.',
  TOKEN_NOT_HELD: 'The access token of this request is not held by the one who asks.',
  NOT_CONFIRMED: 'The chain has not confirmed the consent deeply enough yet. Try again in a moment.',
  CONSENT_FORGED: 'The consent is not signed by the patient who owns this data set.',
  MANIFEST_FORGED: 'The manifest is not signed by the patient who owns this data set.',
  MANIFEST_MISMATCH: 'The manifest belongs to another data set.',
  MANIFEST_MISSING: 'This peer has not been handed the manifest for this request. Ask another peer.',
  KEY_MISMATCH:
    'The public key does not match the one bound to the request. Use the key the request was made with.',
  COLLECTOR_FORGED:
    'The proof of who collects is not signed by the researcher of this request, or is too old.',
  RECEIPT_FORGED:
    'The receipt does not show that this entry is in a log whose root the chain holds. Have the entry logged again.',
  NOT_A_MEMBER: 'Only peers in the registry may use this protocol.',
  NOT_HELD: 'This peer does not hold what was asked for.',
  SHARE_DAMAGED: 'This peer cannot open its key share, or the share does not match its commitment.',
  SHARD_DAMAGED: 'A shard does not match the hash the patient signed.',
  SHARDS_TOO_FEW: 'Too few shards are reachable to rebuild the record. Try again when more peers are up.',
  SHARES_TOO_FEW: 'Too few peers released their key share. Try again when more peers are up.',
  TOO_LARGE: 'The message is larger than this peer accepts.',
  MALFORMED: 'The message is not in the canonical form of this protocol.',
  BUSY: 'This peer is at its limit. Try again in a moment.',
  STORAGE_FULL: 'This peer has no room left for this. Use another peer, or ask its operator for more room.',
  STORE_CONFLICT: 'Something else is already stored under this id.',
  CHAIN_UNREACHABLE: 'This peer cannot reach the chain, so it releases nothing. Try again later.',
  CHAIN_REFUSED: 'The chain refused the transaction.',
  TIMED_OUT: 'The other side did not answer in time, which counts as no. Try again later.',
  INTERNAL: 'This peer failed. Its operator finds the cause in its log.',
} as const

/** One of the reason codes of {@link REASONS}. */
export type Reason = keyof typeof REASONS

/** True for a text that is a known reason code. */
export function isReason(text: unknown): text is Reason {
  return typeof text === 'string' && Object.hasOwn(REASONS, text)
}

/** The sentence a person reads for a reason: what it means and what they can do. */
export function explainReason(reason: Reason): string {
  return REASONS[reason]
}
