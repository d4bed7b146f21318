import { SWAY_INDEX_UNITS } from '@halo/measures'
import type { FhirResource } from '@halo/records'
import {
  BALANCE_QUESTIONNAIRE,
  buildDevice,
  buildGlucoseSummary,
  buildIndoorAir,
  buildObservation,
  buildQuestionnaireResponse,
  buildRecording,
  buildSleep,
  buildStabilometry,
  buildTremorMinute,
  buildTremorScore,
  buildVitalSign,
  canonicalJson,
  Decimal,
  RecordsError,
  STABILOMETRY_INDICES,
  TREMOR_QUESTIONNAIRE,
} from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { buildQuestionnaire } from '../src/fhir/questionnaire.ts'

const test = suite('records/fhir-refusals')

const WHEN = { subject: 'Patient/subject-1', effective: '2026-01-31T08:05:00+01:00' }
const PERSON = { subject: 'Patient/subject-1' }
const SWAY = {
  eyes: 'open',
  indices: { rms_AP: 0.4 },
  method: 'sway 1.0',
  quality: 'research',
  durationSec: 30,
  rateHz: 100,
} as const
const SUMMARY = {
  mean: 1,
  meanUnit: 'mg/dL',
  cvPercent: 1,
  gmiPercent: 1,
  veryLowPercent: 1,
  lowPercent: 1,
  targetPercent: 1,
  highPercent: 1,
  veryHighPercent: 1,
  daysOfWear: 1,
  sensorActivePercent: 1,
} as const

const REFUSED: readonly (readonly [string, () => unknown, string])[] = [
  ['a value that is no number', () => buildVitalSign('heart-rate', Number.NaN, WHEN), 'heart-rate'],
  ['an endless value', () => buildSleep({ asleepMin: Infinity }, WHEN), 'asleepMin'],
  ['a unit of another kind', () => buildVitalSign('body-weight', 61, WHEN, 'cm'), 'unit of body-weight'],
  ['a name as subject', () => buildVitalSign('heart-rate', 61, { ...WHEN, subject: 'Anna' }), 'subject'],
  ['an id with blanks', () => buildDevice({ id: "Anna's phone" }), 'id'],
  [
    'a time without offset',
    () => buildTremorScore(1, { ...WHEN, effective: '2026-01-31T08:05:00' }),
    'effective',
  ],
  [
    'tremor without figures',
    () =>
      buildTremorMinute(
        {
          status: 'tremor',
          frequencyHz: null,
          accelerationMps2: null,
          displacementCm: null,
          bandFraction: null,
          concentration: null,
        },
        'tremor 1.0',
        WHEN,
      ),
    'frequencyHz',
  ],
  ['a score of five', () => buildTremorScore(5, WHEN), 'tremor score'],
  ['half a score', () => buildTremorScore(1.5, WHEN), 'tremor score'],
  ['air without figures', () => buildIndoorAir({}, { ...WHEN, subject: 'Location/a' }), 'reading'],
  ['a test without indices', () => buildStabilometry({ ...SWAY, indices: {} }, WHEN), 'indices'],
  ['an index without code', () => buildStabilometry({ ...SWAY, indices: { x: 1 } }, WHEN), 'indices'],
  ['a test without method', () => buildStabilometry({ ...SWAY, method: ' ' }, WHEN), 'method'],
  ['a screening without error', () => buildStabilometry({ ...SWAY, quality: 'screening' }, WHEN), 'rms_AP'],
  [
    'a velocity from a screening',
    () =>
      buildStabilometry(
        {
          ...SWAY,
          quality: 'screening',
          indices: { mean_velocity_AP: 1 },
          errors: { mean_velocity_AP: 1 },
        },
        WHEN,
      ),
    'mean_velocity_AP',
  ],
  [
    'an error below zero',
    () => buildStabilometry({ ...SWAY, errors: { rms_AP: -1 } }, WHEN),
    'error of rms_AP',
  ],
  ['a recording without samples', () => buildRecording({ ...recordingOf([]) }, WHEN), 'channels'],
  ['channels of unlike length', () => buildRecording(recordingOf([1], [1, 2]), WHEN), 'channels'],
  ['a period of zero', () => buildRecording({ ...recordingOf([1]), periodMs: 0 }, WHEN), 'periodMs'],
  ['a sample beyond decimals', () => buildRecording(recordingOf([1e21]), WHEN), 'samples'],
  [
    'a summary whose ids would be too long',
    () =>
      buildGlucoseSummary(SUMMARY, { ...PERSON, id: 'a'.repeat(41), start: '2026-01-01', end: '2026-01-02' }),
    'id',
  ],
  ['an answer nobody asked for', () => answer({ shoe: 43 }), 'answers'],
  ['an age as text', () => answer({ age: 'fifty' }), 'age'],
  ['an age with a fraction', () => answer({ age: 50.5 }), 'age'],
  ['an age beyond any', () => answer({ age: 131 }), 'age'],
  ['a weight of nothing', () => answer({ weight: new Decimal('0.0') }), 'weight'],
  ['a gender that is no option', () => answer({ gender: 'f' }), 'gender'],
  ['yes as text', () => answer({ trauma: 'oui' }), 'trauma'],
  [
    'a medicine of blanks',
    () => buildQuestionnaireResponse(TREMOR_QUESTIONNAIRE, { medicine: ' ' }, PERSON),
    'medicine',
  ],
  [
    'a time that never was',
    () => buildQuestionnaireResponse(TREMOR_QUESTIONNAIRE, { 'time-1': '2016-02-30T00:00:00Z' }, PERSON),
    'time-1',
  ],
  [
    'a missing answer that is required',
    () =>
      buildQuestionnaireResponse(
        buildQuestionnaire({ id: 'a', name: 'A', title: 'A', version: '1' }, [
          { linkId: 'q', text: 'Q', type: 'boolean', required: true },
        ]),
        {},
        PERSON,
      ),
    'q',
  ],
]

for (const [what, build, field] of REFUSED) {
  test(`refuses ${what} and names the field, not the value`, () => {
    const error = errorOf(build)
    assert.is(`${error?.code} ${error?.details['field']}`, `FIELD_INVALID ${field}`)
    assert.not.match(error?.message ?? '', /anna|fifty|43|131|oui/i)
  })
}

test('tells a minute without tremor from one that could not be judged', () => {
  const nothing = { frequencyHz: null, accelerationMps2: null, displacementCm: null, grade: null }
  const figures = { ...nothing, bandFraction: 0.7, concentration: null }
  const write = (status: 'none' | 'unknown'): string =>
    canonicalJson(buildTremorMinute({ ...figures, status }, 'tremor 1.0', WHEN))
  assert.match(write('unknown'), /"dataAbsentReason":\{"coding":\[\{"code":"not-performed"/)
  assert.not.match(write('unknown'), /tremor-absent/)
  assert.match(write('none'), /"valueCodeableConcept":\{"coding":\[\{"code":"tremor-absent"/)
  assert.not.match(write('none'), /dataAbsentReason|tremor-frequency/)
})

test('writes the samples of a recording so that the same doubles are read', () => {
  const samples = [0, -0.1, 1e-7, -1.2345678901234567e-8, 123456.789, 1e20, Number.NaN]
  const text = sampleText(buildRecording(recordingOf(samples), WHEN))
  assert.is(text.split(' ').pop(), 'E')
  assert.equal(text.split(' ').slice(0, -1).map(Number), samples.slice(0, -1))
  assert.not.match(text, /e/)
})

test('writes figures, units and codes as LOINC and UCUM have them', () => {
  const weight = canonicalJson(buildVitalSign('body-weight', new Decimal('61.50'), WHEN))
  assert.match(weight, /"value":61\.50/)
  assert.match(weight, /"code":"kg","system":"http:\/\/unitsofmeasure\.org"/)
  assert.match(weight, /"code":"29463-7"/)
})

test('has a code in the same unit for every index of sway that is measured', () => {
  const units = Object.entries(STABILOMETRY_INDICES).map(([code, { unit }]) => [code, unit] as const)
  const measured = units.filter(([code]) => !code.startsWith('romberg'))
  assert.equal(
    Object.fromEntries(measured.sort()),
    Object.fromEntries(Object.entries(SWAY_INDEX_UNITS).sort()),
  )
})

test('writes a span of no length as a moment', () => {
  const start = '2026-01-31T08:05:00+01:00'
  const moment = buildVitalSign('heart-rate', 61, { ...WHEN, effective: { start, end: start } })
  assert.equal(moment, buildVitalSign('heart-rate', 61, { ...WHEN, effective: start }))
  const span = buildVitalSign('steps', 61, {
    ...WHEN,
    effective: { start, end: '2026-01-31T08:06:00+01:00' },
  })
  assert.equal(span['effectivePeriod'], { start, end: '2026-01-31T08:06:00+01:00' })
})

test('leaves out the unit where a source names none', () => {
  const reading = { co2: { value: 0.2, unit: null } }
  const air = canonicalJson(buildIndoorAir(reading, { ...WHEN, subject: 'Location/room-1' }))
  assert.match(air, /"valueQuantity":\{"value":0\.2\}/)
})

test('leaves out what is not given rather than writing nothing', () => {
  const built = buildObservation(
    { category: 'exam', code: [{ system: 'http://loinc.org', code: '8867-4' }] },
    WHEN,
  )
  assert.not.ok(Object.values(built).includes(undefined))
  const answers = buildQuestionnaireResponse(BALANCE_QUESTIONNAIRE, {}, PERSON)
  assert.is(canonicalJson(answers).includes('item'), false)
})

function answer(answers: Parameters<typeof buildQuestionnaireResponse>[1]): FhirResource {
  return buildQuestionnaireResponse(BALANCE_QUESTIONNAIRE, answers, PERSON)
}

function recordingOf(...channels: readonly (readonly number[])[]): Parameters<typeof buildRecording>[0] {
  return {
    code: 'acceleration',
    periodMs: 40,
    channels: channels.map((samples) => ({ code: 'acceleration-x', unit: 'm/s2', samples })),
  }
}

function sampleText(recording: FhirResource): string {
  return /"data":"([^"]*)"/.exec(canonicalJson(recording))?.[1] ?? ''
}

function errorOf(build: () => unknown): RecordsError | undefined {
  try {
    build()
    return undefined
  } catch (error) {
    return error instanceof RecordsError ? error : undefined
  }
}

test.run()
