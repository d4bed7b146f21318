import { bytesToHex } from '@noble/hashes/utils.js'
import { saltCommitment } from './commitment.ts'
import { ProofsError } from './errors.ts'
import { verifyInclusion } from './inclusion.ts'
import type { Receipt, ReceiptAnchor } from './receipt.ts'
import { checkReceipt } from './receipt.ts'
import { hashLeaf } from './tree-hash.ts'
import { halve } from './tree-shape.ts'

/** One step from a hash to an anchored root, on bytes as hex without `0x`. */
export type ChainpointOp =
  | { readonly l: string }
  | { readonly r: string }
  | { readonly op: 'sha-256' }
  | { readonly anchors: readonly ChainpointAnchor[] }

/** Where what is computed so far is anchored. */
export interface ChainpointAnchor {
  readonly type: 'eth'
  /** The transaction's hash, or the block's number where the transaction is not known. */
  readonly anchor_id: string
  /** The same with its chain in front, after CAIP-2: no address of any server. */
  readonly uris: readonly string[]
}

interface ChainpointProof {
  readonly type: 'Chainpoint'
  /** The commitment, hex without `0x`. */
  readonly hash: string
  readonly branches: readonly { readonly label: string; readonly ops: readonly ChainpointOp[] }[]
}

/** A proof in the form of Chainpoint version 4. */
export interface ChainpointV4 extends ChainpointProof {
  readonly '@context': 'https://w3id.org/chainpoint/v4'
  /** UUID version 1 made of anchor time and commitment: the same receipt gives the same. */
  readonly proof_id: string
  /** Time of the anchor: when the entry itself was made is not known. */
  readonly hash_received: string
}

/** A proof in the form of Chainpoint version 3. No node or core has seen it: both ids are one. */
export interface ChainpointV3 extends ChainpointProof {
  readonly '@context': 'https://w3id.org/chainpoint/v3'
  readonly hash_id_node: string
  readonly hash_submitted_node_at: string
  readonly hash_id_core: string
  readonly hash_submitted_core_at: string
}

/**
 * An anchored receipt for tools that read Chainpoint: from the commitment over salt and path to the root.
 * @throws ProofsError `RECEIPT_INCOMPLETE` {field} without salt or anchor, and for an anchor later than a UUID
 * can say, in the year 5236; `RECEIPT_MALFORMED` {field} for a receipt whose path does not lead to its root
 */
export function exportChainpointV4(receipt: Receipt): ChainpointV4 {
  const { proof, proofId, at } = convert(receipt)
  return { '@context': 'https://w3id.org/chainpoint/v4', proof_id: proofId, hash_received: at, ...proof }
}

/**
 * As {@link exportChainpointV4}, for readers of version 3.
 * @throws ProofsError `RECEIPT_INCOMPLETE` or `RECEIPT_MALFORMED` {field}
 */
export function exportChainpointV3(receipt: Receipt): ChainpointV3 {
  const { proof, proofId, at } = convert(receipt)
  return {
    '@context': 'https://w3id.org/chainpoint/v3',
    hash_id_node: proofId,
    hash_submitted_node_at: at,
    hash_id_core: proofId,
    hash_submitted_core_at: at,
    ...proof,
  }
}

function convert(unchecked: Receipt): { proof: ChainpointProof; proofId: string; at: string } {
  const receipt = checkReceipt(unchecked)
  const { commitment, salt, anchor } = receipt
  if (salt === null) throw incomplete('salt')
  if (anchor === null || !(anchor.atSec <= LAST_UUID_SEC)) throw incomplete('anchor')
  if (!verifyInclusion(hashLeaf(saltCommitment(commitment, salt)), receipt, receipt.root))
    throw new ProofsError(
      'RECEIPT_MALFORMED',
      "The receipt's path does not lead to its root; get it again.",
      {
        details: { field: 'path' },
      },
    )
  const ops = [...leafOps(salt), ...pathOps(receipt), { anchors: [anchorOf(receipt.log.chainId, anchor)] }]
  return {
    proof: {
      type: 'Chainpoint',
      hash: bytesToHex(commitment),
      branches: [{ label: 'halo_log_branch', ops }],
    },
    proofId: timeUuidOf(anchor.atSec, commitment),
    at: new Date(anchor.atSec * 1000).toISOString().replace('.000Z', 'Z'),
  }
}

/** Up to the leaf's hash: SHA-256(0x00 ‖ SHA-256(salt ‖ commitment)). */
function leafOps(salt: Uint8Array): readonly ChainpointOp[] {
  return [{ l: bytesToHex(salt) }, { op: 'sha-256' }, { l: '00' }, { op: 'sha-256' }]
}

/** Nodes of RFC 9162, SHA-256(0x01 ‖ left ‖ right), from leaf to root (§2.1.3.2). */
function pathOps({ index, size, path }: Receipt): readonly ChainpointOp[] {
  const ops: ChainpointOp[] = []
  let used = 0
  for (let at = index, last = size - 1; last > 0; at = halve(at), last = halve(last)) {
    if (at === last && at % 2 === 0) continue
    const sibling = bytesToHex(path[used++] as Uint8Array)
    if (at % 2 === 1) ops.push({ l: `01${sibling}` })
    else ops.push({ r: sibling }, { l: '01' })
    ops.push({ op: 'sha-256' })
  }
  return ops
}

function anchorOf(chainId: number, { txHash, block }: ReceiptAnchor): ChainpointAnchor {
  const id = txHash === null ? String(block) : `0x${bytesToHex(txHash)}`
  return { type: 'eth', anchor_id: id, uris: [`eip155:${chainId}/${txHash === null ? 'block' : 'tx'}/${id}`] }
}

/** Seconds from 1582-10-15, where the time of a UUID begins, to 1970-01-01. */
const GREGORIAN_OFFSET_SEC = 12_219_292_800n
/** The last Unix second whose 100 ns since then fit into 60 bits, in the year 5236. */
const LAST_UUID_SEC = Number((1n << 60n) / 10_000_000n - GREGORIAN_OFFSET_SEC)

/**
 * A UUID version 1 as both formats demand: 60 bits of 100 ns since 1582, then, as there is no clock
 * sequence and no network card, bits of the hash with the multicast bit set.
 * @see RFC 9562 §5.1 and §6.10
 */
function timeUuidOf(atSec: number, hash: Uint8Array): string {
  const time = ((BigInt(atSec) + GREGORIAN_OFFSET_SEC) * 10_000_000n).toString(16).padStart(15, '0')
  const node = hash.slice(0, 8)
  node[0] = ((node[0] as number) & 0x3f) | 0x80
  node[2] = (node[2] as number) | 0x01
  const rest = bytesToHex(node)
  return `${time.slice(7)}-${time.slice(3, 7)}-1${time.slice(0, 3)}-${rest.slice(0, 4)}-${rest.slice(4)}`
}

function incomplete(field: string): ProofsError {
  return new ProofsError(
    'RECEIPT_INCOMPLETE',
    `The receipt has no ${field} that can be exported; export it while its salt is kept and once its root is anchored.`,
    { details: { field } },
  )
}
