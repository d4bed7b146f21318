import type { Hex } from '@halo/proofs'
import { sha256 } from '@noble/hashes/sha2.js'
import { hexOf } from './hex.ts'

/** SHA-256 of bytes, to name a file by. */
export function hashBytes(bytes: Uint8Array): Hex {
  return hexOf(sha256(bytes))
}

/** Pieces of a file that are hashed as somebody else reads them. */
export interface HashedPieces {
  readonly pieces: AsyncIterable<Uint8Array>
  /** SHA-256 of the pieces that were read; once, at the end. */
  digest(): Hex
}

/** Hashes a file of any size while it is read for something else. */
export function hashInPassing(source: AsyncIterable<Uint8Array>): HashedPieces {
  const hash = sha256.create()
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for await (const piece of source) {
      hash.update(piece)
      yield piece
    }
  }
  return { pieces: pieces(), digest: () => hexOf(hash.digest()) }
}
