import { Decimal } from '../../text/canonical-json.ts'
import type { FhirResource, JsonValue } from '../../text/fhir-json.ts'
import { isObject } from '../../text/fhir-json.ts'
import { BALANCE_QUESTIONNAIRE } from '../balance-questionnaire.ts'
import type { Question, QuestionnaireForm } from '../questionnaire.ts'
import { TREMOR_QUESTIONNAIRE } from '../tremor-questionnaire.ts'
import type { IssueList } from './issue.ts'

/** Our own questionnaires; answers to others are checked as far as FHIR's structure goes. */
const FORMS: ReadonlyMap<JsonValue | undefined, QuestionnaireForm> = new Map(
  [BALANCE_QUESTIONNAIRE, TREMOR_QUESTIONNAIRE].map((form) => [form.canonical, form]),
)

/** Checks the answers of a QuestionnaireResponse against the questionnaire it cites. */
export function checkAnswers(response: FhirResource, path: string, found: IssueList): void {
  const form = FORMS.get(response['questionnaire'])
  const items = response['item']
  if (form === undefined || !Array.isArray(items)) return
  const questions = new Map<JsonValue | undefined, Question>(
    form.questions.map((asked) => [asked.linkId, asked]),
  )
  items.forEach((item: JsonValue, index) => {
    const at = `${path}.item[${index}]`
    const question = isObject(item) ? questions.get(item['linkId']) : undefined
    if (question === undefined)
      found.error('ANSWER_INVALID', at, 'must answer a question of the questionnaire')
    else if (!isAnswer(item, question))
      found.error('ANSWER_INVALID', at, `must be an answer to ${question.linkId}`)
    // Asked once, answered once.
    if (isObject(item)) questions.delete(item['linkId'])
  })
}

function isAnswer(item: JsonValue, question: Question): boolean {
  const answers = isObject(item) ? item['answer'] : undefined
  if (!Array.isArray(answers) || answers.length !== 1 || !isObject(answers[0])) return false
  const { min = -Infinity, max = Infinity, options = [], type } = question
  const value: JsonValue | undefined = answers[0][VALUE[type]]
  if (type === 'choice')
    return (
      isObject(value) &&
      options.some(({ system, code }) => system === value['system'] && code === value['code'])
    )
  if (type !== 'integer' && type !== 'decimal') return value !== undefined
  const figure = value instanceof Decimal ? Number(value.text) : value
  return typeof figure === 'number' && figure >= min && figure <= max
}

const VALUE: Readonly<Record<Question['type'], string>> = {
  boolean: 'valueBoolean',
  integer: 'valueInteger',
  decimal: 'valueDecimal',
  string: 'valueString',
  dateTime: 'valueDateTime',
  choice: 'valueCoding',
}
