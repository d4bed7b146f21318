import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js'
import type { Hex } from './eip712.ts'
import { encodeWord, keccakHex } from './eip712.ts'
import type { AnchorEvidence } from './evidence.ts'
import { decodeRlp, readRlpNumber } from './evidence-rlp.ts'
import { readTrieValue } from './evidence-trie.ts'
import type { LogId } from './origin.ts'

/** Slot of LogAnchor's mapping from keys to anchors, as its source says. */
export const ANCHORS_SLOT = 0

/** What a proof shows: sound for the block of that hash, and for no other. */
export interface ProvenAnchor {
  /** The block whose state was read. */
  readonly blockHash: Hex
  readonly blockNumber: number
  /** The block in which the root was anchored. */
  readonly block: number
  /** Unix seconds of that block. */
  readonly atSec: number
}

/**
 * What a block's header and two paths of its state say of a root, or null when they do not belong together.
 * @see EIP-1186; contracts/src/LogAnchor.sol for the storage
 */
export function proveAnchor(
  { blockHeader, accountProof, storageProof }: AnchorEvidence,
  { contract, operator }: LogId,
  size: number,
  root: Uint8Array,
): ProvenAnchor | null {
  const header = readHeader(blockHeader)
  if (header === null) return null
  const account = readTrieValue(header.stateRoot, bytesOf(contract), accountProof.map(bytesOf))
  const storageRoot = readStorageRoot(account)
  if (storageRoot === null) return null
  const slot = anchorSlot(operator, size, root)
  const anchor = readAnchor(readTrieValue(storageRoot, slot, storageProof.map(bytesOf)))
  // No honest chain holds an anchor that is younger than the block.
  if (anchor === null || anchor.block > header.number || anchor.atSec > header.timeSec) return null
  return { blockHash: keccakHex(bytesOf(blockHeader)), blockNumber: header.number, ...anchor }
}

/** keccak256(abi.encode(keccak256(abi.encode(operator, size, root)), slot)): where a mapping keeps a value. */
export function anchorSlot(operator: string, size: number, root: Uint8Array): Uint8Array {
  const key = keccak_256(concatBytes(encodeWord('address', operator), encodeWord('uint64', size), root))
  return keccak_256(concatBytes(key, encodeWord('uint256', ANCHORS_SLOT)))
}

/** Items 3, 8 and 11 of a header; later forks add items behind. */
function readHeader(header: Hex): { stateRoot: Uint8Array; number: number; timeSec: number } | null {
  const items = decodeRlp(bytesOf(header))
  if (items === null || items instanceof Uint8Array || items.length < 15) return null
  const stateRoot = items[3]
  const number = readRlpNumber(items[8])
  const timeSec = readRlpNumber(items[11])
  if (!(stateRoot instanceof Uint8Array) || stateRoot.length !== 32) return null
  return number === null || timeSec === null ? null : { stateRoot, number, timeSec }
}

/** An account is [nonce, balance, storage root, code hash]. */
function readStorageRoot(account: Uint8Array | null): Uint8Array | null {
  const items = account && decodeRlp(account)
  if (items === null || items instanceof Uint8Array || items.length !== 4) return null
  const root = items[2]
  return root instanceof Uint8Array && root.length === 32 ? root : null
}

/**
 * One slot: seconds in the lowest 48 bits, the block's number in the next 48, zeros. Anything in place of the
 * zeros makes a number that no header has reached.
 */
function readAnchor(value: Uint8Array | null): { block: number; atSec: number } | null {
  const word = value && decodeRlp(value)
  if (!(word instanceof Uint8Array) || word.length === 0 || word[0] === 0) return null
  const packed = BigInt(`0x${bytesToHex(word)}`)
  return { block: Number(packed >> 48n), atSec: Number(packed & 0xffff_ffff_ffffn) }
}

function bytesOf(hex: string): Uint8Array {
  return hexToBytes(hex.slice(2))
}
