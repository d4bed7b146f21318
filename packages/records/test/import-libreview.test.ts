import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { importText, ndjsonOf, refusalOf } from './import-text.ts'
import { LIBRE_CANARIES, libreFile, libreRow } from './libreview-file.ts'

const test = suite('records/import-libreview')
const ROME = { timeZone: 'Europe/Rome' }

/** Time and value of each reading of an import. */
async function readingsOf(rows: readonly string[], options = {}): Promise<readonly string[]> {
  const { record } = await importText(libreFile(rows), { ...ROME, ...options })
  return [...record.readings()].map(({ time, valueText }) => `${time} ${valueText}`)
}

test('is told from other exports by its header, whatever the first row says', async () => {
  const { report } = await importText(libreFile([libreRow('13-01-2026 08:05', '99')]), ROME)
  assert.is(report.format, 'libreview')
  assert.is(report.rowsRead, 1)
  assert.is(report.columnsLeftOut, 15)
  const [, ...withoutTitle] = libreFile([libreRow('13-01-2026 08:05', '99')]).split('\r\n')
  assert.is((await importText(withoutTitle.join('\n'), ROME)).report.readings, 1)
  const mmol = await importText(libreFile([libreRow('13-01-2026 08:05', '5.4')], 'mmol/L'), ROME)
  assert.is(mmol.record.metadata.unit, 'mmol/L')
})

test('sorts readings that are grouped by device and kind', async () => {
  const rows = [
    libreRow('14-01-2026 08:00', '100'),
    libreRow('14-01-2026 08:15', '101'),
    libreRow('14-01-2026 08:05', '102', '1'),
    libreRow('13-01-2026 23:45', '103', '0', 'SN-4711-BB'),
  ]
  assert.equal(await readingsOf(rows), [
    '2026-01-13T23:45:00+01:00 103',
    '2026-01-14T08:00:00+01:00 100',
    '2026-01-14T08:05:00+01:00 102',
    '2026-01-14T08:15:00+01:00 101',
  ])
})

test('takes the order of day and month from any date that settles it, in front or behind', async () => {
  const open = libreRow('03-04-2026 08:00', '100')
  assert.equal(await readingsOf([open, libreRow('13-04-2026 08:00', '101')]), [
    '2026-04-03T08:00:00+02:00 100',
    '2026-04-13T08:00:00+02:00 101',
  ])
  assert.equal(await readingsOf([open, libreRow('04-13-2026 08:00', '101')]), [
    '2026-03-04T08:00:00+01:00 100',
    '2026-04-13T08:00:00+02:00 101',
  ])
})

test('asks for the order where no date settles it, and takes it from the caller', async () => {
  const rows = [libreRow('03-04-2026 08:00 PM', '100'), libreRow('04/04/2026 12:10 am', '101')]
  const error = await refusalOf(importText(libreFile(rows), ROME))
  assert.is(error.code, 'DATE_ORDER_NEEDED')
  assert.equal(await readingsOf(rows, { dateOrder: 'dmy' }), [
    '2026-04-03T20:00:00+02:00 100',
    '2026-04-04T00:10:00+02:00 101',
  ])
  assert.equal(await readingsOf(rows, { dateOrder: 'mdy' }), [
    '2026-03-04T20:00:00+01:00 100',
    '2026-04-04T00:10:00+02:00 101',
  ])
  assert.equal(await readingsOf([libreRow('04-04-2026 08:00', '100')]), ['2026-04-04T08:00:00+02:00 100'])
})

test('names the row whose date contradicts the others or the given order', async () => {
  const rows = [libreRow('13-04-2026 08:00', '100'), libreRow('04-14-2026 08:00', '101')]
  const mixed = await refusalOf(importText(libreFile(rows), ROME))
  assert.is(mixed.code, 'TIME_INVALID')
  assert.equal(mixed.details, { row: 3, column: 3, field: 'time' })
  const given = await refusalOf(importText(libreFile([rows[1] ?? '']), { ...ROME, dateOrder: 'dmy' }))
  assert.is(given.code, 'TIME_INVALID')
})

test('refuses times that no clock shows', async () => {
  const times = [
    '',
    '13-04-2026',
    '13-04-2026 24:00',
    '13-04-2026 13:00 PM',
    '13-04-2026 00:10 AM',
    '31-02-2026 08:00',
  ]
  for (const time of times) {
    const error = await refusalOf(importText(libreFile([libreRow(time, '100')]), ROME))
    assert.is(error.code, 'TIME_INVALID', time)
  }
})

test('keeps the stored reading where a scan in the same minute differs, and says so', async () => {
  const rows = [
    libreRow('13-01-2026 08:00', '100', '1'),
    libreRow('13-01-2026 08:00', '104'),
    libreRow('13-01-2026 08:15', '105'),
    libreRow('13-01-2026 08:15', '105', '1'),
    libreRow('13-01-2026 08:20', '106', '1'),
    libreRow('13-01-2026 08:20', '107', '1'),
    libreRow('13-01-2026 08:15', '109', '0', 'SN-4711-BB'),
  ]
  assert.equal(await readingsOf(rows), [
    '2026-01-13T08:00:00+01:00 104',
    '2026-01-13T08:15:00+01:00 105',
    '2026-01-13T08:20:00+01:00 106',
  ])
  const { report } = await importText(libreFile(rows), ROME)
  assert.is(report.duplicates, 1)
  assert.equal(
    report.notes.map(({ rule, count, firstAt }) => [rule, count, firstAt]),
    [
      ['scan-beside-historic', 1, 3],
      ['devices-at-one-time', 1, 9],
      ['scans-in-one-minute', 1, 8],
      ['rows-out-of-order', 1, 9],
    ],
  )
})

test('refuses two stored readings of one device in one minute', async () => {
  const rows = [libreRow('13-01-2026 08:00', '100'), libreRow('13-01-2026 08:00', '104')]
  const error = await refusalOf(importText(libreFile(rows), ROME))
  assert.is(error.code, 'READING_CONFLICT')
  assert.equal(error.details, { row: 3, otherRow: 4 })
})

test('writes LO and HI as bounds, and counts what is no sensor reading', async () => {
  const rows = [
    libreRow('13-01-2026 08:00', 'LO'),
    libreRow('13-01-2026 08:15', 'HI', '1'),
    ...['2', '3', '4', '5', '6', '6', '99'].map((type) => libreRow('13-01-2026 08:20', '90', type)),
  ]
  const imported = await importText(libreFile(rows), ROME)
  assert.match(
    await ndjsonOf(imported),
    /"comparator":"<".*"value":40\}.*\n.*"comparator":">".*"value":400\}/,
  )
  const { strip, ketone, insulin, carbs, note, other } = imported.report.leftOut
  assert.equal([strip, ketone, insulin, carbs, note, other], [1, 1, 1, 1, 2, 1])
})

test('settles the hour that autumn repeats within each device and kind', async () => {
  const stored = ['25-10-2026 02:45', '25-10-2026 02:00', '25-10-2026 02:15'].map((time) =>
    libreRow(time, '100'),
  )
  const scans = [libreRow('25-10-2026 02:50', '101', '1')]
  assert.equal(await readingsOf([...stored, ...scans]), [
    '2026-10-25T02:45:00+02:00 100',
    '2026-10-25T02:50:00+02:00 101',
    '2026-10-25T02:00:00+01:00 100',
    '2026-10-25T02:15:00+01:00 100',
  ])
})

test('says what to do with an export in another language, with two units, or with decimal commas', async () => {
  const good = libreFile([libreRow('13-01-2026 08:00', '100')])
  const german = good
    .replace('Serial Number', 'Seriennummer')
    .replace('Device Timestamp', 'Gerätezeitstempel')
    .replace('Record Type', 'Aufzeichnungstyp')
    .replace('Historic Glucose', 'Glukosewert-Verlauf')
    .replace('Scan Glucose', 'Glukose-Scan')
  const error = await refusalOf(importText(german, ROME))
  assert.is(error.code, 'FORMAT_UNKNOWN')
  assert.match(error.message, /English/)
  const units = good.replace('Scan Glucose mg/dL', 'Scan Glucose mmol/L')
  assert.is((await refusalOf(importText(units, ROME))).code, 'UNIT_UNKNOWN')
  assert.is((await refusalOf(importText(good, { ...ROME, unit: 'mmol/L' }))).code, 'UNIT_SUSPECT')
  const comma = libreFile([libreRow('13-01-2026 08:00', '5,4')], 'mmol/L')
  assert.is((await refusalOf(importText(comma, ROME))).code, 'ROW_MALFORMED')
  assert.is((await refusalOf(importText(good, { ...ROME, format: 'dexcom-clarity' }))).code, 'FORMAT_UNKNOWN')
  assert.is((await refusalOf(importText(good))).code, 'TIME_ZONE_NEEDED')
  assert.is((await refusalOf(importText(libreFile([]), ROME))).code, 'NO_READINGS')
})

test('keeps the title, devices, serials and notes out of record, report and errors', async () => {
  const rows = [libreRow('13-01-2026 08:00', '100'), libreRow('13-01-2026 08:00', '', '6')]
  const imported = await importText(libreFile(rows), ROME)
  const errors = await Promise.all(
    [
      libreFile([libreRow('Zanzibella', '100')]),
      libreFile([libreRow('13-01-2026 08:00', 'Zanzibella')]),
      libreFile([libreRow('13-01-2026 08:00', '100'), libreRow('13-01-2026 08:00', '101')]),
      'Zanzibella Quuxworth\nSN-4711-AA,SN-4711-BB\n',
    ].map((file) => refusalOf(importText(file, ROME))),
  )
  const said = [
    await ndjsonOf(imported),
    JSON.stringify([imported.record.metadata, imported.report]),
    ...errors.map(({ message, details }) => message + JSON.stringify(details)),
  ].join()
  for (const canary of LIBRE_CANARIES) assert.not.ok(said.includes(canary), canary)
})

test.run()
