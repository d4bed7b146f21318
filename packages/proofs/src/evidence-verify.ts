import type { Evidence, EvidenceDeployment, EvidencePart } from './evidence.ts'
import { EVIDENCE_PARTS } from './evidence.ts'
import { findAccess } from './evidence-access.ts'
import { findAnchor } from './evidence-anchor.ts'
import { findConsent } from './evidence-consent.ts'
import type { EvidenceFacts, EvidenceFinding } from './evidence-context.ts'
import { createContext, find } from './evidence-context.ts'
import { findDeletion } from './evidence-deletion.ts'
import { findInclusion } from './evidence-inclusion.ts'
import { findRecord } from './evidence-record.ts'
import type { Verdict } from './finding.ts'

const HALO_NOT_SAID =
  'Only this file names the contracts it is made for: whether they are those of the Halo that is meant is not known here.'

/** What came of a bundle. */
export interface EvidenceFindings {
  /**
   * Broken if any part is; verified if none is and a known operator or the chain vouches for the record's entry;
   * else missing, whatever holds beside it: anyone can make such a file.
   */
  readonly verdict: Verdict
  /** A sentence in plain words. */
  readonly because: string
  /** One for each part, in the order of {@link EVIDENCE_PARTS}. */
  readonly parts: readonly (EvidenceFinding & { readonly part: EvidencePart })[]
}

/**
 * Says of each part of a bundle whether it holds, and whether it belongs to the others: one that holds for
 * another record, owner or request is broken. Never throws for what does not hold.
 * @param evidence as `parseEvidence` gave it
 */
export function verifyEvidence(evidence: Evidence, facts: EvidenceFacts = {}): EvidenceFindings {
  const context = createContext(evidence, facts)
  const anchor = findAnchor(context)
  const consent = findConsent(context)
  const found: Readonly<Record<EvidencePart, EvidenceFinding>> = {
    record: findRecord(context),
    inclusion: findInclusion(context, anchor),
    anchor,
    consent,
    access: findAccess(context, consent),
    deletion: findDeletion(context),
  }
  const isOther = facts.deployment !== undefined && !isSameDeployment(evidence.deployment, facts.deployment)
  const parts = EVIDENCE_PARTS.map((part) => {
    const finding = isOther && isPresent(evidence, part) ? find('OTHER_HALO') : found[part]
    return { part, ...finding }
  })
  const { verdict, because } = summarise(parts)
  return { verdict, because: isHaloOpen(parts, facts) ? `${because} ${HALO_NOT_SAID}` : because, parts }
}

/** What the anchor rests on is the receipt. */
function isPresent(evidence: Evidence, part: EvidencePart): boolean {
  return evidence[part === 'anchor' ? 'inclusion' : part] !== undefined
}

function isSameDeployment(a: EvidenceDeployment, b: EvidenceDeployment): boolean {
  const keys = ['consent', 'escrow', 'anchor'] as const
  return a.chainId === b.chainId && keys.every((key) => a[key].toLowerCase() === b[key].toLowerCase())
}

/**
 * What holds, holds for contracts that anybody may have made, as long as nobody said which are meant. It is said
 * once, for all parts.
 */
function isHaloOpen(parts: EvidenceFindings['parts'], { deployment }: EvidenceFacts): boolean {
  if (deployment !== undefined || parts.some(({ verdict }) => verdict === 'broken')) return false
  return parts.some(({ verdict }) => verdict === 'verified')
}

function summarise(parts: EvidenceFindings['parts']): Pick<EvidenceFindings, 'verdict' | 'because'> {
  const verdicts = parts.map(({ verdict }) => verdict)
  const entry = parts.find(({ part }) => part === 'inclusion')
  if (verdicts.includes('broken'))
    return { verdict: 'broken', because: 'Something in this file is wrong: do not rely on it as a whole.' }
  if (entry?.verdict !== 'verified')
    return { verdict: 'missing', because: `This file is not enough to rely on. ${entry?.because ?? ''}` }
  if (verdicts.includes('missing'))
    return { verdict: 'verified', because: 'What is marked as verified holds; the rest is missing.' }
  return { verdict: 'verified', because: 'Every part holds, and all belong together.' }
}
