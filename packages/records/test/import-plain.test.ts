import { importGlucose, parseRecord } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { chunksOf, importText, ndjsonOf, refusalOf } from './import-text.ts'

const test = suite('records/import-plain')

test('writes one FHIR Observation of the HL7 CGM profile per reading', async () => {
  const ndjson = await ndjsonOf(await importText('id,time,gl\nJane,2015-06-06T21:50:27Z,153\n'))
  assert.equal(JSON.parse(ndjson), {
    resourceType: 'Observation',
    meta: { profile: ['http://hl7.org/fhir/uv/cgm/StructureDefinition/cgm-sensor-reading-mass-per-volume'] },
    status: 'final',
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' },
        ],
      },
    ],
    code: { coding: [{ system: 'http://loinc.org', code: '99504-3' }] },
    subject: { reference: 'Patient/subject-1' },
    effectiveDateTime: '2015-06-06T21:50:27Z',
    valueQuantity: { value: 153, unit: 'mg/dl', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
  })
})

test('keeps the decimals of molar values', async () => {
  const imported = await importText('id,time,gl\na,2025-01-01T00:00:00Z,5.0\n', { unit: 'mmol/L' })
  const ndjson = await ndjsonOf(imported)
  assert.match(ndjson, /"code":"105272-9"/)
  assert.match(ndjson, /"unit":"mmol\/l","value":5\.0\}\}\n$/)
  assert.match(imported.record.metadata.profile, /moles-per-volume$/)
})

test('numbers subjects by first appearance and sorts by subject, then time', async () => {
  const csv =
    'id,time,gl\nZoe,2025-01-01T00:10:00Z,101\nAdam,2025-01-01T00:00:00Z,102\nZoe,2025-01-01T00:05:00Z,103\n'
  const { record, report } = await importText(csv)
  assert.equal(
    [...record.readings()].map(({ subject, value }) => [subject, value]),
    [
      [1, 103],
      [1, 101],
      [2, 102],
    ],
  )
  assert.is(report.reordered, 1)
  assert.is(record.metadata.subjects, 2)
  assert.is(record.metadata.start, '2025-01-01T00:00:00Z')
  assert.is(record.metadata.end, '2025-01-01T00:10:00Z')
})

test('finds its columns in any order and drops the others unread', async () => {
  const { report } = await importText('"","gl","ID","Time"\n"1",100,"a","2025-01-01 00:00:00Z"\n')
  assert.is(report.readings, 1)
  assert.is(report.columnsLeftOut, 1)
})

test('counts a repeated row once, by instant and number rather than by spelling', async () => {
  const csv =
    'id,time,gl\na,2025-01-01T00:00:00Z,100\na,2025-01-01T01:00:00+01:00,100.0\na,2025-01-01T00:00:00Z,100\n'
  const { record, report } = await importText(csv)
  assert.is(report.duplicates, 2)
  assert.equal(
    [...record.readings()].map(({ time, valueText }) => [time, valueText]),
    [['2025-01-01T00:00:00Z', '100']],
  )
})

test('refuses two values for one instant, and names both rows', async () => {
  for (const other of ['101', 'Low', 'High']) {
    const csv = `id,time,gl\na,2025-01-01T00:00:00Z,40\nb,2025-01-01T00:00:00Z,90\na,2025-01-01T01:00:00+01:00,${other}\n`
    const error = await refusalOf(importText(csv))
    assert.is(error.code, 'READING_CONFLICT')
    assert.equal(error.details, { row: 2, otherRow: 4 })
    assert.match(error.message, /Rows 2 and 4/)
  }
})

test('lists gaps longer than three times the median interval, per subject', async () => {
  const minutes = [0, 5, 10, 25, 41, 46]
  const rows = minutes.map((minute) => `a,2025-01-01T00:${String(minute).padStart(2, '0')}:00Z,100`)
  const { report } = await importText(['id,time,gl', ...rows, 'b,2025-01-01T00:00:00Z,100'].join('\n'))
  const startMs = Date.UTC(2025, 0, 1)
  assert.equal(report.subjects, [
    {
      subject: 1,
      readings: 6,
      medianIntervalSec: 300,
      gaps: [{ fromMs: startMs + 25 * 60_000, toMs: startMs + 41 * 60_000 }],
    },
    { subject: 2, readings: 1, medianIntervalSec: null, gaps: [] },
  ])
})

test('takes the middle of two for the median interval', async () => {
  const rows = [0, 5, 10, 20, 30].map(
    (minute) => `a,2025-01-01T00:${String(minute).padStart(2, '0')}:00Z,100`,
  )
  const { report } = await importText(['id,time,gl', ...rows].join('\n'))
  assert.is(report.subjects[0]?.medianIntervalSec, 450)
})

test('takes the words Low and High for the limits of the sensor', async () => {
  const csv =
    'id,time,gl\na,2025-01-01T00:00:00Z,Low\na,2025-01-01T00:05:00Z,HIGH\na,2025-01-01T00:10:00Z,99\n'
  const { record } = await importText(csv)
  assert.equal(
    [...record.readings()].map(({ comparator, value }) => [comparator, value]),
    [
      ['<', 40],
      ['>', 400],
      [null, 99],
    ],
  )
})

test('suspects the unit when nobody named it and the values look like mmol/L', async () => {
  const csv =
    'id,time,gl\na,2025-01-01T00:00:00Z,5.4\na,2025-01-01T00:05:00Z,34.9\na,2025-01-01T00:10:00Z,120\n'
  const error = await refusalOf(importText(csv))
  assert.is(error.code, 'UNIT_SUSPECT')
  assert.match(error.message, /--unit/)
  const edge = 'id,time,gl\na,2025-01-01T00:00:00Z,34\na,2025-01-01T00:05:00Z,35\na,2025-01-01T00:10:00Z,36\n'
  assert.is((await importText(edge)).report.readings, 3)
})

test('refuses glucose that no living patient has, by row', async () => {
  for (const [unit, value] of [
    ['mg/dL', '9.9'],
    ['mg/dL', '1000.1'],
    ['mg/dL', '-100'],
    ['mg/dL', '0'],
    ['mmol/L', '100'],
    ['mmol/L', '0.5'],
  ] as const) {
    const csv = `id,time,gl\na,2025-01-01T00:00:00Z,20\na,2025-01-01T00:05:00Z,${value}\n`
    const error = await refusalOf(importText(csv, { unit }))
    assert.is(error.code, 'VALUE_IMPLAUSIBLE')
    assert.is(error.details['row'], 3)
    assert.match(error.message, /--unit/)
  }
})

test('takes the least and the most that a living patient may have', async () => {
  for (const [unit, least, most] of [
    ['mg/dL', '10', '1000'],
    ['mmol/L', '0.6', '55.5'],
  ] as const) {
    const csv = `id,time,gl\na,2025-01-01T00:00:00Z,${least}\na,2025-01-01T00:05:00Z,${most}\n`
    const { record } = await importText(csv, { unit })
    const back: string[] = []
    for await (const { valueText } of parseRecord(record.bytes())) back.push(valueText)
    assert.equal(back, [least, most])
  }
})

test('gives the same bytes however the file is cut into chunks, text or bytes', async () => {
  const csv = '\uFEFFid,time,gl\r\nZoë,2025-01-01T00:00:00Z,100\r\n😀,2025-01-01T00:00:00Z,101'
  const bytes = new TextEncoder().encode(csv)
  const whole = await ndjsonOf(await importText(csv))
  for (let at = 0; at <= bytes.length; at++) {
    const cut = await importGlucose(chunksOf(bytes.slice(0, at), bytes.slice(at)))
    assert.is(await ndjsonOf(cut), whole)
  }
  assert.is(await ndjsonOf(await importGlucose(chunksOf(...(csv.match(/[\s\S]{1,7}/gu) ?? [])))), whole)
})

test('tells how far it has come, in bytes and rows', async () => {
  const seen: unknown[] = []
  const chunks = ['id,time,gl\nZoë,2025-01-0', '1T00:00:00Z,100\n', 'a,2025-01-01T00:00:00Z,100\n']
  await importGlucose(chunksOf(...chunks), { onProgress: (done) => seen.push(done) })
  assert.equal(seen.slice(0, 3), [
    { bytes: 25, rows: 1 },
    { bytes: 41, rows: 2 },
    { bytes: 68, rows: 3 },
  ])
})

test('stops when it is told to, even if the source never answers, and lets the source go', async () => {
  const stop = new AbortController()
  let isReleased = false
  const source: AsyncIterable<string> = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        stop.abort(new Error('enough'))
        return new Promise(() => undefined)
      },
      return: async () => {
        isReleased = true
        return { done: true, value: undefined }
      },
    }),
  }
  await assertRejects(importGlucose(source, { signal: stop.signal }), 'enough')
  assert.ok(isReleased)
})

test('does not end a source that has ended by itself', async () => {
  let returns = 0
  const chunks = ['id,time,gl\n', 'a,2025-01-01T00:00:00Z,100\n']
  const source: AsyncIterable<string> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        const value = chunks.shift()
        return value === undefined ? { done: true, value } : { done: false, value }
      },
      return: async () => {
        returns += 1
        return { done: true, value: undefined }
      },
    }),
  }
  const { report } = await importGlucose(source, { signal: new AbortController().signal })
  assert.is(report.readings, 1)
  assert.is(returns, 0)
})

test('reads nothing when it was stopped before', async () => {
  let isRead = false
  async function* source(): AsyncGenerator<string> {
    isRead = true
    yield 'id,time,gl\n'
  }
  await assertRejects(importGlucose(source(), { signal: AbortSignal.abort(new Error('early')) }), 'early')
  assert.not.ok(isRead)
})

test('passes on what the source throws', async () => {
  async function* source(): AsyncGenerator<string> {
    yield 'id,time,gl\n'
    throw new Error('disk gone')
  }
  await assertRejects(importGlucose(source()), 'disk gone')
})

async function assertRejects(promise: Promise<unknown>, message: string): Promise<void> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof Error)
  assert.is(error.message, message)
}

test('gives the ids of subjects to the caller alone, in order of their numbers', async () => {
  const rows = [
    'Zoe,2025-01-01T00:00:00Z,100',
    'Ann,2025-01-01T00:00:00Z,110',
    'Zoe,2025-01-01T00:05:00Z,120',
  ]
  const { subjectIds, record, report } = await importText(['id,time,gl', ...rows].join('\n'))
  assert.equal(subjectIds, ['Zoe', 'Ann'])
  assert.not.match(JSON.stringify({ report, metadata: record.metadata }), /Zoe|Ann/)
})

test.run()
