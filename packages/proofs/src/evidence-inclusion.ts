import { hexToBytes } from '@noble/hashes/utils.js'
import { commitRecord } from './commitment.ts'
import { checksumAddress } from './eip712-signer.ts'
import type { Evidence } from './evidence.ts'
import type { EvidenceContext, EvidenceFinding } from './evidence-context.ts'
import { find } from './evidence-context.ts'
import { hashDataset, hashText } from './evidence-messages.ts'
import type { LogId } from './origin.ts'
import type { Receipt } from './receipt.ts'
import { receiptFactsOf } from './receipt-facts.ts'
import { verifyReceipt } from './receipt-verify.ts'
import { areEqual } from './tree-hash.ts'

/**
 * Whether the record is in a log that somebody vouches for: its operator, whose key is known, or the chain.
 * A path alone shows nothing, as anyone can make a tree of their own.
 * @param anchor what came of the anchor
 */
export function findInclusion(
  { evidence, facts }: EvidenceContext,
  anchor: EvidenceFinding,
): EvidenceFinding {
  const { inclusion: receipt } = evidence
  if (receipt === undefined) return find('INCLUSION_ABSENT')
  if (!isLogOf(evidence, receipt.log)) return find('OTHER_LOG')
  if (!isReceiptOf(evidence, receipt)) return find('OTHER_RECORD')
  const { verifiers } = receiptFactsOf(receipt, facts)
  const { inclusion, checkpoint } = verifyReceipt(receipt, { verifiers })
  if (inclusion.reason === 'ENTRY_NOT_IN_TREE') return find('ENTRY_NOT_IN_TREE')
  if (checkpoint.reason === 'LOG_SIGNATURE_WRONG' || checkpoint.reason === 'CHECKPOINT_MALFORMED')
    return find(checkpoint.reason)
  if (evidence.record === undefined && namesDataset(evidence)) return find('RECORD_NOT_LINKED')
  if (inclusion.reason === 'SALT_DELETED') return find('SALT_DELETED')
  if (checkpoint.reason === 'LOG_KEY_UNKNOWN' && verifiers.length > 0) return find('LOG_KEY_DIFFERS')
  const details = {
    entry: receipt.index + 1,
    size: receipt.size,
    operator: checksumAddress(receipt.log.operator),
  }
  if (checkpoint.reason === 'LOG_SIGNED') return find('LOGGED_AND_SIGNED', details)
  if (anchor.reason === 'HALO_UNKNOWN') return find('HALO_UNKNOWN', anchor.details)
  return anchor.verdict === 'verified' ? find('LOGGED_AND_ANCHORED', details) : find('LOG_UNCONFIRMED')
}

/** Whether a log's roots are anchored in the bundle's contract. */
export function isLogOf({ deployment }: Evidence, log: LogId): boolean {
  return log.chainId === deployment.chainId && log.contract === deployment.anchor.toLowerCase()
}

/** Whether a part beside record and receipt says which data set it is about. */
function namesDataset({ consent, access, deletion }: Evidence): boolean {
  return consent !== undefined || deletion !== undefined || (access !== undefined && access.events.length > 0)
}

function isReceiptOf({ record }: Evidence, receipt: Receipt): boolean {
  if (record === undefined) return true
  const dataset = hexToBytes(hashDataset(record).slice(2))
  return areEqual(receipt.commitment, commitRecord(dataset, hashText(record.descriptor)))
}
