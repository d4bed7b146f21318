import type {
  Evidence,
  EvidenceFacts,
  EvidencePart,
  Finding,
  JudgedSignature,
  Receipt,
  Verdict,
} from '@halo/proofs'
import { judgeSignatures, receiptFactsOf, verifyEvidence, verifyReceipt } from '@halo/proofs'
import type { ProofFile } from './proof-file.ts'

/** What a proof is made of; a bare receipt shows the signature of its log apart. */
export type ProofPart = EvidencePart | 'checkpoint'

/** What came of one part. */
export interface PartFinding extends Finding {
  readonly part: ProofPart
}

/** What came of a proof file. */
export interface CheckedProof {
  /**
   * `broken` when any part is; `verified` when none is and the record's entry is in a log that a known
   * operator or the chain vouches for; else `missing`.
   */
  readonly verdict: Verdict
  /** A sentence in plain words. */
  readonly because: string
  /** One for each part that there could be, in the order in which one follows from another. */
  readonly parts: readonly PartFinding[]
  /** Lines under size and root of the log, none twice, each with what it is worth here. */
  readonly signatures: readonly JudgedSignature[]
}

/** Checks a proof file against itself and against what the caller knows. Never throws for what does not hold. */
export function checkProof(file: ProofFile, facts: EvidenceFacts = {}): CheckedProof {
  const receipt = file.kind === 'receipt' ? file.receipt : file.evidence.inclusion
  const signatures = receipt === undefined ? [] : judgeSignaturesOf(receipt, facts)
  const checked =
    file.kind === 'receipt' ? checkReceipt(file.receipt, facts) : checkBundle(file.evidence, facts)
  const signedPart = file.kind === 'receipt' ? 'checkpoint' : 'inclusion'
  const parts = checked.parts.map((found) =>
    found.part === signedPart && found.reason !== 'OTHER_HALO'
      ? { ...found, because: found.because + wordUnchecked(signatures) }
      : found,
  )
  return { ...checked, parts, signatures }
}

/** Of another Halo nothing is checked. */
function judgeSignaturesOf(receipt: Receipt, facts: EvidenceFacts): readonly JudgedSignature[] {
  return judgeSignatures(receipt, isOfHalo(receipt, facts) ? receiptFactsOf(receipt, facts) : {})
}

/** Anyone can put lines under a genuine checkpoint, in whatever name. */
function wordUnchecked(signatures: readonly JudgedSignature[]): string {
  const count = signatures.filter(({ standing }) => standing === 'unknown').length
  if (count === 0) return ''
  return count === 1
    ? ' One signature under size and root is by a key that is not known here, and was not checked.'
    : ` ${count} signatures under size and root are by keys that are not known here, and were not checked.`
}

function checkBundle(evidence: Evidence, facts: EvidenceFacts): Judged {
  const { verdict, parts } = verifyEvidence(evidence, facts)
  return { ...judge(parts, verdict === 'verified', cautionOf(evidence, facts)), parts }
}

type Judged = Omit<CheckedProof, 'signatures'>

/** Anyone can deploy contracts of their own, on a genuine chain too, and fill them as they like. */
function cautionOf({ deployment }: Evidence, facts: EvidenceFacts): string {
  if (facts.deployment !== undefined) return ''
  const { chainId, anchor } = deployment
  return ` It was made for chain ${chainId} and contract ${anchor}: make sure that they are those of the Halo you mean.`
}

const RECEIPT_PARTS = ['inclusion', 'checkpoint', 'anchor'] as const

/** A member of two Halos may have one key for both: what it signed for one says nothing in the other. */
const OTHER_HALO: Finding = {
  verdict: 'broken',
  reason: 'OTHER_HALO',
  because: 'This was made for other contracts than those of the Halo it is checked for.',
  details: {},
}

function checkReceipt(receipt: Receipt, facts: EvidenceFacts): Judged {
  if (!isOfHalo(receipt, facts)) {
    const parts = RECEIPT_PARTS.map((part) => ({ part, ...OTHER_HALO }))
    return { ...judge(parts, false), parts }
  }
  const found = verifyReceipt(receipt, receiptFactsOf(receipt, facts))
  const parts = RECEIPT_PARTS.map((part) => ({ part, ...found[part] }))
  // A path alone shows nothing: anyone can make a tree of their own.
  const isVouchedFor = [found.checkpoint, found.anchor].some(({ verdict }) => verdict === 'verified')
  return { ...judge(parts, found.inclusion.verdict === 'verified' && isVouchedFor), parts }
}

function isOfHalo({ log }: Receipt, { deployment }: EvidenceFacts): boolean {
  if (deployment === undefined) return true
  return log.chainId === deployment.chainId && log.contract === deployment.anchor.toLowerCase()
}

function judge(
  parts: readonly PartFinding[],
  isLogged: boolean,
  caution = '',
): Pick<CheckedProof, 'verdict' | 'because'> {
  const broken = parts.filter(({ verdict }) => verdict === 'broken')
  if (broken.length > 0) return { verdict: 'broken', because: wordBroken(broken) }
  const holdsAny = parts.some(({ verdict }) => verdict === 'verified')
  if (!isLogged) return { verdict: 'missing', because: wordUnlogged(parts) + (holdsAny ? caution : '') }
  const isWhole = parts.every(({ verdict }) => verdict === 'verified')
  const holds = isWhole
    ? 'Every part holds, and all belong together.'
    : 'What is marked as verified holds and belongs together. The rest is not in this file or could not be checked here.'
  return { verdict: 'verified', because: holds + caution }
}

/** Of another Halo is every part or none; neither such a file nor one beside another record need be wrong. */
function wordBroken(broken: readonly PartFinding[]): string {
  if (broken.some(({ reason }) => reason === 'OTHER_HALO'))
    return 'This proof is for another Halo than the one you named, and shows nothing for that one. Whether it holds for its own was not checked: name that one if it is meant.'
  if (broken.every(({ reason }) => reason === 'RECORD_DIFFERS'))
    return 'The record that you compared is not the one of this proof, or one of the two was changed. Nothing else in the proof is wrong: compare the file that was delivered with it.'
  return 'Something in this file is wrong: do not rely on any of it.'
}

/** Reasons why an entry counts for nothing although nobody is missing who could confirm the log. */
const NOT_FOR_CONFIRMATION: readonly string[] = [
  'INCLUSION_ABSENT',
  'RECORD_NOT_LINKED',
  'SALT_DELETED',
  'LOG_KEY_DIFFERS',
]

function wordUnlogged(parts: readonly PartFinding[]): string {
  const logged = parts.find(({ part }) => part === 'inclusion')
  const because =
    logged !== undefined && NOT_FOR_CONFIRMATION.includes(logged.reason)
      ? logged.because
      : 'No known operator and no chain has confirmed here that the record was entered in a log.'
  return `Nothing in this file is wrong, but it is not enough. ${because}`
}
