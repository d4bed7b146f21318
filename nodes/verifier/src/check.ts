import type {
  Evidence,
  EvidenceFacts,
  EvidencePart,
  Finding,
  NoteVerifier,
  Receipt,
  Verdict,
} from '@halo/proofs'
import { createNoteVerifier, formatLogOrigin, verifyEvidence, verifyReceipt } from '@halo/proofs'
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
}

/** Checks a proof file against itself and against what the caller knows. Never throws for what does not hold. */
export function checkProof(file: ProofFile, facts: EvidenceFacts = {}): CheckedProof {
  if (file.kind === 'receipt') return checkReceipt(file.receipt, facts)
  const { parts } = verifyEvidence(file.evidence, facts)
  const isLogged = parts.some(({ part, verdict }) => part === 'inclusion' && verdict === 'verified')
  return { ...judge(parts, isLogged, cautionOf(file.evidence, facts)), parts }
}

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

function checkReceipt(receipt: Receipt, facts: EvidenceFacts): CheckedProof {
  if (!isOfHalo(receipt, facts)) {
    const parts = RECEIPT_PARTS.map((part) => ({ part, ...OTHER_HALO }))
    return { ...judge(parts, false), parts }
  }
  const found = verifyReceipt(receipt, {
    verifiers: verifiersFor(receipt, facts),
    ...anchoredFor(receipt, facts),
  })
  const parts = RECEIPT_PARTS.map((part) => ({ part, ...found[part] }))
  // A path alone shows nothing: anyone can make a tree of their own.
  const isVouchedFor = [found.checkpoint, found.anchor].some(({ verdict }) => verdict === 'verified')
  return { ...judge(parts, found.inclusion.verdict === 'verified' && isVouchedFor), parts }
}

function isOfHalo({ log }: Receipt, { deployment }: EvidenceFacts): boolean {
  if (deployment === undefined) return true
  return log.chainId === deployment.chainId && log.contract === deployment.anchor.toLowerCase()
}

/** All keys of the log's operator: who changed the key is there with the old one too. */
function verifiersFor({ log }: Receipt, { operators = [] }: EvidenceFacts): readonly NoteVerifier[] {
  return operators.flatMap(({ address, logKey }) =>
    address.toLowerCase() === log.operator && logKey !== undefined
      ? [createNoteVerifier(formatLogOrigin(log), logKey)]
      : [],
  )
}

/** Empty when the chain was not asked. */
function anchoredFor(receipt: Receipt, { anchors }: EvidenceFacts): Parameters<typeof verifyReceipt>[1] {
  if (anchors === undefined) return {}
  const anchored = anchors.find(
    ({ log, size, root }) =>
      formatLogOrigin(log) === formatLogOrigin(receipt.log) &&
      size === receipt.size &&
      root.every((byte, at) => byte === receipt.root[at]),
  )
  return { anchored: anchored ?? null }
}

function judge(
  parts: readonly PartFinding[],
  isLogged: boolean,
  caution = '',
): Pick<CheckedProof, 'verdict' | 'because'> {
  const broken = parts.filter(({ verdict }) => verdict === 'broken')
  if (broken.length > 0) return { verdict: 'broken', because: wordBroken(broken) }
  if (!isLogged) return { verdict: 'missing', because: wordUnlogged(parts) }
  const isWhole = parts.every(({ verdict }) => verdict === 'verified')
  const holds = isWhole
    ? 'Every part holds, and all belong together.'
    : 'What is marked as verified holds and belongs together. The rest is not in this file or could not be checked here.'
  return { verdict: 'verified', because: holds + caution }
}

/** Of another Halo is every part or none; such a file need not be wrong. */
function wordBroken(broken: readonly PartFinding[]): string {
  return broken.some(({ reason }) => reason === 'OTHER_HALO')
    ? 'This proof is for another Halo than the one you named, and shows nothing for that one. Whether it holds for its own was not checked: name that one if it is meant.'
    : 'Something in this file is wrong: do not rely on any of it.'
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
