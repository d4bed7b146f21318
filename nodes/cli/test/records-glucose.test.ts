import { readFile, writeFile } from 'node:fs/promises'
import { deidentify, readResources } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openPlace } from '../../../test/story/halo-command.ts'
import type { Input } from '../src/records/input.ts'
import { withProgress } from '../src/records/input.ts'
import { measureGlucoseFile, plotAgpFile } from '../src/records/measure-glucose.ts'
import { readGlucose } from '../src/records/read-glucose.ts'
import { keepOutput, refusalOf } from './kept-output.ts'

const test = suite('cli/records-glucose')

const START_MS = Date.UTC(2026, 0, 5, 22)

/** Readings every so many minutes from 22:00 UTC of 5 January 2026, without an offset. */
function csvOf(count: number, { stepMin = 5, value = 100 } = {}): string {
  const rows = Array.from({ length: count }, (_, at) => {
    const time = new Date(START_MS + at * stepMin * 60_000).toISOString().slice(0, 19)
    return `a,${time},${value}`
  })
  return `id,time,gl\n${rows.join('\n')}\n`
}

function observationsOf(count: number): string {
  const lines = Array.from({ length: count }, (_, at) =>
    JSON.stringify({
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '99504-3' }] },
      subject: { reference: 'Patient/a' },
      effectiveDateTime: new Date(START_MS + at * 300_000).toISOString(),
      valueQuantity: { value: 100 + at, unit: 'mg/dl', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
    }),
  )
  return `${lines.join('\n')}\n`
}

async function linesOf(path: string, flags: Parameters<typeof measureGlucoseFile>[0]): Promise<string> {
  const { output, results } = keepOutput()
  await measureGlucoseFile(flags, output, [path])
  return (results[0]?.lines ?? []).join('\n')
}

test('shows figures in the unit of the file and by the clock of --tz, and objects in mg/dL', async () => {
  await using place = await openPlace()
  const path = place.path('mmol.csv')
  await writeFile(path, csvOf(30, { value: 5.5 }))
  const { output, results } = keepOutput()
  await measureGlucoseFile({ tz: 'Europe/Rome', unit: 'mmol/L' }, output, [path])
  const lines = (results[0]?.lines ?? []).join('\n')
  assert.match(lines, / mean: 5\.5 mmol\/L\n/)
  assert.match(lines, / 3\.9–10\.0 mmol\/L: 100\.0 %\n/)
  assert.not.match(lines, /mg\/dL/)
  assert.match(lines, / from: 2026-01-05 22:00 Europe\/Rome to 2026-01-06 00:25 Europe\/Rome\n/)
  const value = results[0]?.value as Readonly<
    Record<string, { readonly mean: number; readonly start: string }>
  >
  assert.ok(Math.abs((value['a']?.mean ?? 0) - 5.5 * 18.0156) < 0.01)
  assert.is(value['a']?.start, '2026-01-05T21:00:00Z')
  const out = place.path('agp.svg')
  await plotAgpFile({ tz: 'Europe/Rome', unit: 'mmol/L', out }, keepOutput().output, [path])
  const svg = await readFile(out, 'utf8')
  assert.match(svg, '5.5 mmol/L')
  assert.match(svg, '2026-01-05 22:00 Europe/Rome')
})

test('says on how many days the figures rest, and speaks of an active sensor only where there is one', async () => {
  await using place = await openPlace()
  const path = place.path('cgm.csv')
  await writeFile(path, csvOf(30))
  const few = await linesOf(path, { tz: 'UTC' })
  assert.match(few, /coverage: 2 days with readings; 14 are advised\n/)
  assert.match(few, /sensor active: 100\.0 %/)
  await writeFile(path, csvOf(60, { stepMin: 360 }))
  const byHand = await linesOf(path, { tz: 'UTC' })
  assert.match(byHand, /coverage: 16 days with readings\n/)
  assert.not.match(byHand, /sensor active/)
})

test('takes the last days only, by the clock of --tz', async () => {
  await using place = await openPlace()
  const path = place.path('cgm.csv')
  await writeFile(path, csvOf(40, { stepMin: 360 }))
  const { output } = keepOutput()
  const of = async (last: string) => (await readGlucose(path, { tz: 'UTC', last }, output)).get('a')
  const three = await of('3')
  assert.equal(
    [three?.days, three?.firstDay, three?.lastDay, three?.samples.length],
    [3, '2026-01-13', '2026-01-15', 11],
  )
  assert.is((await of('99999'))?.samples.length, 40)
  for (const last of ['0', '-1', '1.5', 'week', ''])
    assert.is((await refusalOf(of(last))).code, 'USAGE', last)
})

test('reads times that strict de-identification made relative: intervals and times of day stay', async () => {
  await using place = await openPlace()
  const [open, path, out] = [place.path('open.ndjson'), place.path('strict.ndjson'), place.path('agp.svg')]
  await writeFile(open, observationsOf(40))
  const text = await readFile(open)
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield text
  }
  const released: string[] = []
  const run = deidentify(() => readResources(pieces()), {
    profile: 'strict',
    secret: Uint8Array.from({ length: 32 }, (_, at) => at * 7),
    recipient: 'lab',
    asOf: '2026-02-01',
  })
  for await (const piece of run) released.push(String(piece))
  await writeFile(path, released.join(''))
  const { output, notes, results } = keepOutput()
  await measureGlucoseFile({ tz: 'Europe/Rome' }, output, [path])
  assert.match(notes.join('\n'), /Times are relative/)
  assert.match((results[0]?.lines ?? []).join('\n'), / from: day 1 22:00 to day 2 01:15\n/)
  assert.is(Object.values(results[0]?.value as Record<string, { n: number }>)[0]?.n, 40)
  await plotAgpFile({ tz: 'Europe/Rome', out }, keepOutput().output, [path])
  assert.match(await readFile(out, 'utf8'), /time of day, relative time[\s\S]*day 1/)
  const { code, message } = await refusalOf(measureGlucoseFile({ fhir: true }, keepOutput().output, [path]))
  assert.is(code, 'USAGE')
  assert.match(message, /relative/)
})

test('summaries of two periods have ids of their own', async () => {
  await using place = await openPlace()
  const path = place.path('cgm.ndjson')
  const idsOf = async (shiftDays: number): Promise<readonly string[]> => {
    await writeFile(path, observationsOf(40).replaceAll('2026-01-0', `2026-0${1 + shiftDays}-0`))
    const { stdout } = await place.halo('records', 'measure', 'glucose', path, '--fhir')
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).id)
  }
  const [first, second] = [await idsOf(0), await idsOf(1)]
  assert.is(first.at(-1), 'cgm-summary-1-20260105-20260106')
  assert.is(second.at(-1), 'cgm-summary-1-20260205-20260206')
})

test('a reader that is told to end does so before the next piece', async () => {
  const stop = new AbortController()
  async function* pieces(): AsyncGenerator<Uint8Array> {
    yield Uint8Array.of(1)
    stop.abort()
    yield Uint8Array.of(2)
  }
  const input: Input = { chunks: pieces(), signal: stop.signal, onProgress: () => undefined }
  const seen: number[] = []
  let name = ''
  try {
    for await (const chunk of withProgress(input)) seen.push(...chunk)
  } catch (error) {
    name = (error as Error).name
  }
  assert.equal([name, seen], ['AbortError', [1]])
})

test.run()
