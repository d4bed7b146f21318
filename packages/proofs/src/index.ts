/**
 * What shows, offline and to anyone, that something was recorded, when, and by whose leave: an append-only
 * log (RFC 9162), receipts, evidence bundles. Pure: no clock, no storage, no network; runs in Node and in
 * a browser.
 * @packageDocumentation
 */
export { commitRecord, saltCommitment } from './commitment.ts'
export type { ProofsErrorCode } from './errors.ts'
export { ProofsError } from './errors.ts'
export type { LogId } from './origin.ts'
export { formatLogOrigin, parseLogOrigin } from './origin.ts'
export type { ConsistencyProof, InclusionProof } from './tree-proof.ts'
