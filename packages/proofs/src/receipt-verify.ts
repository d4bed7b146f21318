import { openCheckpoint } from './checkpoint.ts'
import { saltCommitment } from './commitment.ts'
import type { Finding } from './finding.ts'
import { findingOf, timeText } from './finding.ts'
import { verifyInclusion } from './inclusion.ts'
import type { NoteVerifier } from './note-key.ts'
import type { Receipt, ReceiptAnchor } from './receipt.ts'
import { checkpointNote } from './receipt.ts'
import type { AnchorReason, CheckpointReason, InclusionReason } from './receipt-findings.ts'
import { FINDINGS } from './receipt-findings.ts'
import { areEqual, hashLeaf } from './tree-hash.ts'

/** What the caller knows from elsewhere. What is left out is not checked, and the findings say so. */
export interface ReceiptFacts {
  /** Keys of the log, in the name of its origin. */
  readonly verifiers?: readonly NoteVerifier[]
  /** Keys of those who cosign its checkpoints. */
  readonly cosigners?: readonly NoteVerifier[]
  /**
   * What the chain said when asked for the anchor of the log's operator, size and root; null when it has
   * none. `txHash` null where only the contract's state was read.
   */
  readonly anchored?: ReceiptAnchor | null
}

/** What came of each aspect of a receipt. */
export interface ReceiptFindings {
  /** Whether the path leads from salt and commitment to the root. */
  readonly inclusion: Finding<InclusionReason>
  /** Whether the log has signed size and root. */
  readonly checkpoint: Finding<CheckpointReason>
  /** Whether the chain holds size and root. */
  readonly anchor: Finding<AnchorReason>
}

/**
 * Says of each aspect of a receipt whether it holds. Never throws for what does not; the receipt is one
 * that `decodeReceipt` or `parseReceiptJson` gave.
 */
export function verifyReceipt(receipt: Receipt, facts: ReceiptFacts = {}): ReceiptFindings {
  return {
    inclusion: findInclusion(receipt),
    checkpoint: findCheckpoint(receipt, facts),
    anchor: findAnchor(receipt, facts.anchored),
  }
}

function findInclusion(receipt: Receipt): Finding<InclusionReason> {
  const { commitment, salt, index, size, root } = receipt
  if (salt === null) return findingOf<InclusionReason>(FINDINGS, 'SALT_DELETED')
  const isIncluded = verifyInclusion(hashLeaf(saltCommitment(commitment, salt)), receipt, root)
  const reason = isIncluded ? 'ENTRY_IN_TREE' : 'ENTRY_NOT_IN_TREE'
  return findingOf<InclusionReason>(FINDINGS, reason, { index: index + 1, size })
}

function findCheckpoint(receipt: Receipt, facts: ReceiptFacts): Finding<CheckpointReason> {
  if (receipt.signatures.length === 0) return findingOf<CheckpointReason>(FINDINGS, 'LOG_UNSIGNED')
  try {
    const { verifiers = [], cosigners: known = [] } = facts
    const { cosigners } = openCheckpoint(checkpointNote(receipt), verifiers, known)
    return findingOf<CheckpointReason>(FINDINGS, 'LOG_SIGNED', { cosigners: cosigners.length })
  } catch (error) {
    return findingOf<CheckpointReason>(FINDINGS, reasonOf(error))
  }
}

/** A line in no form is no statement of any key: it does not make a signature wrong. */
function reasonOf(error: unknown): CheckpointReason {
  switch ((error as { readonly code?: unknown }).code) {
    case 'NOTE_UNSIGNED':
      return 'LOG_KEY_UNKNOWN'
    case 'SIGNATURE_INVALID':
      return 'LOG_SIGNATURE_WRONG'
    default:
      return 'CHECKPOINT_MALFORMED'
  }
}

function findAnchor({ anchor }: Receipt, anchored: ReceiptAnchor | null | undefined): Finding<AnchorReason> {
  if (anchored === undefined)
    return findingOf<AnchorReason>(FINDINGS, anchor ? 'CHAIN_NOT_ASKED' : 'NOT_ANCHORED_YET')
  if (anchored === null)
    return findingOf<AnchorReason>(FINDINGS, anchor ? 'ANCHOR_DENIED' : 'NOT_ANCHORED_YET')
  if (anchor !== null && !isSameAnchor(anchor, anchored))
    return findingOf<AnchorReason>(FINDINGS, 'ANCHOR_DIFFERS')
  return findingOf<AnchorReason>(FINDINGS, 'ANCHORED', {
    block: anchored.block,
    time: timeText(anchored.atSec),
  })
}

/** A transaction that one side does not know is not compared. */
function isSameAnchor(a: ReceiptAnchor, b: ReceiptAnchor): boolean {
  const isSameTx = a.txHash === null || b.txHash === null || areEqual(a.txHash, b.txHash)
  return isSameTx && a.block === b.block && a.atSec === b.atSec
}
