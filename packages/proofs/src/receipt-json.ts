import { bytesToHex } from '@noble/hashes/utils.js'
import { createFieldReader } from './field-reader.ts'
import { parseOneForm } from './json-form.ts'
import type { LogId } from './origin.ts'
import type { Receipt, ReceiptAnchor } from './receipt.ts'
import { checkReceipt, MAX_PATH_HASHES } from './receipt.ts'

/** A receipt for people and for JSON: bytes are lower-case hex with `0x`. */
export interface ReceiptJson {
  readonly type: typeof RECEIPT_TYPE
  readonly version: 1
  readonly commitment: string
  readonly salt: string | null
  readonly index: number
  readonly size: number
  readonly path: readonly string[]
  readonly root: string
  readonly log: LogId
  readonly extension: readonly string[]
  readonly signatures: readonly string[]
  readonly anchor: { readonly txHash: string | null; readonly block: number; readonly atSec: number } | null
}

/** Media type of {@link ReceiptJson}. */
export const RECEIPT_TYPE = 'application/vnd.halo.receipt+json'

const read = createFieldReader('RECEIPT_MALFORMED', 'receipt')

/**
 * The readable form of a receipt; a plain value with its keys in one order.
 * @throws ProofsError `RECEIPT_MALFORMED` {field}
 */
export function receiptToJson(receipt: Receipt): ReceiptJson {
  const { commitment, salt, index, size, path, root, log, extension, signatures, anchor } =
    checkReceipt(receipt)
  return {
    type: RECEIPT_TYPE,
    version: 1,
    commitment: hexOf(commitment),
    salt: salt === null ? null : hexOf(salt),
    index,
    size,
    path: path.map(hexOf),
    root: hexOf(root),
    log,
    extension,
    signatures,
    anchor: anchor && { ...anchor, txHash: anchor.txHash && hexOf(anchor.txHash) },
  }
}

/**
 * The inverse of {@link receiptToJson}, for a parsed JSON value; unknown keys are refused.
 * @throws ProofsError `RECEIPT_MALFORMED` {field}
 */
export function parseReceiptJson(value: unknown): Receipt {
  const fields = read.map(value, 'encoding', [
    'type',
    'version',
    'commitment',
    'salt',
    'index',
    'size',
    'path',
    'root',
    'log',
    'extension',
    'signatures',
    'anchor',
  ])
  if (fields.type !== RECEIPT_TYPE) throw read.invalid('type')
  read.whole(fields.version, 'version', 1, 1)
  const path = read.list(fields.path, 'path', 0, MAX_PATH_HASHES)
  return checkReceipt({
    commitment: read.hex(fields.commitment, 'commitment', 32),
    salt: fields.salt === null ? null : read.hex(fields.salt, 'salt', 32),
    index: fields.index as number,
    size: fields.size as number,
    path: path.map((hash) => read.hex(hash, 'path', 32)),
    root: read.hex(fields.root, 'root', 32),
    log: read.map(fields.log, 'log', ['chainId', 'contract', 'operator']) as unknown as LogId,
    extension: fields.extension as readonly string[],
    signatures: fields.signatures as readonly string[],
    anchor: fields.anchor === null ? null : anchorAt(fields.anchor),
  })
}

/**
 * A readable receipt from outside, as a file has it: the JSON of {@link receiptToJson} in that order and with no white
 * space, with or without a line feed behind. Says nothing of whether it holds: `verifyReceipt` does.
 * @throws ProofsError `RECEIPT_MALFORMED` {field}; field `encoding` for what is in another form
 */
export function parseReceiptText(text: string): Receipt {
  return parseOneForm(text, read, parseReceiptJson, (receipt) => JSON.stringify(receiptToJson(receipt)))
}

function anchorAt(value: unknown): ReceiptAnchor {
  const { txHash, block, atSec } = read.map(value, 'anchor', ['txHash', 'block', 'atSec'])
  return {
    txHash: txHash === null ? null : read.hex(txHash, 'anchor.txHash', 32),
    block: block as number,
    atSec: atSec as number,
  }
}

function hexOf(bytes: Uint8Array): string {
  return `0x${bytesToHex(bytes)}`
}
