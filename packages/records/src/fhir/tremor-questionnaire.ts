import type { Question, QuestionnaireForm } from './questionnaire.ts'
import { buildQuestionnaire } from './questionnaire.ts'

/** How hard a task was because of tremor, as the patient sees it. */
const TASKS: Readonly<Record<string, string>> = {
  'arm-extend-left': 'Left arm extended',
  'arm-extend-right': 'Right arm extended',
  'touch-nose-left': 'Touching the nose with the left hand',
  'touch-nose-right': 'Touching the nose with the right hand',
  writing: 'Writing',
  'large-spiral': 'Drawing a large spiral',
  'small-spiral': 'Drawing a small spiral',
  'straight-line': 'Drawing a straight line',
  'cups-left': 'Pouring from cup to cup with the left hand',
  'cups-right': 'Pouring from cup to cup with the right hand',
  'drinking-left': 'Drinking with the left hand',
  'drinking-right': 'Drinking with the right hand',
}

/** When each of the seven parts of the report was filled in. */
const TIMES: readonly Question[] = [1, 2, 3, 4, 5, 6, 7].map((part) => ({
  linkId: `time-${part}`,
  text: `Time of part ${part}`,
  type: 'dateTime',
}))

const QUESTIONS: readonly Question[] = [
  { linkId: 'alcohol', text: 'Did you drink alcohol?', type: 'boolean' },
  { linkId: 'coffee', text: 'Did you drink coffee?', type: 'boolean' },
  { linkId: 'medicine', text: 'Which medicine did you take?', type: 'string' },
  ...Object.entries(TASKS).map(
    ([linkId, text]): Question => ({ linkId, text: `${text}, 0 to 4`, type: 'integer', min: 0, max: 4 }),
  ),
  { linkId: 'angle', text: 'Angle from the drawing', type: 'decimal', min: -360, max: 360, unit: 'deg' },
  ...TIMES,
]

/**
 * The patient's report on tremor; no answer is required.
 * @see Zheng et al. 2019, Accelerating health data sharing, figure of the patient report
 */
export const TREMOR_QUESTIONNAIRE: QuestionnaireForm = buildQuestionnaire(
  { id: 'tremor-report', name: 'HaloTremorReport', title: 'Report on tremor', version: '1.0.0' },
  QUESTIONS,
)
