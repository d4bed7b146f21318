import type { EvidenceContext, EvidenceFinding } from './evidence-context.ts'
import { find } from './evidence-context.ts'
import { isLogOf } from './evidence-inclusion.ts'
import { proveAnchor } from './evidence-storage-proof.ts'
import { timeText } from './finding.ts'
import type { Receipt, ReceiptAnchor } from './receipt.ts'
import { receiptFactsOf } from './receipt-facts.ts'
import { verifyReceipt } from './receipt-verify.ts'

/** Whether the chain holds the root of the receipt: by what the caller asked it, and by a proof of its state. */
export function findAnchor(context: EvidenceContext): EvidenceFinding {
  const { evidence } = context
  const { inclusion: receipt } = evidence
  if (receipt === undefined) return find('ANCHOR_ABSENT')
  if (!isLogOf(evidence, receipt.log)) return find('OTHER_LOG')
  const asked = findAsked(context, receipt)
  const proven = evidence.anchor === undefined ? null : findProven(context, receipt)
  return confirmHalo(context, chooseAnchor(asked, proven))
}

/** What is broken comes first, then what needs no block of the caller's. */
function chooseAnchor(asked: EvidenceFinding, proven: EvidenceFinding | null): EvidenceFinding {
  if (proven?.verdict === 'broken' || asked.verdict === 'broken')
    return proven?.verdict === 'broken' ? proven : asked
  if (asked.verdict === 'verified' && proven?.verdict !== 'verified') return asked
  return proven ?? asked
}

/** A contract that only the bundle names is anybody's, whatever it holds. */
function confirmHalo({ evidence, facts }: EvidenceContext, found: EvidenceFinding): EvidenceFinding {
  if (facts.deployment !== undefined || found.verdict !== 'verified') return found
  return find('HALO_UNKNOWN', { ...found.details, contract: evidence.deployment.anchor })
}

function findAsked({ facts }: EvidenceContext, receipt: Receipt): EvidenceFinding {
  const { anchored } = receiptFactsOf(receipt, facts)
  const { reason, details } = verifyReceipt(receipt, anchored === undefined ? {} : { anchored }).anchor
  return find(reason, details)
}

function findProven({ evidence, facts }: EvidenceContext, receipt: Receipt): EvidenceFinding {
  const { log, size, root, anchor } = receipt
  const proven = evidence.anchor === undefined ? null : proveAnchor(evidence.anchor, log, size, root)
  if (proven === null) return find('ANCHOR_PROOF_WRONG')
  if (anchor !== null && !isSameTime(anchor, proven)) return find('ANCHOR_DIFFERS')
  const { block, atSec, blockHash } = proven
  const details = { block, time: timeText(atSec), blockHash }
  if (facts.blockHash === undefined) return find('BLOCK_NOT_CONFIRMED', details)
  return facts.blockHash === blockHash
    ? find('ANCHORED_IN_BLOCK', details)
    : find('OTHER_BLOCK', { blockHash })
}

function isSameTime(anchor: ReceiptAnchor, proven: Pick<ReceiptAnchor, 'block' | 'atSec'>): boolean {
  return anchor.block === proven.block && anchor.atSec === proven.atSec
}
