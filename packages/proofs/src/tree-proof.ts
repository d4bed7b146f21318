/** That a leaf is in a tree (RFC 9162 §2.1.3). */
export interface InclusionProof {
  /** Of the leaf, from 0. */
  readonly index: number
  /** Leaves of the tree. */
  readonly size: number
  /** Sibling hashes from leaf to root, 32 bytes each. */
  readonly path: readonly Uint8Array[]
}

/** That one tree is the beginning of another (RFC 9162 §2.1.4). */
export interface ConsistencyProof {
  /** Leaves of the older tree. */
  readonly from: number
  /** Leaves of the newer tree, not fewer. */
  readonly to: number
  /** Node hashes, 32 bytes each, in the RFC's order. */
  readonly path: readonly Uint8Array[]
}
