import { encodeRlp, keccak256, toBeArray } from 'ethers'
import type { AnchorEvidence } from '../src/evidence.ts'
import type { Hex, LogId } from '../src/index.ts'
import { anchorSlot } from '../src/index.ts'

/** A block of nobody's chain: its state is one contract, whose storage is one slot. */
export interface ForgedBlock {
  readonly log: LogId
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
  /** What the slot of the anchor holds, as bytes. */
  readonly word: Uint8Array
  readonly number: number
  readonly timeSec: number
}

/** An anchor as LogAnchor packs it: block in front of 48 bits of seconds. */
export function packAnchor(block: number, atSec: number): Uint8Array {
  return toBeArray((BigInt(block) << 48n) | BigInt(atSec))
}

/** A leaf of a tree that has no other, whose hash is the tree's root. */
export function forgeLeaf(key: Uint8Array, value: Uint8Array | string, prefix = '20'): Hex {
  return encodeRlp([`0x${prefix}${keccak256(key).slice(2)}`, value]) as Hex
}

/** A proof in which all hashes fit, of a chain that whoever makes it makes up. */
export function forgeAnchor({ log, size, root, word, number, timeSec }: ForgedBlock): AnchorEvidence {
  const slot = forgeLeaf(anchorSlot(log.operator, size, root), encodeRlp(word))
  const account = encodeRlp([new Uint8Array([1]), '0x', keccak256(slot), keccak256('0x')])
  const contract = forgeLeaf(Buffer.from(log.contract.slice(2), 'hex'), account)
  const items: (string | Uint8Array)[] = Array.from({ length: 15 }, () => '0x')
  items[3] = keccak256(contract)
  items[8] = toBeArray(number)
  items[11] = toBeArray(timeSec)
  return { blockHeader: encodeRlp(items) as Hex, accountProof: [contract], storageProof: [slot] }
}
