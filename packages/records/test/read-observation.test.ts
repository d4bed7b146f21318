import type { FhirResource } from '@halo/records'
import { parseFhirJson, readGlucoseObservation } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { importText, ndjsonOf } from './import-text.ts'

const test = suite('records/read-observation')

const READING = {
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '2345-7' }] },
  subject: { reference: 'Patient/1' },
  effectiveDateTime: '2026-01-05T08:00:00+01:00',
  valueQuantity: { value: 5.4, unit: 'mmol/l', system: 'http://unitsofmeasure.org', code: 'mmol/L' },
}

test('reads what the importer writes', async () => {
  const imported = await importText('id,time,gl\na,2026-01-05T08:00:00Z,101.50\nb,2026-01-05T08:05:00Z,Low\n')
  const lines = (await ndjsonOf(imported)).trimEnd().split('\n')
  assert.equal(
    lines.map((line) => readGlucoseObservation(parseFhirJson(line) as FhirResource)),
    [...imported.record.readings()].map(({ subject, timeMs, value, unit, comparator }) => ({
      subject: `Patient/subject-${subject}`,
      timeMs,
      value,
      unit,
      comparator,
    })),
  )
})

test('reads blood glucose of a laboratory as well', () => {
  assert.equal(readGlucoseObservation(READING), {
    subject: 'Patient/1',
    timeMs: Date.UTC(2026, 0, 5, 7),
    value: 5.4,
    unit: 'mmol/L',
    comparator: null,
  })
})

test('keeps every comparator of FHIR R4', () => {
  for (const comparator of ['<', '<=', '>=', '>'] as const) {
    const valueQuantity = { ...READING.valueQuantity, comparator }
    assert.is(readGlucoseObservation({ ...READING, valueQuantity })?.comparator, comparator)
  }
})

test('reads nothing from what is no glucose value with a time and a unit', () => {
  const others: readonly object[] = [
    { resourceType: 'Patient' },
    { status: 'entered-in-error' },
    { status: undefined },
    { code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] } },
    { code: { coding: [{ system: 'http://example.org', code: '2345-7' }] } },
    { code: { coding: 'x' } },
    { effectiveDateTime: '2026-01-05' },
    { effectiveDateTime: '2026-01-05T08:00:00' },
    { effectiveDateTime: undefined },
    { valueQuantity: undefined },
    { valueQuantity: { value: 5.4, code: 'g/L' } },
    { valueQuantity: { value: '5.4', code: 'mg' } },
    { valueQuantity: { value: 5.4, code: 'mmol/L', comparator: '~' } },
    { valueQuantity: { value: null, code: 'mg/dL' } },
    { valueQuantity: { value: {}, code: 'mg/dL' } },
  ]
  for (const other of others)
    assert.is(readGlucoseObservation({ ...READING, ...other } as FhirResource), null, JSON.stringify(other))
})

test.run()
