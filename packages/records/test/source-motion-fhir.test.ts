import type { FhirResource, SourceOptions } from '@halo/records'
import { openValidator } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { secondOpinion } from './second-validator.ts'
import { convertChunks, convertFile, readSeed, refusedFile } from './source-files.ts'

const test = suite('records/source-motion-fhir')

const START: SourceOptions = { startTime: '2026-01-31T08:05:00+01:00' }
const PLATE: SourceOptions = { ...START, axes: 'ml-ap' }

/** What of a recording's Observation the tests look at. */
interface Signal {
  readonly effectivePeriod: { readonly start: string; readonly end: string }
  readonly method: { readonly text: string }
  readonly component: readonly {
    readonly code: { readonly coding: readonly { readonly code: string }[] }
    readonly valueSampledData: {
      readonly period: number
      readonly data: string
      readonly origin: { readonly code: string }
    }
  }[]
}

function signalOf(resource: FhirResource | undefined): Signal {
  return resource as unknown as Signal
}

function dataOf(resource: FhirResource | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    signalOf(resource).component.map(({ code, valueSampledData }) => [
      code.coding[0]?.code,
      valueSampledData.data,
    ]),
  )
}

/** Times at `rateHz`, with `x` counting up. */
function recordingOf(times: readonly number[]): string {
  return `t_s,x_g,y_g,z_g\n${times.map((time, at) => `${time.toFixed(5)},0.${String(at).padStart(4, '0')},0,-1`).join('\n')}\n`
}

test('a recording becomes an Observation with one SampledData per axis, from when to when it lasted', async () => {
  const { resources } = await convertFile('accelerometer', recordingOf([0, 0.02, 0.04]), START)
  const signal = signalOf(resources[0])
  assert.is(resources.length, 1)
  assert.equal(signal.effectivePeriod, {
    start: '2026-01-31T08:05:00+01:00',
    end: '2026-01-31T08:05:00.040+01:00',
  })
  assert.equal(dataOf(resources[0]), {
    'acceleration-x': '0 0.0001 0.0002',
    'acceleration-y': '0 0 0',
    'acceleration-z': '-1 -1 -1',
  })
  assert.is(signal.component[0]?.valueSampledData.period, 20)
  assert.is(signal.component[0]?.valueSampledData.origin.code, '[g]')
  assert.is(signal.method.text, 'Accelerometer, gravity not stated')
})

test('irregular times are kept beside the samples, to the microsecond', async () => {
  const { resources } = await convertFile('accelerometer', recordingOf([5, 5.02, 5.05]), START)
  assert.is(dataOf(resources[0])['sample-time'], '0 0.02 0.05')
  assert.is(signalOf(resources[0]).effectivePeriod.start, '2026-01-31T08:05:00+01:00')
})

test('a long recording is cut at the minute and at pauses, which are reported as gaps', async () => {
  const times = Array.from({ length: 4000 }, (_, n) => n / 25 + (n < 2000 ? 0 : 7.5))
  const { resources, report } = await convertFile('accelerometer', recordingOf(times), START)
  assert.equal(
    resources.map((resource) => dataOf(resource)['acceleration-x']?.split(' ').length),
    [1500, 500, 1500, 500],
  )
  assert.equal(report.gaps, [
    { series: 'acceleration', from: '2026-01-31T08:06:19.960+01:00', to: '2026-01-31T08:06:27.500+01:00' },
  ])
  assert.equal([report.resources, report.recordsRead, report.duplicates], [4, 4000, 0])
})

test('a thousand pauses are listed, and it is said how many more there are', async () => {
  const times = Array.from({ length: 2008 }, (_, n) => (n >> 1) * 3 + (n % 2) / 25)
  const { report } = await convertFile('accelerometer', recordingOf(times), START)
  assert.is(report.gaps.length, 1000)
  assert.is(report.notes.find(({ rule }) => rule === 'gaps-cut')?.count, 3)
})

test('chunks do not matter, and importing again gives the same lines', async () => {
  const file = recordingOf(Array.from({ length: 300 }, (_, n) => n / 25))
  const whole = await convertFile('accelerometer', file, START)
  const pieces = file.match(/[\s\S]{1,97}/g) ?? []
  assert.is((await convertChunks('accelerometer', pieces, START)).text, whole.text)
})

test('every sample that was written comes back as the number in the file', async () => {
  const { resources } = await convertFile('force-plate', readSeed('force-plate.csv'), PLATE)
  const rows = new TextDecoder().decode(readSeed('force-plate.csv')).trim().split('\n').slice(1)
  const data = dataOf(resources[0])['centre-of-pressure-ml'] ?? ''
  assert.equal(
    data.split(' ').map(Number),
    rows.map((row) => Number(row.split(',')[1])),
  )
  assert.is(signalOf(resources[0]).component[0]?.valueSampledData.origin.code, 'mm')
})

test('when it began is asked for, and so is the zone of times without offset', async () => {
  const relative = recordingOf([0, 0.02])
  assert.is((await refusedFile('accelerometer', relative)).code, 'START_NEEDED')
  const startTime = '2026-01-31T08:05:00'
  assert.is((await refusedFile('accelerometer', relative, { startTime })).code, 'OPTION_INVALID')
  const wall = 'time,x_g,y_g,z_g\n2026-01-31 08:05:00.00,0,0,1\n2026-01-31 08:05:00.02,0,0,1\n'
  assert.is((await refusedFile('accelerometer', wall, START)).code, 'TIME_ZONE_NEEDED')
  const { resources, report } = await convertFile('accelerometer', wall, { timeZone: 'Europe/Rome' })
  assert.is(signalOf(resources[0]).effectivePeriod.start, '2026-01-31T08:05:00+01:00')
  assert.is(report.timeZone, 'Europe/Rome')
})

test('a start that the file knows itself is not overruled, which is noted', async () => {
  const file = 'time_ms,x_g,y_g,z_g\n1769846700000,0,0,1\n1769846700020,0,0,1\n'
  const { resources, report } = await convertFile('accelerometer', file, START)
  assert.is(signalOf(resources[0]).effectivePeriod.start, '2026-01-31T08:05:00Z')
  assert.equal(
    report.notes.map(({ rule }) => rule),
    ['start-in-file'],
  )
})

test('a sample alone has no period and is counted; a file of such is refused', async () => {
  const { report } = await convertFile('accelerometer', recordingOf([0, 0.02, 9]), START)
  assert.is(report.leftOut['lone-sample'], 1)
  assert.is((await refusedFile('accelerometer', recordingOf([0, 5, 10]), START)).code, 'NO_READINGS')
})

test('everything written is valid FHIR R4, by two validators', async () => {
  const validate = await openValidator()
  const irregular = recordingOf([0, 0.02, 0.05])
  for (const { resources } of [
    await convertFile('accelerometer', irregular, START),
    await convertFile('accelerometer', readSeed('accelerometer.csv'), START),
    await convertFile('force-plate', readSeed('force-plate.csv'), PLATE),
  ])
    for (const resource of resources) {
      assert.equal(validate(resource), [])
      assert.equal(secondOpinion(resource), [])
    }
})

test.run()
