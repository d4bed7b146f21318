import { createHash } from 'node:crypto'
import { buildTree, hashLeaf, verifyInclusion } from '@halo/proofs'
import { StandardMerkleTree } from '@openzeppelin/merkle-tree'
import { MerkleTree } from 'merkletreejs'

/** A way to prove that records are in a tree; every one starts from the same 32 bytes for each record. */
export interface Contender {
  readonly name: string
  /** Builds the tree and makes a proof for every record. */
  prove(records: readonly Uint8Array[]): Proven
}

/** A tree with all its proofs. */
export interface Proven {
  /** Whether all proofs hold; each is checked from the record itself, its leaf's hash included. */
  verifyAll(): boolean
  /** Bytes of the hashes in the longest proof. */
  readonly proofBytes: number
}

/** Ours: RFC 9162 with SHA-256. */
export const OURS: Contender = {
  name: '@halo/proofs',
  prove(records) {
    const tree = buildTree(records.map((record) => hashLeaf(record)))
    const proofs = records.map((_, index) => tree.proveInclusion(index))
    return {
      proofBytes: longest(proofs.map(({ path }) => path)),
      verifyAll: () =>
        records.every((record, i) => {
          const proof = proofs[i]
          return proof !== undefined && verifyInclusion(hashLeaf(record), proof, tree.root)
        }),
    }
  },
}

/** As its own documentation uses it: keccak-256 of ABI-encoded values, sorted pairs, hashes as hexadecimal text. */
const OPEN_ZEPPELIN: Contender = {
  name: '@openzeppelin/merkle-tree',
  prove(records) {
    const values = records.map((record) => [record])
    const tree = StandardMerkleTree.of(values, ['bytes32'])
    const proofs = values.map((_, index) => tree.getProof(index))
    return {
      proofBytes: longest(proofs),
      verifyAll: () =>
        values.every((value, i) =>
          StandardMerkleTree.verify(tree.root, ['bytes32'], value, [...(proofs[i] ?? [])]),
        ),
    }
  },
}

/** With Node's SHA-256; by index, since it searches the leaf otherwise. */
const MERKLE_TREE_JS: Contender = {
  name: 'merkletreejs',
  prove(records) {
    const leaves = records.map((record) => sha256(record))
    const tree = new MerkleTree(leaves, sha256)
    const root = tree.getRoot()
    const proofs = leaves.map((leaf, index) => tree.getProof(leaf, index))
    return {
      proofBytes: longest(proofs),
      verifyAll: () =>
        records.every((record, i) => MerkleTree.verify(proofs[i] ?? [], sha256(record), root, sha256)),
    }
  },
}

/** Ours first. */
export const CONTENDERS: readonly Contender[] = [OURS, OPEN_ZEPPELIN, MERKLE_TREE_JS]

function sha256(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest()
}

function longest(paths: readonly (readonly unknown[])[]): number {
  return 32 * paths.reduce((most, path) => Math.max(most, path.length), 0)
}
