/**
 * What shows, offline and to anyone, that something was recorded, when, and by whose leave: an append-only
 * log (RFC 9162), receipts, evidence bundles. Pure: no clock, no storage, no network; runs in Node and in
 * a browser.
 *
 * @example
 * ```ts
 * import { parseEvidence, verifyEvidence } from '@halo/proofs'
 * import type { EvidenceFacts } from '@halo/proofs'
 *
 * export function explain(file: Uint8Array, facts: EvidenceFacts): string {
 *   const { because, parts } = verifyEvidence(parseEvidence(file), facts)
 *   const lines = parts.map((part) => `${part.part}: ${part.verdict}. ${part.because}`)
 *   return [because, ...lines].join('\n')
 * }
 * ```
 * @packageDocumentation
 */

export type { AccessEvent, SignedAccessEvent } from './access-event.ts'
export { commitLocation, recoverAccessEventSigner, signAccessEvent } from './access-event.ts'
export type { BatchProof } from './batch.ts'
export { verifyBatch } from './batch.ts'
export type { ChainpointAnchor, ChainpointOp, ChainpointV3, ChainpointV4 } from './chainpoint.ts'
export { exportChainpointV3, exportChainpointV4 } from './chainpoint.ts'
export type { Checkpoint, OpenedCheckpoint } from './checkpoint.ts'
export { formatCheckpoint, openCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.ts'
export { commitRecord, saltCommitment } from './commitment.ts'
export type { CompactRange } from './compact-range.ts'
export { createCompactRange } from './compact-range.ts'
export { verifyConsistency } from './consistency.ts'
export type { Cosigner } from './cosigner.ts'
export { createCosigner } from './cosigner.ts'
export type { Deletion, SignedDeletion } from './deletion.ts'
export { recoverDeletionSigner, signDeletion } from './deletion.ts'
export type { Hex, SigningDomain } from './eip712.ts'
export type { TypedDataSigner } from './eip712-signer.ts'
export { checksumAddress } from './eip712-signer.ts'
export type { ProofsErrorCode } from './errors.ts'
export { ProofsError } from './errors.ts'
export type {
  AccessEvidence,
  AnchorEvidence,
  AnswerKind,
  ConsentEvidence,
  Evidence,
  EvidenceDeployment,
  EvidencePart,
  EvidenceRequest,
  RecordEvidence,
  RecordOpening,
  SignedAnswer,
  SignedDelivery,
} from './evidence.ts'
export { EVIDENCE_PARTS } from './evidence.ts'
export type { AnchoredRoot, EvidenceFacts, EvidenceFinding, KnownOperator } from './evidence-context.ts'
export type { EvidenceReason } from './evidence-findings.ts'
export { EVIDENCE_TYPE, encodeEvidence, MAX_EVIDENCE_BYTES, parseEvidence } from './evidence-parse.ts'
export type { RecordCommitmentHash } from './evidence-record.ts'
export { startRecordCommitment } from './evidence-record.ts'
export type { ProvenAnchor } from './evidence-storage-proof.ts'
export { anchorSlot, proveAnchor } from './evidence-storage-proof.ts'
export type { EvidenceFindings } from './evidence-verify.ts'
export { verifyEvidence } from './evidence-verify.ts'
export type { Finding, Verdict } from './finding.ts'
export { timeText } from './finding.ts'
export { rootOfInclusion, verifyInclusion } from './inclusion.ts'
export { hasTooManyBrackets } from './json-form.ts'
export type { AppendResult, LogOptions, MerkleLog } from './log.ts'
export { openLog } from './log.ts'
export type { LogHead } from './log-head.ts'
export type { Note, NoteSignature } from './note.ts'
export { parseNote } from './note.ts'
export type { NoteAlgorithm, NoteVerifier } from './note-key.ts'
export { createNoteVerifier, formatVerifierKey, parseVerifierKey } from './note-key.ts'
export type { NoteSigner, OpenedNote, VerifiedSignature } from './note-signature.ts'
export { createNoteSigner, openNote, signNote } from './note-signature.ts'
export type { LogId } from './origin.ts'
export { formatLogOrigin, parseLogOrigin } from './origin.ts'
export type { Receipt, ReceiptAnchor } from './receipt.ts'
export { checkpointNote, createReceipt } from './receipt.ts'
export { receiptFactsOf } from './receipt-facts.ts'
export type { AnchorReason, CheckpointReason, InclusionReason } from './receipt-findings.ts'
export type { ReceiptJson } from './receipt-json.ts'
export { parseReceiptJson, parseReceiptText, RECEIPT_TYPE, receiptToJson } from './receipt-json.ts'
export type { ReceiptFacts, ReceiptFindings } from './receipt-verify.ts'
export { verifyReceipt } from './receipt-verify.ts'
export { decodeReceipt, encodeReceipt, MAX_RECEIPT_BYTES } from './receipt-wire.ts'
export type { JudgedSignature, SignatureStanding, TrimmedReceipt } from './signature-standing.ts'
export { judgeSignatures, trimSignatures } from './signature-standing.ts'
export type { Comparison, FollowResult, PrefixProof, SplitSide } from './split-view.ts'
export { compareCheckpoints, followCheckpoint } from './split-view.ts'
export type { TileStore } from './store.ts'
export { createMemoryStore } from './store.ts'
export { MAX_ENTRY_BYTES } from './tile-entries.ts'
export { formatTilePath } from './tile-path.ts'
export type { MerkleTree } from './tree.ts'
export { buildTree } from './tree.ts'
export { emptyRoot, HASH_BYTES, hashLeaf, hashNode } from './tree-hash.ts'
export type { ConsistencyProof, InclusionProof } from './tree-proof.ts'
