import type { ImportOptions } from '@halo/records'
import { importGlucose, parseRecord, RecordsError } from '@halo/records'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { observationLine } from '../src/glucose/observation.ts'
import { CANARIES, clarityFile, clarityRow } from './clarity-file.ts'
import { chunksOf, importText, ndjsonOf } from './import-text.ts'

const test = suite('records/fuzz')

const SEEDS = [
  'id,time,gl\nSubject 1,2015-06-06T21:50:27Z,153\nSubject 1,2015-06-06T22:05:27+02:00,137.0\n"b",2015-06-06 22:15,90\n',
  clarityFile([
    clarityRow('2025-10-26T02:10:00', '99'),
    clarityRow('2025-10-26T02:05:00', 'Low'),
    clarityRow('2025-10-26T02:05:00', '5.5', 'Calibration'),
  ]),
].map((text) => new TextEncoder().encode(text))

const SPLICES = [
  '"',
  ',',
  '\n',
  '\r\n',
  '\0',
  '\u00e9',
  ',,,',
  '""',
  'Low',
  '-',
  '.',
  'Z',
  '9'.repeat(40),
  'EGV',
]

/** A seed file with some stretches removed and others put in their place. */
const mutated = fc
  .tuple(
    fc.constantFrom(...SEEDS),
    fc.array(
      fc.record({
        at: fc.nat(1200),
        cut: fc.nat(12),
        put: fc.oneof(
          fc.constantFrom(...SPLICES).map((text) => new TextEncoder().encode(text)),
          fc.uint8Array({ maxLength: 4 }),
        ),
      }),
      { maxLength: 6 },
    ),
  )
  .map(([seed, edits]) =>
    edits.reduce<Uint8Array>((bytes, { at, cut, put }) => {
      const start = at % (bytes.length + 1)
      return Uint8Array.of(...bytes.slice(0, start), ...put, ...bytes.slice(start + cut))
    }, seed),
  )

const options: fc.Arbitrary<ImportOptions> = fc.record(
  {
    timeZone: fc.constantFrom('Europe/Rome', '+01:00', 'Australia/Lord_Howe'),
    unit: fc.constantFrom('mg/dL', 'mmol/L'),
    format: fc.constantFrom('auto', 'plain', 'dexcom-clarity'),
    maxLineBytes: fc.constantFrom(80, 65536),
  },
  { requiredKeys: [] },
)

test('ends mutated files with a record that reads back, or with a RecordsError that names nobody', async () => {
  let imports = 0
  await holds(
    fc.asyncProperty(mutated, options, fc.nat(500), async (bytes, how, at) => {
      try {
        const imported = await importGlucose(chunksOf(bytes.slice(0, at), bytes.slice(at)), how)
        const back = []
        for await (const reading of parseRecord(imported.record.bytes())) back.push(reading)
        assert.equal(back, [...imported.record.readings()])
        imports += 1
      } catch (error) {
        assert.ok(error instanceof RecordsError, String(error))
        for (const canary of CANARIES) assert.not.ok(error.message.includes(canary))
      }
    }),
    3000,
  )
  assert.ok(imports > 30, 'some mutated files are still readable')
})

test('ends any bytes with a RecordsError or a record', async () => {
  await holds(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
      try {
        await importText(bytes, { timeZone: 'UTC' })
      } catch (error) {
        assert.ok(error instanceof RecordsError, String(error))
      }
    }),
    500,
  )
})

test('reads back only bytes it would write, whichever byte of a record is changed', async () => {
  const rows = [
    'a,2025-01-01T00:00:00Z,100',
    'a,2025-01-01T00:05:00Z,Low',
    'b,2025-01-01T00:00:00.5+01:00,101.50',
  ]
  const record = new TextEncoder().encode(
    await ndjsonOf(await importText(['id,time,gl', ...rows].join('\n'))),
  )
  const { write } = observationLine('mg/dL')
  let accepted = 0
  await holds(
    fc.asyncProperty(fc.nat(record.length - 1), fc.nat(255), async (at, byte) => {
      const bytes = record.slice()
      bytes[at] = byte
      let again = ''
      try {
        for await (const reading of parseRecord(bytesOf(bytes))) again += `${write(reading)}\n`
      } catch (error) {
        assert.ok(error instanceof RecordsError, String(error))
        assert.is(error.code, 'RECORD_INVALID')
        return
      }
      accepted += 1
      assert.is(again, new TextDecoder().decode(bytes))
    }),
    4000,
  )
  assert.ok(accepted > 0, 'some changed digits are still a record')
})

async function* bytesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

test.run()
