import type { RecordsError } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CANARIES, clarityFile, clarityRow } from './clarity-file.ts'
import { importText, ndjsonOf, refusalOf } from './import-text.ts'

const test = suite('records/privacy')
const ROME = { timeZone: 'Europe/Rome' }

/** Everything a person or a log could see of an error. */
function textOf(error: RecordsError): string {
  return [
    error.message,
    error.stack,
    JSON.stringify(error.details),
    JSON.stringify(error),
    String(error.cause),
  ].join()
}

function assertSilent(text: string, canaries: readonly string[] = CANARIES): void {
  for (const canary of canaries) assert.not.ok(text.toLowerCase().includes(canary.toLowerCase()), canary)
}

test('keeps names, birth date, device and serial out of record, metadata and report', async () => {
  const rows = [
    clarityRow('2025-01-01T00:00:00', '99'),
    clarityRow('2025-01-01T00:05:00', '100', 'Calibration'),
  ]
  const imported = await importText(clarityFile(rows), ROME)
  assertSilent(await ndjsonOf(imported))
  assertSilent(JSON.stringify([imported.record.metadata, imported.report, ...imported.record.readings()]))
  assertSilent(JSON.stringify(imported.record))
})

test('keeps subject ids out of record, metadata and report', async () => {
  const ids = ['Zanzibella Quuxworth', 'MRN-99887766']
  const rows = ids.map((id) => `${id},2025-01-01T00:00:00Z,100`)
  const imported = await importText(['id,time,gl', ...rows].join('\n'))
  assertSilent(await ndjsonOf(imported), ids)
  assertSilent(JSON.stringify([imported.record.metadata, imported.report]), ids)
})

test('repeats no cell in an error, wherever a name stands', async () => {
  const good = clarityRow('2025-01-01T00:00:00', '99')
  const [name] = CANARIES
  const files = [
    `${name}\n`,
    `"${name}\n`,
    `id,time,gl\n${name},${name},100\n`,
    `id,time,gl\n${name},2025-01-01T00:00:00Z,${name}\n`,
    `id,time,gl\n${name},2025-01-01T00:00:00Z,100,${name}\n`,
    `id,time,gl\n"${name}"${name},2025-01-01T00:00:00Z,100\n`,
    `id,time,gl\n${name.repeat(30)},2025-01-01T00:00:00Z,100\n`,
    `id,time,gl\n${name},2025-01-01T00:00:00Z,100\n${name},2025-01-01T00:00:00Z,101\n`,
    `id,time,gl\n${name},2025-01-01T00:00:00Z,1\n`,
    `id,time,gl\n${name},2025-03-30T02:30:00,100\n`,
    `id,time,gl\n${name.repeat(9000)}\n`,
    clarityFile([good], name),
    clarityFile([]),
    clarityFile([good, clarityRow(name, '99')]),
    clarityFile([good, clarityRow('2025-01-01T00:05:00', name)]),
    clarityFile([good, clarityRow('2025-01-01T00:05:00', `5,${name}`)]),
    clarityFile([good, clarityRow('2025-01-01T00:00:00', '98')]),
    clarityFile([good, clarityRow('2025-03-30T02:30:00', '98')]),
    clarityFile([good, clarityRow('2025-01-01T00:05:00', '9999')]),
    `${clarityFile([good])}\0`,
  ]
  const codes = new Set<string>()
  for (const file of files) {
    const error = await refusalOf(importText(file, ROME))
    codes.add(error.code)
    assertSilent(textOf(error))
  }
  assertSilent(textOf(await refusalOf(importText(clarityFile([good])))))
  assert.ok(codes.size >= 10, 'the files meet different refusals')
})

test('repeats no value and no time of a reading in an error', async () => {
  const rows = [
    '2025-01-01T00:00:00,87',
    '2025-01-01T00:00:00,88',
    '2025-03-30T02:31:00,86',
    '2025-02-30T02:31:00,85',
  ]
  for (const [first, second] of [
    [rows[0], rows[1]],
    [rows[0], rows[2]],
    [rows[0], rows[3]],
    [rows[0], '2025-01-01T00:05:00,8x'],
  ]) {
    const error = await refusalOf(importText(`id,time,gl\na,${first}\na,${second}\n`, ROME))
    const { message, details } = error
    assertSilent(message + JSON.stringify(details), ['87', '88', '86', '85', '8x', '2025', '02:31'])
  }
})

test.run()
