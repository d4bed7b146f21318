/**
 * - `RANGE_INVALID`: an index, size or count is no whole number in its range; correct the named field.
 * - `HASH_INVALID`: a hash is not 32 bytes; correct the named field.
 * - `LEAF_UNKNOWN`: the log has no leaf of that index at that size; ask for one it has.
 * - `STORE_DAMAGED`: a stored tile does not hash to what the log says; restore the store from a copy.
 * - `STORE_BEHIND`: the store holds less than its last checkpoint says; it was rolled back, restore it.
 * - `NOTE_MALFORMED`: not a signed note, checkpoint or key in the C2SP formats; get it again.
 * - `NOTE_UNSIGNED`: no known key has signed the note; name the key that should have, or do not trust it.
 * - `SIGNATURE_INVALID`: a signature by a known key is wrong; do not trust what it stands under.
 * - `RECEIPT_MALFORMED`: not a receipt, or not in its one canonical form; get it again.
 * - `RECEIPT_INCOMPLETE`: a receipt lacks what an export needs; use one with its salt, whose root is anchored.
 * - `EVENT_INVALID`: a field of an access event is missing or out of range; correct the named field.
 * - `BUNDLE_MALFORMED`: not an evidence bundle, or of an unknown version; get it again.
 */
export type ProofsErrorCode =
  | 'RANGE_INVALID'
  | 'HASH_INVALID'
  | 'LEAF_UNKNOWN'
  | 'STORE_DAMAGED'
  | 'STORE_BEHIND'
  | 'NOTE_MALFORMED'
  | 'NOTE_UNSIGNED'
  | 'SIGNATURE_INVALID'
  | 'RECEIPT_MALFORMED'
  | 'RECEIPT_INCOMPLETE'
  | 'EVENT_INVALID'
  | 'BUNDLE_MALFORMED'

/** What goes wrong with logs, receipts and bundles. Messages name the field and the remedy, never content. */
export class ProofsError extends Error {
  override readonly name = 'ProofsError'
  readonly code: ProofsErrorCode
  /** Small values that say where, such as `field`. */
  readonly details: Readonly<Record<string, string | number>>

  constructor(
    code: ProofsErrorCode,
    message: string,
    options: { readonly details?: Readonly<Record<string, string | number>>; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }
}
