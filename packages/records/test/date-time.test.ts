import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { parseInstant, parseWrittenTime } from '../src/text/date-time.ts'

const test = suite('records/date-time')

test('keeps the digits and the offset as written', () => {
  const cases = [
    ['2016-10-24T11:24:17', null, '2016-10-24T11:24:17'],
    ['2016-10-24 11:24', null, '2016-10-24T11:24:00'],
    ['2016-10-24T11:24', null, '2016-10-24T11:24:00'],
    ['2016-10-24T11:24+0200', 120, '2016-10-24T11:24:00+02:00'],
    ['1970-01-01T00:00:00+14:00', 840, '1970-01-01T00:00:00+14:00'],
    ['2199-12-31T23:59:59.123456789-14:00', -840, '2199-12-31T23:59:59.123456789-14:00'],
    ['2016-10-24T11:24:17Z', 0, '2016-10-24T11:24:17Z'],
    ['2016-10-24T11:24:17.050+05:30', 330, '2016-10-24T11:24:17.050+05:30'],
    ['2016-10-24T11:24:17-0800', -480, '2016-10-24T11:24:17-08:00'],
    ['2016-10-24T11:24:17-00:00', 0, '2016-10-24T11:24:17-00:00'],
  ] as const
  for (const [text, offsetMin, written] of cases) {
    const time = parseWrittenTime(text)
    assert.is(time?.text, written)
    assert.ok(time?.offsetMin === offsetMin || time?.offsetMin === 0, text)
  }
})

test('refuses dates that do not exist, leap seconds, odd spellings and clocks never set', () => {
  for (const text of [
    '2025-02-29T00:00:00Z',
    '2025-13-01T00:00:00Z',
    '2025-00-10T00:00:00Z',
    '2025-01-01T24:00:00Z',
    '2025-06-30T23:59:60Z',
    '2025-06-30T23:60:00Z',
    '1969-12-31T23:59:59Z',
    '2200-01-01T00:00:00Z',
    '2025-01-01T00:00:00.1234567890Z',
    '2025-01-01T00:00:00+14:01',
    '2025-01-01T00:00:00+01:60',
    '2025-01-01T00:00:00z',
    '2025-01-01',
    '01/02/2025 10:00',
    '0024-01-01T00:00:00Z',
    '2025-01-01T00:00:00Z ',
    '２０２５-01-01T00:00:00Z',
    '',
  ])
    assert.is(parseWrittenTime(text), null, text)
})

test('names the instant that Date names', async () => {
  const instants = fc.date({ min: new Date('1970-01-02'), max: new Date('2199-12-30'), noInvalidDate: true })
  await holds(
    fc.property(instants, fc.integer({ min: -840, max: 840 }), (date, offsetMin) => {
      const wall = new Date(date.getTime() + offsetMin * 60_000).toISOString().slice(0, -1)
      const size = Math.abs(offsetMin)
      const offset = `${offsetMin < 0 ? '-' : '+'}${`0${Math.floor(size / 60)}`.slice(-2)}:${`0${size % 60}`.slice(-2)}`
      assert.is(parseInstant(wall + offset), Date.parse(wall + offset))
    }),
  )
})

test('takes only complete FHIR spellings for instants', () => {
  for (const text of [
    '2025-01-01T00:00:00',
    '2025-01-01 00:00:00Z',
    '2025-01-01T00:00Z',
    '2025-01-01T00:00:00+0100',
  ])
    assert.is(parseInstant(text), null)
})

test.run()
