import { Decimal } from '../text/canonical-json.ts'
import { parseInstant } from '../text/date-time.ts'
import type { FhirResource, JsonValue } from '../text/fhir-json.ts'
import type { Code, Figure } from './codes.ts'
import { coding, invalidField } from './codes.ts'
import { checkId, checkTime, reference, resource } from './observation.ts'
import type { Question, QuestionnaireForm } from './questionnaire.ts'

/** What a question was answered with: choices by the code of the option. */
export type Answer = boolean | Figure | string

/** Who answered when; references are relative. */
export interface ResponseContext {
  readonly id?: string | undefined
  readonly subject: string
  /** FHIR dateTime. */
  readonly authored?: string | undefined
}

/**
 * The answers to a questionnaire, in its order, whatever order they come in; questions without answer are left out.
 * @param answers by `linkId`
 * @throws RecordsError `FIELD_INVALID` naming the question: unknown, missing though required, of another
 * type, out of its range, or not one of its options
 * @see https://hl7.org/fhir/R4/questionnaireresponse.html
 */
export function buildQuestionnaireResponse(
  form: QuestionnaireForm,
  answers: Readonly<Record<string, Answer>>,
  context: ResponseContext,
): FhirResource {
  const known = new Set(form.questions.map(({ linkId }) => linkId))
  if (Object.keys(answers).some((linkId) => !known.has(linkId)))
    throw invalidField('answers', 'hold an answer to a question that the questionnaire does not ask')
  const item = form.questions.flatMap((question) => {
    const answer = answers[question.linkId]
    if (answer !== undefined) return [{ linkId: question.linkId, answer: [answerOf(question, answer)] }]
    if (question.required === true) throw invalidField(question.linkId, 'needs an answer')
    return []
  })
  return resource('QuestionnaireResponse', {
    id: context.id === undefined ? undefined : checkId(context.id),
    questionnaire: form.canonical,
    status: 'completed',
    subject: reference('subject', context.subject),
    authored: context.authored === undefined ? undefined : checkTime('authored', context.authored),
    item: item.length === 0 ? undefined : item,
  })
}

function answerOf(question: Question, answer: Answer): JsonValue {
  switch (question.type) {
    case 'boolean':
      if (typeof answer === 'boolean') return { valueBoolean: answer }
      throw invalidField(question.linkId, 'must be answered with yes or no')
    case 'integer':
      return { valueInteger: checkNumber(question, answer, true) }
    case 'decimal':
      return { valueDecimal: checkNumber(question, answer, false) }
    case 'choice':
      return { valueCoding: chosen(question, answer) }
    case 'string':
      return { valueString: checkText(question, answer) }
    case 'dateTime':
      if (typeof answer === 'string' && parseInstant(answer) !== null) return { valueDateTime: answer }
      throw invalidField(question.linkId, 'must be a date and time with offset')
  }
}

function checkNumber({ linkId, min, max }: Question, answer: Answer, isWhole: boolean): Figure {
  if (typeof answer !== 'number' && !(answer instanceof Decimal))
    throw invalidField(linkId, 'must be answered with a number')
  const value = Number(answer instanceof Decimal ? answer.text : answer)
  if (isWhole && !(typeof answer === 'number' && Number.isInteger(value)))
    throw invalidField(linkId, 'must be a whole number')
  if (!(value >= (min ?? -Infinity) && value <= (max ?? Infinity)))
    throw invalidField(linkId, `must be from ${min} to ${max}`)
  return answer
}

function chosen({ linkId, options = [] }: Question, answer: Answer): JsonValue {
  const option: Code | undefined = options.find(({ code }) => code === answer)
  if (option === undefined)
    throw invalidField(linkId, `must be one of ${options.map(({ code }) => code).join(', ')}`)
  return coding(option.system, option.code)
}

function checkText({ linkId }: Question, answer: Answer): string {
  if (typeof answer === 'string' && /\S/.test(answer) && answer.length <= 1000) return answer
  throw invalidField(linkId, 'must be a text of 1 to 1000 characters')
}
