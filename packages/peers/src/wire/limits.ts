import { MAX_RECEIPT_BYTES } from '@halo/ports'

/** Sizes of what travels, in bytes unless their name says otherwise. A message beyond them is refused. */
export const WIRE_LIMITS = {
  /** One frame of a byte stream: a unit of a shard or its root, or a piece of a sealed record. */
  frameBytes: 1_048_576,
  /**
   * Smallest unit of a shard of several units: a smaller one takes as much of the receiver's disk, and a
   * file, all the same.
   */
  leastUnitBytes: 4096,
  /** Frames that a receiver lets be under way. */
  windowFrames: 3,
  /** An encoded manifest, with or without placement. */
  manifestBytes: 1_048_576,
  /** A catalogue entry's canonical JSON. */
  descriptorBytes: 4096,
  /** A receipt. */
  receiptBytes: MAX_RECEIPT_BYTES as number,
  /** The accepted terms. */
  termsBytes: 8192,
  /** A sealed key share. */
  sealedShareBytes: 4096,
  /** A signature: 65 of an account, more of a contract account or a passkey. */
  signatureBytes: 2048,
  /** Entries of one page of the catalogue. */
  catalogueEntries: 100,
  /** Data sets asked for at once. */
  pendingDatasets: 256,
  /** Requests handed out at once. */
  pendingNotices: 64,
} as const
