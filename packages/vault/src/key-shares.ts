import { sha256 } from '@noble/hashes/sha2.js'
import { combine, split } from 'shamir-secret-sharing'
import { areEqual, concatBytes, copyBytes, domainTag } from './bytes.ts'
import { VaultError } from './errors.ts'

/** Length of a share of a 32-byte key: one byte more, the point at which the polynomial was taken. */
export const SHARE_BYTES = 33

/** A data key in shares; share number i is `shares[i - 1]`. */
export interface KeySplit {
  /** n shares, 33 bytes each; the caller owns and wipes them. */
  readonly shares: readonly Uint8Array[]
  /** n × 32 bytes, see {@link shareCommitment}; public, part of the manifest. */
  readonly commitments: readonly Uint8Array[]
}

/** One share with its number, from 1. */
export interface NumberedShare {
  readonly index: number
  /** 33 bytes. */
  readonly share: Uint8Array
}

/**
 * Splits a data key so that any `threshold` shares rebuild it and fewer tell nothing about it. A
 * threshold of 1 is refused: every holder alone would have the key.
 * @param dataKey 32 bytes; not changed
 * @throws VaultError `KEY_INVALID`, `SPLIT_INVALID`
 * @see Shamir, "How to share a secret" (1979); over GF(2^8) with the polynomial 0x11B
 */
export async function splitKey(
  dataKey: Uint8Array,
  options: { readonly shares: number; readonly threshold: number },
): Promise<KeySplit> {
  if (dataKey.length !== 32) throw new VaultError('KEY_INVALID', 'A data key is 32 bytes.')
  checkSplit(options.shares, options.threshold)
  const copy = copyBytes(dataKey)
  try {
    const shares = await split(copy, options.shares, options.threshold)
    return { shares, commitments: shares.map((share, at) => shareCommitment(at + 1, share)) }
  } finally {
    copy.fill(0)
  }
}

/**
 * Rebuilds a data key from shares that all match their commitments.
 * @returns 32 bytes that the caller owns and wipes; the shares stay unchanged
 * @throws VaultError `SHARE_DAMAGED` {index} names the first share that is not what was committed to,
 * `SHARE_DUPLICATE` {index}, `SHARES_TOO_FEW` {have, need}, `SPLIT_INVALID`
 */
export async function combineKey(
  shares: readonly NumberedShare[],
  options: { readonly threshold: number; readonly commitments: readonly Uint8Array[] },
): Promise<Uint8Array> {
  const { threshold, commitments } = options
  checkSplit(commitments.length, threshold)
  checkShares(shares, commitments)
  if (shares.length < threshold)
    throw new VaultError(
      'SHARES_TOO_FEW',
      `Only ${shares.length} of the ${threshold} shares needed are there.`,
      {
        details: { have: shares.length, need: threshold },
      },
    )
  const copies = shares.slice(0, threshold).map(({ share }) => copyBytes(share))
  try {
    return await combine(copies)
  } finally {
    for (const copy of copies) copy.fill(0)
  }
}

/** Whether a share is the one that was committed to under its number. */
export function isShareCommitted(
  index: number,
  share: Uint8Array,
  commitments: readonly Uint8Array[],
): boolean {
  const expected = commitments[index - 1]
  return (
    expected !== undefined &&
    share.length === SHARE_BYTES &&
    areEqual(shareCommitment(index, share), expected)
  )
}

/** SHA-256("halo/share/1\0" ‖ u8 index ‖ share). Hides the share, which is as random as the key. */
export function shareCommitment(index: number, share: Uint8Array): Uint8Array {
  return sha256(concatBytes(domainTag('halo/share/1'), Uint8Array.of(index), share))
}

function checkShares(shares: readonly NumberedShare[], commitments: readonly Uint8Array[]): void {
  const seen = new Set<number>()
  for (const { index, share } of shares) {
    if (seen.has(index))
      throw new VaultError('SHARE_DUPLICATE', `Share ${index} was given twice.`, { details: { index } })
    seen.add(index)
    if (!isShareCommitted(index, share, commitments))
      throw new VaultError('SHARE_DAMAGED', `Share ${index} is not the one that was committed to.`, {
        details: { index },
      })
  }
}

function checkSplit(shares: number, threshold: number): void {
  const isPossible = Number.isSafeInteger(shares) && Number.isSafeInteger(threshold)
  if (!isPossible || threshold < 2 || threshold > shares || shares > 255)
    throw new VaultError('SPLIT_INVALID', 'Shares and threshold must satisfy 2 ≤ threshold ≤ shares ≤ 255.', {
      details: { shares, threshold },
    })
}
