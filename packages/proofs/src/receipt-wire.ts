import { decode, encode } from '@ipld/dag-cbor'
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js'
import { createFieldReader } from './field-reader.ts'
import type { LogId } from './origin.ts'
import type { Receipt, ReceiptAnchor } from './receipt.ts'
import { checkReceipt, MAX_PATH_HASHES } from './receipt.ts'
import { areEqual } from './tree-hash.ts'

/** Largest accepted encoding: 64 signatures of an ordinary length fit four times over. */
export const MAX_RECEIPT_BYTES = 65_536

const VERSION = 1
const read = createFieldReader('RECEIPT_MALFORMED', 'receipt')

/**
 * Canonical dag-cbor of a receipt: one list, as names of fields would take a seventh of its size:
 * [1, commitment, salt | null, index, size, path as one byte string, root, [chainId, contract 20 bytes,
 * operator 20 bytes], extension lines, signature lines, [txHash | null, block, atSec] | null].
 * Without signatures 200 bytes and 32 for every level of the tree.
 * @throws ProofsError `RECEIPT_MALFORMED` {field}
 */
export function encodeReceipt(receipt: Receipt): Uint8Array {
  const { commitment, salt, index, size, path, root, log, extension, signatures, anchor } =
    checkReceipt(receipt)
  const bytes = encode([
    VERSION,
    commitment,
    salt,
    index,
    size,
    concatBytes(...path),
    root,
    [log.chainId, hexToBytes(log.contract.slice(2)), hexToBytes(log.operator.slice(2))],
    extension,
    signatures,
    anchor === null ? null : [anchor.txHash, anchor.block, anchor.atSec],
  ])
  if (bytes.length > MAX_RECEIPT_BYTES) throw read.invalid('signatures')
  return bytes
}

/**
 * A receipt from outside, in its one canonical encoding.
 * @throws ProofsError `RECEIPT_MALFORMED` {field}; field `encoding` for bytes that are not canonical
 */
export function decodeReceipt(bytes: Uint8Array): Receipt {
  if (bytes.length > MAX_RECEIPT_BYTES) throw read.invalid('encoding')
  const items = read.list(decodeStrictly(bytes), 'encoding', 11, 11)
  read.whole(items[0], 'version', VERSION, VERSION)
  const receipt = checkReceipt({
    commitment: items[1] as Uint8Array,
    salt: items[2] as Uint8Array | null,
    index: items[3] as number,
    size: items[4] as number,
    path: splitPath(items[5]),
    root: items[6] as Uint8Array,
    log: logAt(items[7]),
    extension: items[8] as readonly string[],
    signatures: items[9] as readonly string[],
    anchor: items[10] === null ? null : anchorAt(items[10]),
  })
  if (!areEqual(encodeReceipt(receipt), bytes)) throw read.invalid('encoding')
  return receipt
}

function decodeStrictly(bytes: Uint8Array): unknown {
  try {
    return decode<unknown>(bytes)
  } catch (cause) {
    throw read.invalid('encoding', cause)
  }
}

function splitPath(value: unknown): readonly Uint8Array[] {
  const isPath =
    value instanceof Uint8Array && value.length % 32 === 0 && value.length <= 32 * MAX_PATH_HASHES
  if (!isPath) throw read.invalid('path')
  return Array.from({ length: value.length / 32 }, (_, level) => value.subarray(32 * level, 32 * level + 32))
}

function logAt(value: unknown): LogId {
  const [chainId, contract, operator] = read.list(value, 'log', 3, 3)
  return {
    chainId: chainId as number,
    contract: `0x${bytesToHex(read.bytes(contract, 'log.contract', 20))}`,
    operator: `0x${bytesToHex(read.bytes(operator, 'log.operator', 20))}`,
  }
}

function anchorAt(value: unknown): ReceiptAnchor {
  const [txHash, block, atSec] = read.list(value, 'anchor', 3, 3)
  return { txHash: txHash as Uint8Array | null, block: block as number, atSec: atSec as number }
}
