import type { Verdict } from '@halo/proofs'
import type { PartFinding, ProofPart } from './check.ts'

/** What each part is about, in the words of people. */
export const PART_TITLES: Readonly<Record<ProofPart, string>> = {
  record: 'Whose record it is',
  inclusion: 'That it was entered in a log',
  checkpoint: 'Who vouches for the log',
  anchor: 'Since when, by the chain',
  consent: 'What the patient answered',
  access: 'Who received it',
  deletion: 'What was deleted',
}

/** Verdicts as headings. */
export const VERDICT_TITLES: Readonly<Record<Verdict, string>> = {
  verified: 'The proof holds',
  missing: 'Not enough to rely on',
  broken: 'Do not rely on this',
}

/** A verdict in a few words; what is missing is either not in the file or not confirmed by what is known here. */
export function wordVerdict({ verdict, reason }: PartFinding): string {
  if (reason === 'OTHER_HALO') return 'of another Halo'
  if (verdict !== 'missing') return verdict
  return reason.endsWith('_ABSENT') ? 'not in this file' : 'not confirmed here'
}
