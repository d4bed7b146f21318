import { readFileSync } from 'node:fs'
import { canonicalJson, generateGlucoseCsv, parseRecord, recordBytes } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { observationOf } from '../src/glucose/observation.ts'
import { importText, ndjsonOf, refusalOf } from './import-text.ts'

const test = suite('records/record')

async function* piecesOf(text: string, size = 1000): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size)
}

async function readAll(text: string): Promise<unknown[]> {
  const readings: unknown[] = []
  for await (const reading of parseRecord(piecesOf(text))) readings.push(reading)
  return readings
}

async function sampleLines(): Promise<string[]> {
  const csv =
    'id,time,gl\na,2025-01-01T00:00:00Z,100\na,2025-01-01T00:05:00Z,Low\nb,2025-01-01T00:00:00Z,101\n'
  return (await ndjsonOf(await importText(csv))).split('\n').slice(0, -1)
}

test('writes every line as the canonical JSON of its Observation', async () => {
  const csv =
    'id,time,gl\na,2025-01-01T00:00:00+01:00,5.0\na,2025-01-01T00:05:00Z,Low\nb,2025-01-01T00:00:00Z,High\n'
  const imported = await importText(csv, { unit: 'mmol/L' })
  const lines = [...imported.record.readings()].map((reading) => `${canonicalJson(observationOf(reading))}\n`)
  assert.is(await ndjsonOf(imported), lines.join(''))
})

test('comes in pieces of at most 64 KiB, as long as its metadata says, and the same at every call', async () => {
  const { record } = await importText(generateGlucoseCsv({ days: 2 }))
  const pieces: Uint8Array[] = []
  for await (const piece of record.bytes()) pieces.push(piece)
  assert.ok(pieces.length > 1)
  assert.ok(pieces.every(({ length }) => length > 0 && length <= 65536))
  const bytes = await recordBytes(record)
  assert.is(bytes.length, record.metadata.sizeBytes)
  assert.equal(bytes, new Uint8Array(Buffer.concat(pieces)))
})

test('does not change when its caller overwrites a piece', async () => {
  const { record } = await importText(generateGlucoseCsv({ days: 1 }))
  const before = await recordBytes(record)
  for await (const piece of record.bytes()) piece.fill(0)
  assert.equal(await recordBytes(record), before)
})

test('is the same for the same file, and says which importer made it', async () => {
  const csv = generateGlucoseCsv({ days: 1, seed: 3 })
  const [first, second] = [await importText(csv), await importText(csv)]
  assert.is(await ndjsonOf(first), await ndjsonOf(second))
  assert.equal(first.record.metadata, second.record.metadata)
  const { name, version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  assert.equal(first.record.metadata.importer, { name, version })
})

test('reads its own lines back, exactly', async () => {
  const csv = 'id,time,gl\na,2016-10-24T11:24:17.250+02:00,5.10\nb,2016-10-24T09:24:17Z,High\n'
  const text = await ndjsonOf(await importText(csv, { unit: 'mmol/L' }))
  const timeMs = Date.UTC(2016, 9, 24, 9, 24, 17)
  const unit = 'mmol/L'
  assert.equal(await readAll(text), [
    {
      subject: 1,
      time: '2016-10-24T11:24:17.250+02:00',
      timeMs: timeMs + 250,
      value: 5.1,
      valueText: '5.10',
      unit,
      comparator: null,
    },
    {
      subject: 2,
      time: '2016-10-24T09:24:17Z',
      timeMs,
      value: 22.2,
      valueText: '22.2',
      unit,
      comparator: '>',
    },
  ])
})

test('refuses a foreign line, and names its row', async () => {
  const lines = await sampleLines()
  const [first = '', second = ''] = lines
  const foreign = [
    '',
    '{}',
    `${second} `,
    second.replace('{', '{ '),
    second.replace('"status":"final"', '"status":"amended"'),
    second.replace('99504-3', '2339-0'),
    second.replace('"comparator":"<"', '"comparator":"<="'),
    second.replace('"value":40', '"value":040'),
    second.replace('"value":40', '"value":4e1'),
    second.replace('"value":40', '"value":-40'),
    second.replace('00:05:00Z', '00:05:00'),
    second.replace('00:05:00Z', '00:65:00Z'),
    second.replace('subject-1', 'subject-01'),
    second.replace('"resourceType"', '"note":[],"resourceType"'),
    second.replace('mass-per-volume', 'moles-per-volume'),
  ]
  for (const line of foreign) {
    assert.is.not(line, second)
    const error = await refusalOf(readAll([first, line, ...lines.slice(2), ''].join('\n')))
    assert.is(error.code, 'RECORD_INVALID')
    assert.is(error.details['row'], 2, line)
  }
})

test('refuses lines out of order, repeated, of a skipped subject, or in a second unit', async () => {
  const [a1 = '', a2 = '', b1 = ''] = await sampleLines()
  const molar = await ndjsonOf(await importText('id,time,gl\na,2025-01-01T00:10:00Z,5\n', { unit: 'mmol/L' }))
  for (const [lines, row] of [
    [[a2, a1], 2],
    [[a1, a1], 2],
    [[b1], 1],
    [[a1, b1, a2], 3],
    [[a1, b1.replace('subject-2', 'subject-3')], 2],
    [[a1, molar.trimEnd()], 2],
  ] as const) {
    const error = await refusalOf(readAll(`${lines.join('\n')}\n`))
    assert.is(error.code, 'RECORD_INVALID')
    assert.is(error.details['row'], row)
  }
})

test('refuses a record that is empty, cut short, marked, no text, or one endless line', async () => {
  const text = `${(await sampleLines()).join('\n')}\n`
  for (const wrong of [
    '',
    text.slice(0, -1),
    text.slice(0, -30),
    `\uFEFF${text}`,
    text.replaceAll('\n', '\r\n'),
  ])
    assert.is((await refusalOf(readAll(wrong))).code, 'RECORD_INVALID')
  assert.is((await refusalOf(readAll('{'.repeat(5000)))).code, 'RECORD_INVALID')
  async function* binary(): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(0xff, 0xfe)
  }
  assert.is((await refusalOf(drain(parseRecord(binary())))).code, 'RECORD_INVALID')
})

test('stops reading when it is told to', async () => {
  const stop = new AbortController()
  const text = `${(await sampleLines()).join('\n')}\n`
  let rows = 0
  try {
    for await (const _ of parseRecord(piecesOf(text, 600), { signal: stop.signal })) {
      rows += 1
      stop.abort(new Error('enough'))
    }
    assert.unreachable()
  } catch (error) {
    assert.match(String(error), 'enough')
  }
  assert.is(rows, 1)
})

async function drain(source: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of source);
}

test.run()
