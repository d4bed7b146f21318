import { formatCheckpoint, isCheckpointLine, MAX_EXTENSION_LINES, parseCheckpoint } from './checkpoint.ts'
import { saltCommitment } from './commitment.ts'
import { createFieldReader } from './field-reader.ts'
import { verifyInclusion } from './inclusion.ts'
import { isSignatureLine, MAX_SIGNATURES, parseNote } from './note.ts'
import type { LogId } from './origin.ts'
import { formatLogOrigin, parseLogOrigin } from './origin.ts'
import { hashLeaf } from './tree-hash.ts'
import type { InclusionProof } from './tree-proof.ts'

/** That an entry is in an operator's log, under a checkpoint, and where its root was anchored. */
export interface Receipt {
  /** 32 bytes, as `commitRecord` gives. */
  readonly commitment: Uint8Array
  /** 32 bytes; null once it is deleted: what the leaf stands for can no longer be shown then. */
  readonly salt: Uint8Array | null
  /** Of the leaf, from 0. */
  readonly index: number
  /** Leaves of the tree. */
  readonly size: number
  /** Sibling hashes from leaf to root, 32 bytes each, at most {@link MAX_PATH_HASHES}. */
  readonly path: readonly Uint8Array[]
  /** 32 bytes. */
  readonly root: Uint8Array
  /** Whose log; makes the checkpoint's origin, and names where roots are anchored. */
  readonly log: LogId
  /** Further lines of the checkpoint, without line ends. */
  readonly extension: readonly string[]
  /** Signature lines of the checkpoint as they are in the note, without line ends. */
  readonly signatures: readonly string[]
  /** Null before the root, or what is known of its transaction, is on the chain. */
  readonly anchor: ReceiptAnchor | null
}

/** Where a receipt says that its root is on the chain that its log names. */
export interface ReceiptAnchor {
  /** 32 bytes, or null where only the contract's state was read. */
  readonly txHash: Uint8Array | null
  readonly block: number
  /** Unix seconds of the block. */
  readonly atSec: number
}

/** A tree of 2^53 leaves has paths of 53 hashes. */
export const MAX_PATH_HASHES = 53
/** A signature line of post-quantum size has some 5 000. */
const MAX_LINE_CHARS = 8_192

const read = createFieldReader('RECEIPT_MALFORMED', 'receipt')

/**
 * A receipt with every field checked and copied; says nothing of whether it holds.
 * @throws ProofsError `RECEIPT_MALFORMED` {field}
 */
export function checkReceipt(receipt: Receipt): Receipt {
  const size = read.whole(receipt.size, 'size', 1)
  return {
    commitment: read.bytes(receipt.commitment, 'commitment', 32),
    salt: receipt.salt === null ? null : read.bytes(receipt.salt, 'salt', 32),
    index: read.whole(receipt.index, 'index', 0, size - 1),
    size,
    path: read.list(receipt.path, 'path', 0, MAX_PATH_HASHES).map((hash) => read.bytes(hash, 'path', 32)),
    root: read.bytes(receipt.root, 'root', 32),
    log: checkLog(receipt.log),
    extension: linesAt(receipt.extension, 'extension', MAX_EXTENSION_LINES, isCheckpointLine),
    signatures: linesAt(receipt.signatures, 'signatures', MAX_SIGNATURES, isSignatureLine),
    anchor: receipt.anchor === null ? null : checkAnchor(receipt.anchor),
  }
}

/**
 * Makes a receipt of what a log gives for one entry.
 * @param entry commitment and salt, as the entry's data was made of
 * @param proof of the entry in the checkpoint's tree
 * @param note the log's signed checkpoint
 * @throws ProofsError `RECEIPT_MALFORMED` {field} when the three do not belong together, or the log is no
 * Halo's; `NOTE_MALFORMED` for what is no checkpoint. Signatures are not checked: `verifyReceipt` does.
 */
export function createReceipt(
  entry: Pick<Receipt, 'commitment'> & { readonly salt: Uint8Array },
  proof: InclusionProof,
  note: string,
  anchor: ReceiptAnchor | null = null,
): Receipt {
  const { text, signatures } = parseNote(note)
  const { origin, size, root, extension } = parseCheckpoint(text)
  const log = parseLogOrigin(origin)
  if (log === null) throw read.invalid('log')
  if (proof.size !== size) throw read.invalid('size')
  const leafHash = hashLeaf(saltCommitment(entry.commitment, entry.salt))
  if (!verifyInclusion(leafHash, proof, root)) throw read.invalid('path')
  const lines = signatures.map(({ line }) => line)
  return checkReceipt({ ...entry, ...proof, root, log, extension, signatures: lines, anchor })
}

/** The signed note of a receipt's checkpoint, byte for byte as it was published. */
export function checkpointNote(
  receipt: Pick<Receipt, 'log' | 'size' | 'root' | 'extension' | 'signatures'>,
): string {
  const text = formatCheckpoint({ ...receipt, origin: formatLogOrigin(receipt.log) })
  return `${text}\n${receipt.signatures.map((line) => `${line}\n`).join('')}`
}

function checkLog(log: LogId): LogId {
  const address = /^0x[0-9a-f]{40}$/
  return {
    chainId: read.whole(log.chainId, 'log.chainId', 1),
    contract: read.text(log.contract, 'log.contract', 42, address),
    operator: read.text(log.operator, 'log.operator', 42, address),
  }
}

function checkAnchor({ txHash, block, atSec }: ReceiptAnchor): ReceiptAnchor {
  return {
    txHash: txHash === null ? null : read.bytes(txHash, 'anchor.txHash', 32),
    block: read.whole(block, 'anchor.block', 0),
    atSec: read.whole(atSec, 'anchor.atSec', 0),
  }
}

/** Lines as a checkpoint's note may have them. */
function linesAt(
  value: unknown,
  field: string,
  most: number,
  isLine: (line: string) => boolean,
): readonly string[] {
  return read.list(value, field, 0, most).map((line) => {
    const text = read.text(line, field, MAX_LINE_CHARS)
    if (!isLine(text)) throw read.invalid(field)
    return text
  })
}
