import type { SourceOptions, SourceReport } from '@halo/records'
import {
  CGM_STATUS,
  parseCgmFeature,
  parseCgmMeasurements,
  parseCgmSessionStart,
  parseRecord,
} from '@halo/records'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { decodeSfloat } from '../src/glucose/sfloat.ts'
import { codeOf, convertText, refusalOf } from './source-text.ts'

const test = suite('records/source-gatt-cgm')

/** 12 April 2026, 10:20:30, zone +01:00, summer time +1 h. */
const START = '2AAA EA 07 04 0C 0A 14 1E 04 04'
const EFFECTIVE = /"effectiveDateTime":"([^"]+)".*?("comparator":"[<>]",)?"system":[^}]*"value":([0-9.]+)/g

function octets(hex: string): Uint8Array {
  return Uint8Array.from(hex.split(' '), (octet) => Number.parseInt(octet, 16))
}

/** CRC-16/MCRF4XX by polynomial division of the reflected bits, lowest octet first. */
function withCrc(hex: string): string {
  let crc = 0xffff
  for (const octet of octets(hex))
    for (let bit = 0; bit < 8; bit++) {
      const isOdd = ((crc ^ (octet >> bit)) & 1) === 1
      crc = isOdd ? (crc >> 1) ^ 0x8408 : crc >> 1
    }
  const pair = [crc & 0xff, crc >> 8].map((octet) => octet.toString(16).padStart(2, '0'))
  return `${hex} ${pair.join(' ')}`
}

async function read(
  lines: readonly string[],
  options: SourceOptions = {},
): Promise<[string[], SourceReport]> {
  const { text, report } = await convertText('gatt-cgm', lines.join('\n'), options)
  return [
    [...text.matchAll(EFFECTIVE)].map(
      ([, time, bound = '', value]) => `${time} ${bound.slice(14, 15)}${value}`,
    ),
    report,
  ]
}

test('decodes floats digit by digit, and what is no number by its name', () => {
  const cases: readonly (readonly [number, unknown])[] = [
    [0x0064, { value: 100, valueText: '100' }],
    [0xf3e8, { value: 100, valueText: '100.0' }],
    [0xf036, { value: 5.4, valueText: '5.4' }],
    [0xe001, { value: 0.01, valueText: '0.01' }],
    [0x100c, { value: 120, valueText: '120' }],
    [0xffec, { value: -2, valueText: '-2.0' }],
    [0x0000, { value: 0, valueText: '0' }],
    [0x07ff, 'nan'],
    [0x0800, 'unresolved'],
    [0x0801, 'nan'],
    [0x07fe, 'above'],
    [0x0802, 'below'],
    [0xf7ff, { value: 204.7, valueText: '204.7' }],
  ]
  for (const [bits, expected] of cases) assert.equal(decodeSfloat(bits), expected, bits.toString(16))
})

test('decodes every float to mantissa times power of ten', async () => {
  await holds(
    fc.property(
      // The mantissas beyond, of either sign, are special where the exponent is 0.
      fc.integer({ min: -2045, max: 2045 }),
      fc.integer({ min: -8, max: 7 }),
      (mantissa, exponent) => {
        const decoded = decodeSfloat(((exponent & 0xf) << 12) | (mantissa & 0xfff))
        assert.ok(typeof decoded === 'object')
        assert.is(decoded.value, Number(`${mantissa}e${exponent}`) + 0)
      },
    ),
  )
})

test('decodes a measurement with all its fields, and several in one frame', () => {
  const full = withCrc('0F E3 64 00 05 00 01 0C 02 14 F0 5A 00')
  const found = parseCgmMeasurements(octets(`06 00 64 00 05 00 ${full}`))
  assert.is(found.length, 2)
  assert.equal(found[0], {
    glucose: { value: 100, valueText: '100' },
    offsetMin: 5,
    status: 0,
    trend: null,
    quality: null,
  })
  assert.equal(found[1]?.trend, { value: 2, valueText: '2.0' })
  assert.equal(found[1]?.quality, { value: 90, valueText: '90' })
  const { belowPatientLow, calibrationRecommended, calibrationNeeded, batteryLow } = CGM_STATUS
  assert.is(found[1]?.status, belowPatientLow | calibrationRecommended | calibrationNeeded | batteryLow)
})

test('checks by the checksum whose value over the digits 1 to 9 is 6F91', () => {
  assert.ok(withCrc('31 32 33 34 35 36 37 38 39').endsWith('91 6f'))
  assert.is(parseCgmMeasurements(octets(withCrc('08 00 64 00 05 00')), true).length, 1)
})

test('tells the octets of a status apart by the flags of a record', () => {
  const statusOf = (hex: string): number | undefined => parseCgmMeasurements(octets(hex))[0]?.status
  assert.is(statusOf('07 20 64 00 05 00 01'), CGM_STATUS.belowPatientLow)
  assert.is(statusOf('07 40 64 00 05 00 01'), CGM_STATUS.timeSyncNeeded)
  assert.is(statusOf('07 80 64 00 05 00 01'), CGM_STATUS.sessionStopped)
  assert.is(statusOf('08 A0 64 00 05 00 01 02'), CGM_STATUS.belowPatientLow | CGM_STATUS.batteryLow)
})

test('refuses frames that are cut short, of a size their flags do not explain, or damaged', async () => {
  const wrong = [
    '05 00 64 00 05',
    '06 00 64 00 05',
    '06 01 64 00 05 00',
    '07 00 64 00 05 00 00',
    '00 00 64 00 05 00',
    '06 00 64 00 05 00 06',
    `${withCrc('08 00 64 00 05 00').slice(0, -2)}00`,
  ]
  for (const hex of wrong) {
    const error = await refusalOf(async () => parseCgmMeasurements(octets(hex)))
    assert.is(error.code, 'FRAME_INVALID', hex)
  }
  assert.is(parseCgmMeasurements(octets(withCrc('08 00 64 00 05 00'))).length, 1)
  const empty = await refusalOf(async () => parseCgmMeasurements(new Uint8Array()))
  assert.is(empty.code, 'FRAME_INVALID')
})

test('finds any single wrong bit where the sensor is known to send checksums', async () => {
  const frame = octets(withCrc('0A C0 64 00 05 00 00 00'))
  await holds(
    fc.asyncProperty(fc.nat(frame.length * 8 - 1), async (bit) => {
      const damaged = frame.slice()
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const error = await refusalOf(async () => parseCgmMeasurements(damaged, true))
      assert.is(error.code, 'FRAME_INVALID')
    }),
    200,
  )
})

test('reads from the sensor’s features whether checksums must be there', async () => {
  const withChecksum = withCrc('00 10 00 19')
  assert.is(parseCgmFeature(octets(withChecksum)).hasChecksum, true)
  assert.is(parseCgmFeature(octets('00 00 00 19 FF FF')).hasChecksum, false)
  const plain = '2AA7 06 00 64 00 05 00'
  assert.is(await codeOf('gatt-cgm', `2AA8 ${withChecksum}\n${START}\n`), 'FRAME_INVALID')
  const start = `2AAA ${withCrc(START.slice(5))}`
  assert.is(await codeOf('gatt-cgm', `2AA8 ${withChecksum}\n${start}\n${plain}`), 'FRAME_INVALID')
  const [lines] = await read([`2AA8 ${withChecksum}`, start, `2AA7 ${withCrc('08 00 64 00 05 00')}`])
  assert.equal(lines, ['2026-04-12T10:25:30+02:00 100'])
  assert.is(await codeOf('gatt-cgm', '2AA8 00 10 00 19 FF FF'), 'FRAME_INVALID')
})

test('reads when a session began, with zone and summer time where the sensor knows them', () => {
  const start = 'EA 07 04 0C 0A 14 1E'
  const local = '2026-04-12T10:20:30'
  assert.equal(parseCgmSessionStart(octets(`${start} 04 04`)), { localTime: local, utcOffsetMin: 120 })
  assert.equal(parseCgmSessionStart(octets(withCrc(`${start} EC 00`))), {
    localTime: local,
    utcOffsetMin: -300,
  })
  assert.is(parseCgmSessionStart(octets(`${start} 80 00`)).utcOffsetMin, null)
  assert.is(parseCgmSessionStart(octets(`${start} 04 FF`)).utcOffsetMin, null)
})

test('places measurements by the session start above them', async () => {
  const [lines, report] = await read([
    '# captured with a phone',
    START,
    '2AA7 06 00 64 00 05 00 06 00 60 00 00 00',
    '',
    '2AAA EA:07:04:0D:00:00:00:00:00',
    '0x2aa7 06-00-65-00-3C-00',
    '2AA9 00 00 00 00 00',
    '2AA7 060065003C00',
  ])
  assert.equal(lines, [
    '2026-04-12T10:20:30+02:00 96',
    '2026-04-12T10:25:30+02:00 100',
    '2026-04-13T01:00:00+00:00 101',
  ])
  assert.is(report.recordsRead, 7)
  assert.is(report.duplicates, 1)
  assert.equal(report.leftOut, { 'other-characteristic': 1 })
  assert.equal(
    report.notes.map(({ rule }) => rule),
    ['readings-out-of-order'],
  )
})

test('counts minutes in real time through the change of clocks', async () => {
  const frames = ['2AAA EA 07 0A 19 02 00 00 80 FF', '2AA7 06 00 64 00 00 00', '2AA7 06 00 65 00 5A 00']
  const [lines, report] = await read(frames, { timeZone: 'Europe/Rome' })
  assert.equal(lines, ['2026-10-25T02:00:00+02:00 100', '2026-10-25T02:30:00+01:00 101'])
  assert.is(report.timeZone, 'Europe/Rome')
  assert.is(await codeOf('gatt-cgm', frames.join('\n')), 'TIME_ZONE_NEEDED')
  const skipped = frames.join('\n').replace('0A 19 02 00', '03 1D 02 1E')
  assert.is(await codeOf('gatt-cgm', skipped, { timeZone: 'Europe/Rome' }), 'TIME_NOT_IN_ZONE')
})

test('asks for the start where no frame says it, and takes it from the caller', async () => {
  const frames = ['2AA7 06 00 64 00 01 00']
  assert.is(await codeOf('gatt-cgm', frames.join('')), 'START_NEEDED')
  const [lines] = await read(frames, { startTime: '2026-01-31T08:05:00+01:00' })
  assert.equal(lines, ['2026-01-31T08:06:00+01:00 100'])
  assert.is(await codeOf('gatt-cgm', frames.join(''), { startTime: '2026-01-31' }), 'OPTION_INVALID')
  assert.is(await codeOf('gatt-cgm', `2AAA 00 00 00 00 00 00 00 00 00\n${frames[0]}`), 'TIME_INVALID')
})

/** A measurement of 100 mg/dL at a minute, with all three octets of status. */
function withStatus(minute: number, status: number): string {
  const parts = [9, 0xe0, 100, 0, minute, 0, (status >> 16) & 255, (status >> 8) & 255, status & 255]
  return `2AA7 ${parts.map((octet) => octet.toString(16).padStart(2, '0')).join(' ')}`
}

test('leaves out what the sensor says is not to be relied on, and notes every other status', async () => {
  const bits = Object.entries(CGM_STATUS)
  const frames = bits.map(([, bit], minute) => withStatus(minute, bit))
  const [lines, report] = await read([START, ...frames])
  const out = ['sessionStopped', 'sensorTypeWrong', 'sensorMalfunction', 'deviceFault', 'calibrationNeeded']
  const kept = bits.length - out.length - 2
  assert.is(lines.length, kept)
  assert.equal(report.leftOut, {
    'calibration-needed': 1,
    'sensor-fault': 3,
    'session-stopped': 1,
    'temperature-out-of-range': 2,
  })
  assert.is(lines.at(-2), '2026-04-12T10:38:30+02:00 <100')
  assert.is(lines.at(-1), '2026-04-12T10:39:30+02:00 >100')
  const noted = report.notes.reduce((sum, { count }) => sum + count, 0)
  assert.is(noted, bits.length - 2, 'each status but the two that became bounds is noted')
})

test('leaves out what is no number, and says so', async () => {
  const values = ['FF 07', '00 08', 'FE 07', '02 08', '64 00']
  const [lines, report] = await read([
    START,
    ...values.map((value, minute) => `2AA7 06 00 ${value} 0${minute} 00`),
  ])
  assert.equal(lines, ['2026-04-12T10:24:30+02:00 100'])
  assert.equal(report.leftOut, { 'beyond-range': 2, 'no-value': 2 })
  assert.is(await codeOf('gatt-cgm', `${START}\n2AA7 06 00 FF 07 00 00`), 'NO_READINGS')
})

test('reports gaps, and refuses two values at one minute', async () => {
  const minutes = [0, 5, 10, 15, 60, 65]
  const frames = minutes.map((minute) => withStatus(minute, 0))
  const [, report] = await read([START, ...frames])
  assert.equal(report.gaps, [{ series: '99504-3', from: '2026-04-12T08:35:30Z', to: '2026-04-12T09:20:30Z' }])
  const conflict = [START, '2AA7 06 00 64 00 05 00', '2AA7 06 00 65 00 05 00'].join('\n')
  const error = await refusalOf(() => convertText('gatt-cgm', conflict))
  assert.is(error.code, 'READING_CONFLICT')
  assert.equal(error.details, { row: 2, otherRow: 3 })
})

test('refuses other files, other units and lines that are no frame, naming the row', async () => {
  assert.is(await codeOf('gatt-cgm', ''), 'FILE_EMPTY')
  assert.is(await codeOf('gatt-cgm', '# nothing\n'), 'FILE_EMPTY')
  assert.is(await codeOf('gatt-cgm', 'id,time,gl\n'), 'FORMAT_UNKNOWN')
  assert.is(await codeOf('gatt-cgm', START, { unit: 'mmol/L' }), 'OPTION_INVALID')
  for (const line of ['2AA7 0', '2AA7', 'hello', '2AA7 06 00 64 00 05', '2AA7 zz']) {
    const error = await refusalOf(() => convertText('gatt-cgm', `${START}\n\n${line}`))
    assert.is(error.code, 'FRAME_INVALID', line)
    assert.is(error.details['row'], 3)
  }
  assert.is(await codeOf('gatt-cgm', `${START}\n2AA7 06 00 01 00 05 00`), 'VALUE_IMPLAUSIBLE')
  const many = [START, withStatus(0, 0), withStatus(1, 0)].join('\n')
  assert.is(await codeOf('gatt-cgm', many, { maxReadings: 1 }), 'READINGS_TOO_MANY')
})

test('writes lines that read back as a record', async () => {
  const { text } = await convertText('gatt-cgm', [START, withStatus(0, 0), withStatus(5, 0)].join('\n'))
  const back = []
  for await (const { valueText } of parseRecord(bytesOf(text))) back.push(valueText)
  assert.equal(back, ['100', '100'])
})

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

test.run()
