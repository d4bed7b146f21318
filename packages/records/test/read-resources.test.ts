import type { FhirResource } from '@halo/records'
import { aggregate, readResources, validateNdjson } from '@halo/records'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { refusalOf } from './source-text.ts'

const test = suite('records/read-resources')

const RESOURCES = [
  { resourceType: 'Patient', id: 'a' },
  { resourceType: 'Bundle', type: 'collection', entry: [{ resource: { resourceType: 'Patient', id: 'b' } }] },
  { resourceType: 'Patient', id: 'c', name: [{ text: 'A "{[\\" B' }] },
] as const

/** A file in pieces of so many bytes. */
async function* piecesOf(text: string, sizeBytes: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes)
}

const LAYOUTS: readonly string[] = [
  `${RESOURCES.map((one) => JSON.stringify(one)).join('\n')}\n`,
  `\uFEFF\r\n${RESOURCES.map((one) => JSON.stringify(one)).join('\r\n\r\n')}`,
  RESOURCES.map((one) => JSON.stringify(one, null, 2)).join('\n'),
  JSON.stringify(RESOURCES),
  JSON.stringify(RESOURCES, null, '\t'),
]

async function collect<T>(source: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const one of source) all.push(one)
  return all
}

async function read(source: AsyncIterable<Uint8Array | string>): Promise<readonly FhirResource[]> {
  return collect(readResources(source))
}

test('reads the same resources from every layout, however it is cut, and a Bundle as one', async () => {
  await holds(
    fc.asyncProperty(fc.constantFrom(...LAYOUTS), fc.integer({ min: 1, max: 40 }), async (text, size) => {
      assert.equal(await read(piecesOf(text, size)), RESOURCES)
    }),
    50,
  )
})

test('tells how many bytes it was given', async () => {
  let bytes = 0
  const onBytes = (size: number): void => {
    bytes += size
  }
  await collect(readResources(piecesOf(`{"resourceType":"ä"}`, 3), { onBytes }))
  assert.is(bytes, 21)
})

const REFUSED: readonly (readonly [text: string, code: string, row: number | undefined])[] = [
  ['', 'FILE_EMPTY', undefined],
  ['name,value\n', 'FORMAT_UNKNOWN', undefined],
  ['{"resourceType":"Patient"}\n{"a":1}\n', 'FORMAT_UNKNOWN', 2],
  ['{"resourceType":"Patient"}\n\nnull\n', 'JSON_MALFORMED', 3],
  ['{"resourceType":"Patient"}\n{\n"resourceType":"Patient"\n', 'JSON_MALFORMED', 2],
  ['{"resourceType":"Patient",}', 'JSON_MALFORMED', 1],
  ['[{"resourceType":"Patient"}', 'JSON_MALFORMED', 1],
]

for (const [text, code, row] of REFUSED)
  test(`refuses ${JSON.stringify(text)} with ${code}, naming the row`, async () => {
    const error = await refusalOf(() => read(piecesOf(text, 7)))
    assert.is(error.code, code)
    assert.is(error.details['row'], row)
  })

test('refuses bytes that are no UTF-8 text', async () => {
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(0x7b, 0xff, 0x7d)
  }
  assert.is((await refusalOf(() => read(bytes()))).code, 'FORMAT_UNKNOWN')
})

test('refuses an endless resource before it is read whole', async () => {
  let pieces = 0
  async function* endless(): AsyncGenerator<string> {
    while (true) yield ++pieces === 1 ? '{"a":"' : 'x'.repeat(1000)
  }
  const error = await refusalOf(() => collect(readResources(endless(), { maxLineBytes: 5000 })))
  assert.is(error.code, 'LINE_TOO_LONG')
  assert.is(pieces, 6)
})

test('refuses a bound that is no whole number above 0', async () => {
  for (const maxLineBytes of [0, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    const error = await refusalOf(() => collect(readResources(piecesOf('{}', 2), { maxLineBytes })))
    assert.is(error.code, 'OPTION_INVALID')
  }
})

test('gives up when it is told to', async () => {
  const reading = collect(
    readResources(piecesOf(LAYOUTS[0] ?? '', 5), { signal: AbortSignal.abort(new Error('enough')) }),
  )
  assert.is(await reading.catch((error: Error) => error.message), 'enough')
})

const STEPS = [8, 9].map((hour) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '55423-8' }] },
  subject: { reference: 'Patient/subject-1' },
  effectiveDateTime: `2026-01-01T0${hour}:00:00Z`,
}))

test('windows and validation take every layout too', async () => {
  const spread = [JSON.stringify(STEPS), JSON.stringify(STEPS, null, 2)]
  for (const text of [STEPS.map((one) => JSON.stringify(one)).join('\n'), ...spread]) {
    const windows = await collect(aggregate(piecesOf(text, 11), { window: 'day' }))
    assert.is(windows[0]?.header.resources, 2)
    const validation = validateNdjson(piecesOf(text, 11))
    await collect(validation)
    assert.equal(validation.report().byType, { Observation: 2 })
  }
})

test('validation names the line on which a resource begins that goes over several', async () => {
  const text = `{\n"resourceType":"Patient"\n}\n\n{\n"resourceType":"Patient",\n"shoe":1\n}`
  const found = await collect(validateNdjson(piecesOf(text, 9)))
  assert.equal(
    found.map(({ row, resourceType }) => `${row} ${resourceType}`),
    ['5 Patient'],
  )
})

test.run()
