/**
 * What the caller did wrong:
 * - `OPTIONS_INVALID`: an option or argument is out of range; correct the named `field`.
 * - `KEY_INVALID`: a key has the wrong length; pass 32 bytes (data key, KEM secret) or 1216 (KEM public).
 * - `METADATA_TOO_LARGE`: metadata are over 64 KiB; shorten them.
 * - `RECORD_TOO_LARGE`: the record needs more than 2^32 chunks; choose larger chunks.
 * - `ALREADY_READ`: a stream is read a second time; seal or open again.
 * - `ABANDONED`: the reader stopped before the end, so there is no result.
 *
 * What is wrong with sealed bytes (never use what was read so far):
 * - `HEADER_INVALID`: not a sealed record of a known version; fetch it again from elsewhere.
 * - `CHUNK_FORGED`: chunk `index` is not what was sealed, or the key is wrong.
 * - `SEALED_TRUNCATED`: the end is missing.
 * - `SEALED_TRAILING`: something follows the end.
 * - `ENVELOPE_INVALID`: the sealed content does not begin with a canonical envelope; its maker is at fault.
 * - `PACKING_INVALID`: the sealed content does not unpack to what it announces; its maker is at fault.
 * - `RECORD_MISMATCH`: the record is not the one the patient committed to.
 *
 * Shards and shares:
 * - `SHAPE_INVALID`: an erasure shape or a unit does not fit; correct the named `field`.
 * - `SHARDS_TOO_FEW`: `have` of `need` units of one stripe could be read; try again when more peers are up.
 * - `ENGINE_FAILED`: the erasure engine refused its input; `status` is its own code.
 * - `SPLIT_INVALID`: shares or threshold are out of range (2 ≤ threshold ≤ shares ≤ 255).
 * - `SHARE_DAMAGED`: share `index` is not the one the patient committed to: its holder errs or lies.
 * - `SHARE_DUPLICATE`: share `index` was given twice.
 * - `SHARES_TOO_FEW`: `have` of `need` shares were given; ask more peers.
 * - `SEALED_SHARE_FORGED`: sealed bytes do not open with this key in this context.
 *
 * Manifest:
 * - `MANIFEST_INVALID`: the named `field` is missing, out of range or not canonical; do not use the manifest.
 */
export type VaultErrorCode =
  | 'OPTIONS_INVALID'
  | 'KEY_INVALID'
  | 'METADATA_TOO_LARGE'
  | 'RECORD_TOO_LARGE'
  | 'ALREADY_READ'
  | 'ABANDONED'
  | 'HEADER_INVALID'
  | 'CHUNK_FORGED'
  | 'SEALED_TRUNCATED'
  | 'SEALED_TRAILING'
  | 'ENVELOPE_INVALID'
  | 'PACKING_INVALID'
  | 'RECORD_MISMATCH'
  | 'SHAPE_INVALID'
  | 'SHARDS_TOO_FEW'
  | 'ENGINE_FAILED'
  | 'SPLIT_INVALID'
  | 'SHARE_DAMAGED'
  | 'SHARE_DUPLICATE'
  | 'SHARES_TOO_FEW'
  | 'SEALED_SHARE_FORGED'
  | 'MANIFEST_INVALID'

/** What went wrong in the vault; test `code`. Details are small scalars, never keys or content. */
export class VaultError extends Error {
  override readonly name = 'VaultError'
  readonly code: VaultErrorCode
  readonly details: Readonly<Record<string, string | number>>

  constructor(
    code: VaultErrorCode,
    message: string,
    options: { readonly details?: Readonly<Record<string, string | number>>; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }
}
