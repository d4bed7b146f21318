/**
 * - `PROOF_EMPTY`: the file holds nothing; get it again.
 * - `PROOF_TOO_LARGE`: larger than any proof file; choose the right one.
 * - `PROOF_TRUNCATED`: the file ends in the middle; get it again.
 * - `PROOF_UNKNOWN`: neither an evidence bundle nor a receipt; choose the right one.
 * - `KNOWN_INVALID`: a block hash, operator's key or network file that somebody gave is not in its form, or of another Halo; correct it.
 * - `PAGE_MISSING`: the page was not built; run `npm run build`.
 */
export type VerifierErrorCode =
  | 'PROOF_EMPTY'
  | 'PROOF_TOO_LARGE'
  | 'PROOF_TRUNCATED'
  | 'PROOF_UNKNOWN'
  | 'KNOWN_INVALID'
  | 'PAGE_MISSING'

/** What cannot be checked at all. Messages are for whoever chose the file and quote nothing of it. */
export class VerifierError extends Error {
  override readonly name = 'VerifierError'
  readonly code: VerifierErrorCode

  constructor(code: VerifierErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
  }
}
