/**
 * What a patient signs and when a peer may release: identifiers, the access request, EIP-712
 * messages and their plain-language statements, reason codes and the decision rule. Pure: no clock,
 * no chain, no storage; runs in Node and in a browser.
 *
 * @example
 * ```ts
 * import { decideRelease, explainReason } from '@halo/consent'
 * import type { ReleaseFacts } from '@halo/consent'
 *
 * export function answer(facts: ReleaseFacts): string {
 *   const decision = decideRelease(facts)
 *   return decision.allowed ? 'released' : explainReason(decision.reason)
 * }
 * ```
 * @packageDocumentation
 */
export type { ChainFacts, Decision, ReleaseFacts, ServiceFacts } from './decision.ts'
export { decideRelease, decideService, refusalByChain } from './decision.ts'
export type { Descriptor, Terms } from './descriptor.ts'
export { encodeDescriptor, encodeTerms, parseDescriptor, parseTerms, roundCount } from './descriptor.ts'
export type { ConsentErrorCode } from './errors.ts'
export { ConsentError } from './errors.ts'
export type { Address, Bytes32, DatasetId, Hex, RequestId } from './identifiers.ts'
export {
  bytesOf,
  datasetIdOf,
  hexOf,
  NATIVE_COIN,
  parseAddress,
  parseBytes32,
  parseDatasetId,
  parseRequestId,
} from './identifiers.ts'
export type { Reason } from './reasons.ts'
export { explainReason, isReason, REASONS } from './reasons.ts'
export type { AccessRequest, Deployment, PlainAccessRequest } from './request.ts'
export { parseAccessRequest, plainAccessRequest, requestIdOf, textHash } from './request.ts'
export { amountOf, durationOf, statementOf } from './statement.ts'
export type { AnswerKind, Messages, TypedData, TypedDataSigner } from './typed-data.ts'
export { messageDigest, recoverSigner, signMessage, TYPES, typedData } from './typed-data.ts'
