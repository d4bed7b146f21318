import type { FhirResource, GlucoseFigures, VitalSignKind } from '@halo/records'
import {
  BALANCE_QUESTIONNAIRE,
  buildBloodPressure,
  buildDevice,
  buildGlucoseSummary,
  buildIndoorAir,
  buildIndoorLocation,
  buildQuestionnaireResponse,
  buildRecording,
  buildSleep,
  buildStabilometry,
  buildTremorMinute,
  buildTremorScore,
  buildTremorSummary,
  buildVitalSign,
  Decimal,
  measuresCodeSystem,
  STABILOMETRY_INDICES,
  TREMOR_QUESTIONNAIRE,
} from '@halo/records'
import fc from 'fast-check'
import { observationOf } from '../src/glucose/observation.ts'

const VITAL_SIGNS: readonly VitalSignKind[] = [
  'heart-rate',
  'resting-heart-rate',
  'respiratory-rate',
  'oxygen-saturation',
  'body-temperature',
  'body-weight',
  'body-height',
  'heart-rate-variability',
  'steps',
  'steps-per-day',
  'energy-burned',
  'energy-burned-per-day',
  'distance',
  'blood-glucose-mass',
  'blood-glucose-moles',
]

const figure = fc.oneof(
  fc.double({ min: 0, max: 1e4, noNaN: true }),
  fc.integer({ min: 0, max: 500 }),
  fc.integer({ min: 0, max: 99999 }).map((digits) => new Decimal((digits / 100).toFixed(2))),
)

const time = fc
  .record({
    ms: fc.date({ min: new Date('1990-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
    offset: fc.constantFrom('Z', '+00:00', '+02:00', '-03:30', '+14:00'),
    hasMs: fc.boolean(),
  })
  .map(({ ms, offset, hasMs }) => ms.toISOString().slice(0, hasMs ? 23 : 19) + offset)

const context = fc.record({
  subject: fc.constantFrom(
    'Patient/subject-1',
    'Patient/a.B-9',
    'urn:uuid:00000000-0000-4000-8000-000000000001',
  ),
  effective: fc.oneof(
    time,
    fc.tuple(time, time).map((pair) => spanOf(pair)),
  ),
  id: fc.option(fc.stringMatching(/^[A-Za-z0-9.-]{1,64}$/), { nil: undefined }),
  device: fc.option(fc.constant('Device/watch'), { nil: undefined }),
  derivedFrom: fc.option(fc.array(fc.constant('Observation/raw-1'), { maxLength: 2 }), { nil: undefined }),
})

const vitalSign = fc.tuple(fc.constantFrom(...VITAL_SIGNS), figure, context)
const sleepFigures = fc.record(
  { asleepMin: figure, deepMin: figure, lightMin: figure, remMin: figure, awakeMin: figure },
  { requiredKeys: ['asleepMin'] },
)
const airFigure = fc.record({
  value: figure,
  unit: fc.constantFrom('ug/m3', '[ppm]', 'Cel', '%', 'lx', null),
})
const air = fc.record({ pm2_5: airFigure, co2: airFigure, temperature: airFigure, noise: airFigure })
const indices = fc
  .subarray(Object.keys(STABILOMETRY_INDICES), { minLength: 1 })
  .chain((codes) => fc.record(Object.fromEntries(codes.map((code) => [code, figure]))))
const orNull = fc.option(figure)
const tremor = fc.record({
  status: fc.constantFrom('tremor' as const, 'none' as const, 'unknown' as const),
  frequencyHz: figure,
  accelerationMps2: orNull,
  displacementCm: orNull,
  bandFraction: orNull,
  concentration: orNull,
  grade: orNull,
})
const samples = fc.array(fc.double(), { minLength: 1, maxLength: 50 }).map((list) => list.map(boundSample))

/** Every kind of resource that the builders make, from any figures they may be given. */
export const RESOURCES: Readonly<Record<string, fc.Arbitrary<readonly FhirResource[]>>> = {
  'a vital sign': vitalSign.map(([kind, value, where]) => [buildVitalSign(kind, value, where)]),
  'blood pressure': fc
    .tuple(figure, figure, context)
    .map(([systolicMmHg, diastolicMmHg, where]) => [
      buildBloodPressure({ systolicMmHg, diastolicMmHg }, where),
    ]),
  sleep: fc.tuple(sleepFigures, context).map(([sleep, where]) => [buildSleep(sleep, where)]),
  'a glucose reading': fc
    .record({
      subject: fc.integer({ min: 1, max: 99 }),
      time,
      valueText: fc.constantFrom('5', '5.0', '400', '22.2'),
      unit: fc.constantFrom('mg/dL' as const, 'mmol/L' as const),
      comparator: fc.constantFrom('<' as const, '>' as const, null),
    })
    .map((reading) => [observationOf(reading) as FhirResource]),
  'a glucose summary': fc
    .tuple(
      fc.constantFrom('mg/dL' as const, 'mmol/L' as const),
      figure,
      fc.stringMatching(/^[a-z0-9-]{1,40}$/),
    )
    .map(([meanUnit, value, id]) =>
      buildGlucoseSummary(summaryFigures(meanUnit, value), {
        id,
        subject: 'Patient/subject-1',
        start: '2026-01-01',
        end: '2026-01-14',
      }),
    ),
  'indoor air': fc
    .tuple(air, context, fc.option(fc.constant('Patient/subject-1'), { nil: undefined }))
    .map(([reading, where, patient]) => [
      buildIndoorAir(reading, { ...where, subject: 'Location/room-1', patient }),
      buildIndoorLocation('room-1'),
    ]),
  'a balance test': fc
    .tuple(indices, context, fc.constantFrom('open' as const, 'closed' as const))
    .map(([figures, where, eyes]) => [
      buildStabilometry(
        {
          eyes,
          indices: figures,
          method: 'sway 1.0, 25 Hz',
          quality: 'research',
          durationSec: 30,
          rateHz: 100,
        },
        where,
      ),
    ]),
  'a screening of balance': fc.tuple(figure, context).map(([value, where]) => [
    buildStabilometry(
      {
        eyes: 'open',
        indices: { rms_AP: value, rms_ML: value },
        errors: { rms_AP: 0.1, rms_ML: 0 },
        method: 'sway 1.0, 1 Hz',
        quality: 'screening',
        durationSec: 30,
        rateHz: 60,
      },
      where,
    ),
  ]),
  tremor: fc
    .tuple(tremor, figure, fc.integer({ min: 0, max: 4 }), context)
    .map(([minute, occurrence, score, where]) => [
      buildTremorMinute(minute, 'tremor 1.0, uncalibrated', where),
      buildTremorSummary({ validMinutes: 12, occurrence }, 'tremor 1.0, uncalibrated', where),
      buildTremorScore(score, where),
    ]),
  'a recording': fc.tuple(samples, context).map(([list, where]) => [
    buildRecording(
      {
        code: 'acceleration',
        periodMs: 40,
        channels: [{ code: 'acceleration-x', unit: 'm/s2', samples: list }],
      },
      where,
    ),
  ]),
  'a device': fc.constantFrom('Redmi 3', undefined).map((model) => [buildDevice({ id: 'phone', model })]),
  questionnaires: fc.constant([
    measuresCodeSystem(),
    BALANCE_QUESTIONNAIRE.resource,
    TREMOR_QUESTIONNAIRE.resource,
  ]),
  'answers before a balance test': fc
    .record(
      {
        age: fc.integer({ min: 0, max: 130 }),
        gender: fc.constantFrom('female', 'male', 'other', 'unknown'),
        weight: fc.integer({ min: 100, max: 70000 }).map((digits) => new Decimal((digits / 100).toFixed(2))),
        trauma: fc.boolean(),
        'hearing-defects': fc.boolean(),
      },
      { requiredKeys: [] },
    )
    .chain((answers) => fc.tuple(fc.constant(answers), time))
    .map(([answers, authored]) => [
      buildQuestionnaireResponse(BALANCE_QUESTIONNAIRE, answers, { subject: 'Patient/subject-1', authored }),
    ]),
  'a report on tremor': fc
    .record(
      {
        alcohol: fc.boolean(),
        medicine: fc
          .string({ minLength: 1, maxLength: 50, unit: 'grapheme' })
          .filter((text) => /\S/.test(text)),
        writing: fc.integer({ min: 0, max: 4 }),
        angle: fc.double({ min: -360, max: 360, noNaN: true }),
        'time-1': fc.constant('2016-06-09T17:05:02.000Z'),
      },
      { requiredKeys: [] },
    )
    .map((answers) => [
      buildQuestionnaireResponse(TREMOR_QUESTIONNAIRE, answers, { subject: 'Patient/subject-1' }),
    ]),
}

function spanOf([a, b]: readonly [string, string]): { readonly start: string; readonly end: string } {
  return Date.parse(a) <= Date.parse(b) ? { start: a, end: b } : { start: b, end: a }
}

function boundSample(sample: number): number {
  return Math.abs(sample) < 1e20 ? sample : Number.NaN
}

function summaryFigures(meanUnit: 'mg/dL' | 'mmol/L', value: number | Decimal): GlucoseFigures {
  return {
    mean: value,
    meanUnit,
    cvPercent: 33.1,
    gmiPercent: 7,
    veryLowPercent: 0,
    lowPercent: 2.5,
    targetPercent: 70,
    highPercent: 20,
    veryHighPercent: 7.5,
    daysOfWear: 14,
    sensorActivePercent: value,
  }
}
