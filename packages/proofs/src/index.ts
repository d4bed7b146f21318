/**
 * What shows, offline and to anyone, that something was recorded, when, and by whose leave: an append-only
 * log (RFC 9162), receipts, evidence bundles. Pure: no clock, no storage, no network; runs in Node and in
 * a browser.
 * @packageDocumentation
 */

export type { BatchProof } from './batch.ts'
export { verifyBatch } from './batch.ts'
export type { ChainpointAnchor, ChainpointOp, ChainpointV3, ChainpointV4 } from './chainpoint.ts'
export { exportChainpointV3, exportChainpointV4 } from './chainpoint.ts'
export { commitRecord, saltCommitment } from './commitment.ts'
export { verifyConsistency } from './consistency.ts'
export type { ProofsErrorCode } from './errors.ts'
export { ProofsError } from './errors.ts'
export { rootOfInclusion, verifyInclusion } from './inclusion.ts'
export type { LogId } from './origin.ts'
export { formatLogOrigin, parseLogOrigin } from './origin.ts'
export type { Receipt, ReceiptAnchor } from './receipt.ts'
export { checkpointNote } from './receipt.ts'
export type { ReceiptJson } from './receipt-json.ts'
export { parseReceiptJson, RECEIPT_TYPE, receiptToJson } from './receipt-json.ts'
export { decodeReceipt, encodeReceipt, MAX_RECEIPT_BYTES } from './receipt-wire.ts'
export type { MerkleTree } from './tree.ts'
export { buildTree } from './tree.ts'
export { EMPTY_ROOT, HASH_BYTES, hashLeaf, hashNode } from './tree-hash.ts'
export type { ConsistencyProof, InclusionProof } from './tree-proof.ts'
