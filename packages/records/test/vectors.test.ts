import { readFileSync } from 'node:fs'
import type { ImportOptions } from '@halo/records'
import { parseRecord } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { importText, ndjsonOf, refusalOf } from './import-text.ts'

const test = suite('records/vectors')

interface ValidImport {
  readonly name: string
  readonly options: ImportOptions
  readonly csv: string
  readonly ndjson: string
  readonly metadata: Readonly<Record<string, unknown>>
  readonly report: Readonly<Record<string, unknown>>
}

interface InvalidImport {
  readonly name: string
  readonly options: ImportOptions
  readonly csv?: string
  readonly hex?: string
  readonly code: string
  readonly details: Readonly<Record<string, unknown>>
}

interface InvalidRecord {
  readonly name: string
  readonly ndjson: string
  readonly row: number
}

function vectorsOf<T>(file: string): readonly T[] {
  const url = new URL(`../../../test/vectors/records/${file}`, import.meta.url)
  return (JSON.parse(readFileSync(url, 'utf8')) as { vectors: readonly T[] }).vectors
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text)
}

for (const { name, options, csv, ndjson, metadata, report } of vectorsOf<ValidImport>('import-valid.json'))
  test(`imports: ${name}`, async () => {
    const imported = await importText(csv, options)
    assert.is(await ndjsonOf(imported), ndjson)
    const { importer: _, ...found } = imported.record.metadata
    assert.equal(found, metadata)
    assert.equal({ ...imported.report, ...report }, imported.report)
    const back = []
    for await (const reading of parseRecord(bytesOf(ndjson))) back.push(reading)
    assert.equal(back, [...imported.record.readings()])
  })

for (const { name, options, csv, hex, code, details } of vectorsOf<InvalidImport>('import-invalid.json'))
  test(`refuses to import: ${name}`, async () => {
    const file = csv ?? new Uint8Array(Buffer.from(hex ?? '', 'hex'))
    const error = await refusalOf(importText(file, options))
    assert.is(error.code, code)
    assert.equal({ ...error.details, ...details }, error.details)
  })

for (const { name, ndjson, row } of vectorsOf<InvalidRecord>('record-invalid.json'))
  test(`refuses to read: ${name}`, async () => {
    const error = await refusalOf(drain(parseRecord(bytesOf(ndjson))))
    assert.is(error.code, 'RECORD_INVALID')
    assert.is(error.details['row'], row)
  })

async function drain(source: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of source);
}

test.run()
