/**
 * - `BAD_IDENTIFIER`: a text is not the identifier its field asks for; correct the named field.
 * - `BAD_REQUEST`: a request has a value out of range; correct the named field.
 * - `BAD_SIGNATURE`: a signature is not 65 bytes in canonical form, or recovers to nobody; sign again.
 */
export type ConsentErrorCode = 'BAD_IDENTIFIER' | 'BAD_REQUEST' | 'BAD_SIGNATURE'

/** What went wrong with an identifier, a request or a signature; test `code`. */
export class ConsentError extends Error {
  override readonly name = 'ConsentError'
  readonly code: ConsentErrorCode
  readonly details: Readonly<Record<string, string | number>>

  constructor(
    code: ConsentErrorCode,
    message: string,
    options: { readonly details?: Readonly<Record<string, string | number>>; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }
}
