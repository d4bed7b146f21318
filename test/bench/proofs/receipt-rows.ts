import {
  createCosigner,
  createNoteSigner,
  createReceipt,
  encodeReceipt,
  formatLogOrigin,
  receiptToJson,
  saltCommitment,
  signCheckpoint,
} from '@halo/proofs'
import { sparseTree } from '../../../contracts/test/sparse-tree.ts'
import type { Row } from '../bench.ts'

const MAX_BYTES = 700
/** The size for which the limit holds: as many records as paper 002 goes to. */
const LIMITED_SIZE = 10_000
const COSIGNERS = 4
const LOG = {
  chainId: 11_155_111,
  contract: `0x${'c'.repeat(40)}`,
  operator: `0x${'0'.repeat(39)}1`,
}

/** Bytes of proofs and receipts, for the longest path a tree of that size has. */
export function measureReceipts(): readonly Row[] {
  return [10, 10_000, 1_000_000, 10_000_000].map(receiptRow)
}

function receiptRow(size: number): Row {
  const { path, receipt } = makeReceipt(size)
  const unsigned = encodeReceipt({ ...receipt, signatures: [] })
  return {
    name: `receipt from a log of ${size}`,
    proofBytes: 32 * path.length,
    receiptBytes: unsigned.length,
    ...(size === LIMITED_SIZE ? { limitReceiptBytes: MAX_BYTES } : {}),
    receiptBytesSigned: encodeReceipt({ ...receipt, signatures: receipt.signatures.slice(0, 1) }).length,
    receiptBytesCosignedBy4: encodeReceipt(receipt).length,
    receiptJsonBytes: JSON.stringify(receiptToJson(receipt)).length,
  }
}

/** A receipt that holds: salted entry, signed and co-signed checkpoint, anchor. */
function makeReceipt(size: number) {
  const commitment = new Uint8Array(32).fill(0xa5)
  const salt = new Uint8Array(32).fill(0x5a)
  const tree = sparseTree(new Uint8Array(32), new Map([[0, saltCommitment(commitment, salt)]]))
  const path = tree.pathOf(0, size)
  const origin = formatLogOrigin(LOG)
  const signer = createNoteSigner(origin, new Uint8Array(32).fill(1))
  const signed = signCheckpoint({ origin, size, root: tree.root(size), extension: [] }, [signer])
  const note = Array.from({ length: COSIGNERS }, (_, i) =>
    createCosigner(`peer${i}.example`, new Uint8Array(32).fill(2 + i)),
  ).reduce((text, cosigner) => cosigner.cosign(text, 1_790_000_000), signed)
  const anchor = { txHash: new Uint8Array(32).fill(0xee), block: 21_000_000, atSec: 1_790_000_000 }
  return { path, receipt: createReceipt({ commitment, salt }, { index: 0, size, path }, note, anchor) }
}
