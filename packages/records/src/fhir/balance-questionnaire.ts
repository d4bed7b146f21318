import type { Question, QuestionnaireForm } from './questionnaire.ts'
import { buildQuestionnaire } from './questionnaire.ts'

const GENDERS = ['female', 'male', 'other', 'unknown'].map((code) => ({
  system: 'http://hl7.org/fhir/administrative-gender',
  code,
}))

/**
 * What the Balance application asks, and the height, from which that of the centre of mass is estimated.
 * @see Bigini et al., Halo, section on the Balance application
 */
const QUESTIONS: readonly Question[] = [
  { linkId: 'age', text: 'Age in years', type: 'integer', min: 0, max: 130, unit: 'a' },
  { linkId: 'gender', text: 'Gender', type: 'choice', options: GENDERS },
  { linkId: 'weight', text: 'Body weight in kg', type: 'decimal', min: 1, max: 700, unit: 'kg' },
  { linkId: 'height', text: 'Body height in cm', type: 'decimal', min: 30, max: 280, unit: 'cm' },
  { linkId: 'postural-problems', text: 'Do you have postural problems?', type: 'boolean' },
  { linkId: 'family', text: 'Are there postural problems in your family?', type: 'boolean' },
  { linkId: 'medicines', text: 'Do you take medicines that can affect posture?', type: 'boolean' },
  { linkId: 'trauma', text: 'Have you had an injury that can affect posture?', type: 'boolean' },
  { linkId: 'visual-defects', text: 'Do you have a visual defect?', type: 'boolean' },
  { linkId: 'hearing-defects', text: 'Do you have a hearing defect?', type: 'boolean' },
]

/** The person's part of a balance test; no answer is required. */
export const BALANCE_QUESTIONNAIRE: QuestionnaireForm = buildQuestionnaire(
  { id: 'balance', name: 'HaloBalance', title: 'Before a balance test', version: '1.0.0' },
  QUESTIONS,
)
