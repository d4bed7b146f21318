import type { FhirResource } from '@halo/records'
import { buildIndoorAir, canonicalJson, Decimal, parseFhirJson, readAirObservation } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('records/read-air')

const AIR = buildIndoorAir(
  {
    pm2_5: { value: new Decimal('10.50'), unit: 'ug/m3' },
    co2: { value: 0.2, unit: null },
    temperature: { value: -3, unit: 'Cel' },
  },
  { subject: 'Location/room-1', effective: '2026-01-05T08:00:00+01:00' },
)

test('reads back what was built, with units where there are any', () => {
  const written = parseFhirJson(canonicalJson(AIR)) as FhirResource
  assert.equal(readAirObservation(written), {
    subject: 'Location/room-1',
    timeMs: Date.UTC(2026, 0, 5, 7),
    figures: {
      pm2_5: { value: 10.5, unit: 'ug/m3' },
      co2: { value: 0.2, unit: null },
      temperature: { value: -3, unit: 'Cel' },
    },
  })
})

test('reads nothing from what is no indoor air with a time', () => {
  for (const change of [
    { resourceType: 'Patient' },
    { code: { coding: [{ system: 'http://loinc.org', code: 'indoor-air' }] } },
    { effectiveDateTime: '2026' },
    { effectiveDateTime: undefined },
    { component: undefined },
    { component: [] },
    { component: [null, 'x', { code: {} }, { valueQuantity: { value: 1 } }] },
  ])
    assert.is(readAirObservation({ ...AIR, ...change } as FhirResource), null, JSON.stringify(change))
})

test.run()
