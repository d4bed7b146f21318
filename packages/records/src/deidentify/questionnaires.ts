import { BALANCE_QUESTIONNAIRE } from '../fhir/balance-questionnaire.ts'
import { TREMOR_QUESTIONNAIRE } from '../fhir/tremor-questionnaire.ts'

const KNOWN = [BALANCE_QUESTIONNAIRE, TREMOR_QUESTIONNAIRE]
const CANONICALS: ReadonlySet<string> = new Set(KNOWN.map(({ canonical }) => canonical))
const LINK_IDS: ReadonlySet<string> = new Set(
  KNOWN.flatMap(({ questions }) => questions.map(({ linkId }) => linkId)),
)

/** Whether a questionnaire is one of ours, whose URL names nobody. */
export function isKnownQuestionnaire(canonical: string): boolean {
  return CANONICALS.has(canonical)
}

/** Whether a question's id is one of ours; those of others could be made of anything. */
export function isKnownLinkId(linkId: string): boolean {
  return LINK_IDS.has(linkId)
}
