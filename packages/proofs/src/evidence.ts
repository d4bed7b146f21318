import type { SignedAccessEvent } from './access-event.ts'
import type { SignedDeletion } from './deletion.ts'
import type { Hex } from './eip712.ts'
import type { Receipt } from './receipt.ts'

/**
 * Whatever there is to show of one data set: whose it is, that it was recorded and when, who was allowed to
 * have it, who had it, what was deleted. Each part may be missing. It holds no measurement, but texts that
 * the patient wrote and signed: hand it only to whom it is meant for.
 */
export interface Evidence {
  /** The contracts that all signatures are made for. */
  readonly deployment: EvidenceDeployment
  readonly record?: RecordEvidence
  /** Receipt of the record's entry in an operator's log. */
  readonly inclusion?: Receipt
  /** What shows, without asking a chain, that a block holds the receipt's root. */
  readonly anchor?: AnchorEvidence
  readonly consent?: ConsentEvidence
  readonly access?: AccessEvidence
  /** What operators say they deleted; 1 to {@link MAX_SIGNED_ITEMS}. */
  readonly deletion?: readonly SignedDeletion[]
}

/** The parts in the order in which one follows from another. */
export const EVIDENCE_PARTS = ['record', 'inclusion', 'anchor', 'consent', 'access', 'deletion'] as const
/** One part of the evidence. */
export type EvidencePart = (typeof EVIDENCE_PARTS)[number]

/** A Halo's contracts; addresses as EIP-55 has them. */
export interface EvidenceDeployment {
  /** EIP-155, below 2^53. */
  readonly chainId: number
  /** ConsentRegistry. */
  readonly consent: Hex
  readonly escrow: Hex
  /** The contract that records are signed for and that roots are anchored in. */
  readonly anchor: Hex
}

/** Whose record it is. */
export interface RecordEvidence {
  /** 32 bytes: SHA-256 of salt, metadata and content, as {@link startRecordCommitment} computes it. */
  readonly recordCommitment: Hex
  /** The patient's address for this data set. */
  readonly owner: Hex
  /** The catalogue entry, as it was signed; at most 8192 UTF-16 units. */
  readonly descriptor: string
  /** The owner's EIP-712 signature of `Anchor(bytes32 dataset,bytes32 descriptor)`, 65 bytes. */
  readonly signature: Hex
  /** What, together with the record's file, gives the commitment. Only for who may have the record. */
  readonly opening?: RecordOpening
}

/** What was sealed with a record's content. */
export interface RecordOpening {
  /** 32 bytes. */
  readonly salt: Hex
  /** At most 65 536 bytes. */
  readonly metadata: Hex
}

/** An EIP-1186 proof that the contract's storage holds the anchor, up to a block's hash. */
export interface AnchorEvidence {
  /** RLP of the block's header. */
  readonly blockHeader: Hex
  /** RLP of the nodes from the state's root to the contract. */
  readonly accountProof: readonly Hex[]
  /** RLP of the nodes from the contract's storage root to the anchor. */
  readonly storageProof: readonly Hex[]
}

/** A patient's possible answers to a request. */
export type AnswerKind = 'Grant' | 'Decline' | 'Revoke'

/** What was asked of the patient, and what they answered. */
export interface ConsentEvidence {
  readonly request: EvidenceRequest
  /** In this order: a grant, a refusal, a withdrawal, or a grant and its withdrawal. */
  readonly answers: readonly SignedAnswer[]
}

/** One answer. */
export interface SignedAnswer {
  readonly kind: AnswerKind
  /** The very words that the patient saw and signed. */
  readonly statement: string
  /** EIP-712, 65 bytes. */
  readonly signature: Hex
}

/** A request for access, as it is on chain; amounts are decimal texts, in the smallest unit. */
export interface EvidenceRequest {
  readonly dataset: Hex
  readonly patient: Hex
  readonly researcher: Hex
  readonly recipientKeyHash: Hex
  readonly termsHash: Hex
  readonly currency: Hex
  readonly price: string
  readonly relayFee: string
  readonly answerBySec: number
  readonly accessForSec: number
  readonly nonce: Hex
}

/** Who had the record. At least one item in one of the lists, at most {@link MAX_SIGNED_ITEMS} in each. */
export interface AccessEvidence {
  /** Operators' statements that they released their share of the key for this request. */
  readonly deliveries: readonly SignedDelivery[]
  readonly events: readonly SignedAccessEvent[]
}

/** An operator's EIP-712 signature of `Delivery(bytes32 requestId)`. */
export interface SignedDelivery {
  /** EIP-55. */
  readonly operator: Hex
  /** 65 bytes. */
  readonly signature: Hex
}

/** Most signatures in one list: a record has at most 255 holders. Three full lists take a core some 3 seconds. */
export const MAX_SIGNED_ITEMS = 256
