import { HaloError } from '@halo/ports'

/**
 * - `USAGE`: an option has a value that cannot be used; the message names it.
 * - `FILE_UNREADABLE`: a file named on the command line cannot be read or written.
 * - `FILE_EXISTS`: a file to be written is there already; name another one, or say that it may be replaced.
 * - `PROOF_BROKEN`: what a proof would be made of does not hold; collect or publish the record again.
 * - `NODE_FAILED`: a peer process of the local Halo did not start; its log says why.
 */
export type CliErrorCode = 'USAGE' | 'FILE_UNREADABLE' | 'FILE_EXISTS' | 'PROOF_BROKEN' | 'NODE_FAILED'

/** What went wrong around the command line; test `code`. */
export class CliError extends HaloError<CliErrorCode> {
  override readonly name = 'CliError'
}

/** What cannot be written to, by its name as the subject of a sentence. */
export function unwritable(what: string, cause: unknown): CliError {
  return new CliError(
    'FILE_UNREADABLE',
    `${what} cannot be written: no right to, or no space. Choose another with --out.`,
    { cause },
  )
}
