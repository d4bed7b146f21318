import type { FhirResource, JsonValue } from '../text/fhir-json.ts'
import type { Code } from './codes.ts'
import { coding, UCUM } from './codes.ts'

/** One question; numbers may be bounded, choices are closed. */
export interface Question {
  readonly linkId: string
  readonly text: string
  readonly type: 'boolean' | 'integer' | 'decimal' | 'string' | 'dateTime' | 'choice'
  readonly required?: boolean
  readonly min?: number
  readonly max?: number
  /** UCUM code of a number's unit. */
  readonly unit?: string
  readonly options?: readonly Code[]
}

/** A Questionnaire and the questions it was made from, which answers are checked against. */
export interface QuestionnaireForm {
  /** Canonical URL and version, as a response cites them. */
  readonly canonical: string
  readonly questions: readonly Question[]
  readonly resource: FhirResource
}

const EXTENSION = 'http://hl7.org/fhir/StructureDefinition/'

/** @see https://hl7.org/fhir/R4/questionnaire.html */
export function buildQuestionnaire(
  about: { readonly id: string; readonly name: string; readonly title: string; readonly version: string },
  questions: readonly Question[],
): QuestionnaireForm {
  const url = `https://halo.example/fhir/Questionnaire/${about.id}`
  const resource: FhirResource = {
    resourceType: 'Questionnaire',
    id: about.id,
    url,
    version: about.version,
    name: about.name,
    title: about.title,
    status: 'active',
    subjectType: ['Patient'],
    item: questions.map(itemOf),
  }
  return { canonical: `${url}|${about.version}`, questions, resource }
}

function itemOf(question: Question): JsonValue {
  const extension = extensionsOf(question)
  const { linkId, text, type, options } = question
  return {
    ...(extension.length === 0 ? {} : { extension }),
    linkId,
    text,
    type,
    required: question.required ?? false,
    ...(type === 'string' ? { maxLength: 1000 } : {}),
    ...(options === undefined
      ? {}
      : { answerOption: options.map(({ system, code }) => ({ valueCoding: coding(system, code) })) }),
  }
}

function extensionsOf({ type, min, max, unit }: Question): readonly JsonValue[] {
  const value = type === 'decimal' ? 'valueDecimal' : 'valueInteger'
  return [
    ...(min === undefined ? [] : [{ url: `${EXTENSION}minValue`, [value]: min }]),
    ...(max === undefined ? [] : [{ url: `${EXTENSION}maxValue`, [value]: max }]),
    ...(unit === undefined
      ? []
      : [{ url: `${EXTENSION}questionnaire-unit`, valueCoding: { system: UCUM, code: unit } }]),
  ]
}
