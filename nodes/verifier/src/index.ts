/**
 * Reads proof files and says of each part whether it holds, for the command line and for the one page that
 * does the same in a browser with no network.
 * @packageDocumentation
 */
export type { Basis, CheckedFile } from './basis.ts'
export { basisAsJson } from './basis.ts'
export type { CheckedProof, PartFinding, ProofPart } from './check.ts'
export { checkProof } from './check.ts'
export type { VerifierErrorCode } from './errors.ts'
export { VerifierError } from './errors.ts'
export type { HashedPieces } from './file-hash.ts'
export { hashBytes, hashInPassing } from './file-hash.ts'
export type { KnownTexts } from './known.ts'
export { parseKnown } from './known.ts'
export type { PartDetail } from './part-details.ts'
export { describePart } from './part-details.ts'
export { PART_TITLES, VERDICT_TITLES } from './part-words.ts'
export type { ProofFile } from './proof-file.ts'
export { MAX_PROOF_BYTES, readProofFile } from './proof-file.ts'
export { readPage } from './read-page.ts'
export { hashRecordFile } from './record-hash.ts'
