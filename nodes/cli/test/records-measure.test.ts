import { access, readFile, writeFile } from 'node:fs/promises'
import { plotStabilogram, plotStatokinesigram } from '@halo/measures'
import { buildIndoorAir, canonicalJson, openValidator, parseFhirJson } from '@halo/records'
import { Command } from 'commander'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { libreFile, libreRow } from '../../../packages/records/test/libreview-file.ts'
import { openPlace } from '../../../test/story/halo-command.ts'
import { addRecordsCommands } from '../src/commands/records.ts'
import type { Output } from '../src/output.ts'
import { aggregateFile } from '../src/records/aggregate.ts'
import { lookAtStart, openInput } from '../src/records/input.ts'
import { measureAirFile } from '../src/records/measure-air.ts'
import { measureBalanceFile } from '../src/records/measure-balance.ts'
import { measureGlucoseFile, plotAgpFile } from '../src/records/measure-glucose.ts'
import { measureTremorFile, plotTremorFile } from '../src/records/measure-tremor.ts'
import { plotSwayFile } from '../src/records/plot-sway.ts'
import { readGlucose } from '../src/records/read-glucose.ts'
import { messageOf } from '../src/remedy.ts'
import { keepOutput, refusalOf } from './kept-output.ts'

const test = suite('cli/records-measure')

function reading(subject: string | null, time: string, value: number): string {
  return JSON.stringify({
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '99504-3' }] },
    ...(subject === null ? {} : { subject: { reference: subject } }),
    effectiveDateTime: time,
    valueQuantity: { value, unit: 'mg/dl', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
  })
}

function airLine(minute: number, unit: string | null): string {
  const effective = new Date(Date.UTC(2026, 0, 5, 8, minute)).toISOString()
  return canonicalJson(
    buildIndoorAir({ no2: { value: 20, unit } }, { subject: 'Location/room-1', effective }),
  )
}

const PLATE = `ML_cm,AP_cm\n${Array.from({ length: 1500 }, (_, at) => `${Math.sin(at / 40)},${Math.cos(at / 40)}`).join('\n')}\n`
const TREMOR = `t,x,y,z\n${Array.from({ length: 3000 }, (_, at) => `${at / 50},${Math.sin(at)},0,9.80665`).join('\n')}\n`

test('tells what an export repeated, mixed up and lacks, beside figures by subject only', async () => {
  await using place = await openPlace()
  const times = ['08:00', '08:05', '08:05', '08:15', '08:10', '12:00', '12:05']
  const rows = times.map((time) => `Ann,2026-01-05T${time}:00,100`)
  await writeFile(place.path('cgm.csv'), `id,time,gl\n${rows.join('\n')}\n`)
  for (const measure of [measureGlucoseFile, plotAgpFile]) {
    const { output, notes, results } = keepOutput()
    const out = place.path('agp.svg')
    await measure({ tz: 'Europe/Rome', out, force: true }, output, [place.path('cgm.csv')])
    const told = notes.join('\n')
    assert.match(told, /read in Europe\/Rome/)
    assert.match(told, /repeat another, taken once: 1/)
    assert.match(told, /sorted\. \(1, first at \d+\)/)
    assert.match(
      told,
      /Gaps: 1\n {2}subject-1: nothing between 2026-01-05 08:15 Europe\/Rome and 2026-01-05 12:00 Europe\/Rome/,
    )
    assert.not.match(told, /Ann/)
    if (measure === measureGlucoseFile) assert.equal(Object.keys(results[0]?.value as object), ['Ann'])
  }
})

test('counts the resources of a FHIR file that no figure rests on', async () => {
  await using place = await openPlace()
  const lines = ['{"resourceType":"Patient"}', reading('Patient/a', '2026-01-05T08:00:00Z', 100)]
  await writeFile(place.path('mine.ndjson'), lines.join('\n'))
  const { output, notes } = keepOutput()
  await measureGlucoseFile({}, output, [place.path('mine.ndjson')])
  assert.match(notes.join('\n'), /Left out, resources that are no final glucose value.*: 1/)
})

test('tells which rows of which recording had no value, for figures and pictures', async () => {
  await using place = await openPlace()
  const [plate, tremor] = [place.path('plate.csv'), place.path('tremor.csv')]
  await writeFile(plate, PLATE.replace('\n0,1\n', '\n0,1\n,\n'))
  await writeFile(tremor, TREMOR.replace('\n0,0,0,9.80665\n', '\n0,0,0,9.80665\n0.01,,,\n'))
  const out = { out: place.path('a.svg'), force: true }
  const acts: readonly ((output: Output) => Promise<unknown>)[] = [
    (output) => measureBalanceFile({ hz: '50' }, output, [plate]),
    (output) => plotSwayFile(plotStatokinesigram)({ hz: '50', ...out }, output, [plate]),
    (output) => measureTremorFile({ unit: 'm/s2' }, output, [tremor]),
    (output) => plotTremorFile({ unit: 'm/s2', ...out }, output, [tremor]),
  ]
  for (const [at, act] of acts.entries()) {
    const { output, notes } = keepOutput()
    await act(output)
    assert.match(notes.join('\n'), /Rows without a value were left out\. \(1, first at 3\)/, String(at))
    if (at < 2) assert.match(notes.join('\n'), `${plate}: Rows`)
  }
})

test('a summary keeps whom the file speaks of, and is dated by the clock that --tz names', async () => {
  await using place = await openPlace()
  const lines = [
    reading('Patient/ann', '2026-01-05T23:30:00Z', 100),
    reading('https://clinic.example/fhir/Patient/7', '2026-01-06T00:30:00+01:00', 110),
    reading(null, '2026-01-05T22:00:00-02:00', 120),
  ]
  await writeFile(place.path('mine.ndjson'), lines.join('\n'))
  const measure = ['records', 'measure', 'glucose', place.path('mine.ndjson'), '--fhir'] as const
  const read = async (...more: readonly string[]) => {
    const { stdout } = await place.halo(...measure, ...more)
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
  }
  const written = await read()
  const validate = await openValidator()
  for (const resource of written)
    assert.equal(validate(parseFhirJson(JSON.stringify(resource)) as Parameters<typeof validate>[0]), [])
  assert.equal(
    [6, 13, 20].map((at) => [written[at].subject.reference, written[at].effectivePeriod.start]),
    [
      ['Patient/ann', '2026-01-05'],
      ['https://clinic.example/fhir/Patient/7', '2026-01-06'],
      ['Patient/subject-3', '2026-01-05'],
    ],
  )
  // One reading has neither spread nor coverage: a zero would be made up.
  assert.equal([written[3].valueQuantity.value, written[5].valueQuantity.value], [undefined, undefined])
  const byClock = await read('--tz', '+01:00')
  assert.equal(
    [6, 13, 20].map((at) => byClock[at].effectivePeriod.end),
    ['2026-01-06', '2026-01-06', '2026-01-06'],
  )
  const inUtc = await readGlucose(place.path('mine.ndjson'), { tz: 'Z' }, keepOutput().output)
  assert.equal(
    [...inUtc.values()].map(({ firstDay }) => firstDay),
    ['2026-01-05', '2026-01-05', '2026-01-06'],
  )
  const { code } = await refusalOf(
    measureGlucoseFile({ fhir: true, tz: 'Mars/Base' }, keepOutput().output, [place.path('mine.ndjson')]),
  )
  assert.is(code, 'TIME_ZONE_UNKNOWN')
})

test('a balance test is of the time that its file names, and only else of the given one', async () => {
  await using place = await openPlace()
  const rows = PLATE.trimEnd()
    .split('\n')
    .slice(1)
    .map((row, at) => `${new Date(Date.UTC(2026, 0, 5, 8) + at * 20).toISOString()},${row}`)
  await writeFile(place.path('timed.csv'), `time,ML_cm,AP_cm\n${rows.join('\n')}\n`)
  const { stdout, stderr } = await place.halo(
    ...(['records', 'measure', 'balance', place.path('timed.csv'), '--fhir'] as const),
    ...['--eyes', 'open', '--start', '2020-02-02T02:02:02Z'],
  )
  assert.match(stderr, /the given start was not used/)
  assert.match(JSON.parse(stdout).effectiveDateTime, /^2026-01-05T08:00:00/)
})

test('says why a test with closed eyes is of no use, though that with open eyes is', async () => {
  await using place = await openPlace()
  const [open, closed] = [place.path('open.csv'), place.path('closed.csv')]
  await writeFile(open, PLATE)
  await writeFile(
    closed,
    PLATE.replaceAll(/-?\d[\d.e-]*/g, (value) => Number(value).toFixed(0)),
  )
  const { output, results } = keepOutput()
  assert.is(await measureBalanceFile({ hz: '50', closed }, output, [open]), 3)
  const [{ value } = { value: null }] = results
  assert.match(JSON.stringify(value), /^\{"quality":"unusable","limits":\["\w/)
})

test('names no subject of the file when it asks for one', async () => {
  await using place = await openPlace()
  const rows = ['Ann', 'Zoe'].map((id) => `${id},2026-01-05T08:00:00Z,100`)
  await writeFile(place.path('two.csv'), `id,time,gl\n${rows.join('\n')}\n`)
  for (const subject of [undefined, 'Eve']) {
    const flags = { tz: 'UTC', out: place.path('a.svg'), ...(subject === undefined ? {} : { subject }) }
    const { code, message } = await refusalOf(
      plotAgpFile(flags, keepOutput().output, [place.path('two.csv')]),
    )
    assert.is(code, 'USAGE')
    assert.match(message, /measure glucose prints.*it has 2\.$/)
    assert.not.match(message, /Ann|Zoe|Eve/)
  }
})

test('refuses a unit in which air cannot be, two units at once and one that contradicts the file, repeating none', async () => {
  await using place = await openPlace()
  const path = place.path('air.ndjson')
  const measure = (units?: readonly string[]) =>
    measureAirFile(units === undefined ? {} : { units }, keepOutput().output, [path])
  await writeFile(path, [airLine(0, 'of-Ann'), airLine(2, 'of-Ann')].join('\n'))
  const unknown = await refusalOf(measure())
  assert.is(unknown.code, 'UNIT_UNKNOWN')
  assert.match(unknown.message, /--units no2=/)
  await measure(['no2=ug/m3'])
  await writeFile(path, [airLine(0, 'ug/m3'), airLine(2, 'of-Ann')].join('\n'))
  const mixed = await refusalOf(measure())
  assert.is(mixed.code, 'UNIT_UNKNOWN')
  await writeFile(path, [airLine(0, 'ug/m3'), airLine(2, 'ug/m3')].join('\n'))
  const contradicted = await refusalOf(measure(['no2=[ppb]']))
  assert.is(contradicted.code, 'USAGE')
  assert.is((await refusalOf(measure(['no2=lx']))).code, 'OPTION_INVALID')
  for (const { message } of [unknown, mixed, contradicted]) assert.not.match(message, /of-Ann|ug\/m3|ppb/)
})

test('reads air from a list of FHIR resources as from lines of them', async () => {
  await using place = await openPlace()
  const lines = [airLine(0, 'ug/m3'), airLine(2, 'ug/m3')]
  await writeFile(place.path('lines'), lines.join('\n'))
  await writeFile(place.path('list'), `[${lines.join(',\n')}]`)
  const [fromLines, fromList] = [keepOutput(), keepOutput()]
  await measureAirFile({}, fromLines.output, [place.path('lines')])
  await measureAirFile({}, fromList.output, [place.path('list')])
  assert.equal(fromList.results, fromLines.results)
})

test('prints either FHIR or one object of figures, not both', async () => {
  const both = { fhir: true, json: true }
  for (const measure of [measureGlucoseFile, measureBalanceFile, measureTremorFile]) {
    const { code, message } = await refusalOf(measure(both, keepOutput(true).output, ['no-such-file']))
    assert.is(code, 'USAGE')
    assert.match(message, /--fhir and --json/)
  }
})

test('every plot says with --json where the picture is', async () => {
  await using place = await openPlace()
  await writeFile(place.path('plate.csv'), PLATE)
  await writeFile(place.path('tremor.csv'), TREMOR)
  await writeFile(
    place.path('cgm.csv'),
    'id,time,gl\na,2026-01-05T08:00:00Z,100\na,2026-01-05T08:05:00Z,110\n',
  )
  const out = place.path('a.svg')
  const to = { out, force: true, json: true }
  const acts: readonly ((output: Output) => Promise<unknown>)[] = [
    (output) => plotAgpFile({ tz: 'UTC', ...to }, output, [place.path('cgm.csv')]),
    (output) => plotSwayFile(plotStatokinesigram)({ hz: '50', ...to }, output, [place.path('plate.csv')]),
    (output) => plotTremorFile({ unit: 'm/s2', ...to }, output, [place.path('tremor.csv')]),
  ]
  for (const act of acts) {
    const { output, results } = keepOutput(true)
    await act(output)
    assert.is(results.length, 1)
    assert.match(JSON.stringify(results[0]?.value), JSON.stringify({ out }).slice(0, -1))
    assert.match(await readFile(out, 'utf8'), '<svg ')
  }
})

test('each command takes the options that its kind of file uses, and no others', () => {
  const program = new Command('halo')
  addRecordsCommands(program)
  const records = program.commands[0]
  const optionsOf = (...names: readonly string[]): readonly string[] => {
    const find = (command: Command | undefined, name: string): Command | undefined =>
      command?.commands.find((sub) => sub.name() === name)
    return (names.reduce(find, records)?.options ?? []).map(({ long }) => String(long)).sort()
  }
  const glucose = ['--date-order', '--json', '--tz', '--unit']
  const tremor = ['--hz', '--json', '--start', '--tz', '--unit']
  const sway = ['--axes', '--eyes', '--height', '--hz', '--json', '--source', '--tz', '--unit']
  const wanted: readonly (readonly [...names: string[], options: readonly string[]])[] = [
    ['measure', 'glucose', ['--fhir', '--last', ...glucose]],
    ['measure', 'tremor', ['--calibration', '--fhir', ...tremor]],
    ['measure', 'air', ['--json', '--names', '--tz', '--units']],
    ['measure', 'balance', ['--closed', '--fhir', '--past', '--start', ...sway]],
    ['plot', 'agp', ['--force', '--last', '--out', '--subject', ...glucose]],
    ['plot', 'skg', ['--force', '--out', ...sway]],
    ['plot', 'stabilogram', ['--force', '--out', ...sway]],
    ['plot', 'tremor', ['--force', '--out', ...tremor]],
  ]
  for (const [group, name, options] of wanted as readonly (readonly [string, string, readonly string[]])[])
    assert.equal(optionsOf(group, name), options.toSorted(), `${group} ${name}`)
})

test('makes no directory for windows of a file that is not there', async () => {
  await using place = await openPlace()
  const out = place.path('windows')
  const { code } = await refusalOf(
    aggregateFile({ window: 'day', out }, keepOutput().output, [place.path('none.ndjson')]),
  )
  assert.is(code, 'FILE_UNREADABLE')
  assert.is((await refusalOf(access(out))).code, 'ENOENT')
})

test('says of a short recording that it is too short for minutes, and of a long one what its minutes show', async () => {
  await using place = await openPlace()
  const path = place.path('tremor.csv')
  const rows = TREMOR.split('\n')
  const show = async (text: string): Promise<string> => {
    await writeFile(path, text)
    const { output, results } = keepOutput()
    await measureTremorFile({ unit: 'm/s2' }, output, [path])
    return (results[0]?.lines ?? []).join('\n')
  }
  const short = await show(rows.slice(0, 301).join('\n'))
  assert.match(short, /minutes with tremor: the recording is too short for minutes/)
  assert.not.match(short, /0 of 0|median/)
  const still =
    TREMOR.trimEnd() +
    rows
      .slice(1, 3000)
      .map((_, at) => `\n${60 + at / 50},0,0,9.80665`)
      .join('')
  const long = await show(still)
  assert.match(long, /minutes with tremor: 1 of 2 that could be judged/)
  assert.match(long, /amplitude: [\d.]+ cm peak to peak, median of the minutes with tremor/)
  assert.is(/amplitude: ([\d.]+)/.exec(long)?.[1], /amplitude: ([\d.]+)/.exec(await show(TREMOR))?.[1])
})

test('asks for the CSV of a recording that is given as FHIR', async () => {
  await using place = await openPlace()
  const path = place.path('recording.ndjson')
  await writeFile(path, '{"resourceType":"Observation"}\n')
  const { output } = keepOutput()
  for (const measure of [measureTremorFile, measureBalanceFile]) {
    const { code, message } = await refusalOf(measure({}, output, [path]))
    assert.is(code, 'USAGE')
    assert.match(message, /Give the original CSV/)
  }
})

test('a comparison has no form in FHIR; for people it names units and how much earlier tests vary', async () => {
  await using place = await openPlace()
  const path = place.path('plate.csv')
  await writeFile(path, PLATE)
  const { output, results } = keepOutput()
  const past = [path, path, path]
  const { code, message } = await refusalOf(measureBalanceFile({ fhir: true, past }, output, [path]))
  assert.is(code, 'USAGE')
  assert.match(message, /--past/)
  await measureBalanceFile({ hz: '50', past }, output, [path])
  const lines = (results[0]?.lines ?? []).join('\n')
  assert.match(lines, / rms ML: [\d.]+ cm, -?0 % from the median [\d.]+ \(median absolute deviation 0\.0\)/)
  assert.match(lines, /95 % power frequency ML: [\d.]+ Hz/)
})

test('draws what a coarse sensor saw as a screening, without the samples of a path', async () => {
  await using place = await openPlace()
  const [path, out] = [place.path('plate.csv'), place.path('skg.svg')]
  await writeFile(
    path,
    PLATE.replaceAll(/-?\d[\d.e-]*/g, (value) => Number(value).toFixed(1)),
  )
  for (const draw of [plotStatokinesigram, plotStabilogram]) {
    const { output, results } = keepOutput()
    await plotSwayFile(draw)({ hz: '50', out, force: true }, output, [path])
    assert.match(JSON.stringify(results[0]?.value), /"quality":"screening"/)
    assert.match(await readFile(out, 'utf8'), 'stroke-opacity="0.25"')
  }
})

test('shows the time of air by the clock of --tz, or as the file writes it, and takes units as people write them', async () => {
  await using place = await openPlace()
  const path = place.path('air.ndjson')
  await writeFile(path, [airLine(0, null), airLine(2, null)].join('\n'))
  const show = async (tz?: string, unit = 'µg/m³'): Promise<string> => {
    const { output, results } = keepOutput()
    const flags = { units: [`no2=${unit}`], ...(tz === undefined ? {} : { tz }) }
    await measureAirFile(flags, output, [path])
    return (results[0]?.lines ?? []).join('\n')
  }
  assert.match(await show(), /2, from 2026-01-05T08:00:00(\.000)?Z to 2026-01-05T08:02:00(\.000)?Z\n/)
  const rome = await show('Europe/Rome')
  assert.match(rome, /2, from 2026-01-05 09:00 Europe\/Rome to 2026-01-05 09:02 Europe\/Rome\n/)
  assert.match(rome, / ug\/m3; WHO/)
  assert.match(await show(undefined, 'ppb'), / \[ppb\]/)
  assert.is((await refusalOf(show('Mars/Base'))).code, 'TIME_ZONE_UNKNOWN')
})

test('refuses to call an SVG anything else, before it reads', async () => {
  const to = { out: 'picture.png', tz: 'UTC' }
  const { output } = keepOutput()
  const acts = [plotAgpFile, plotTremorFile, plotSwayFile(plotStatokinesigram)] as const
  for (const act of acts) {
    const { code, message } = await refusalOf(act(to, output, ['no-such-file']))
    assert.is(code, 'USAGE')
    assert.match(message, /\.svg/)
  }
})

test('asks to unpack an archive, by what it holds', async () => {
  await using place = await openPlace()
  const path = place.path('export.xml')
  await writeFile(path, 'PK\u0003\u0004 and more')
  const { code, message } = await refusalOf(openInput(path, 'read', keepOutput().output))
  assert.is(code, 'USAGE')
  assert.match(message, /Unzip/)
})

test('messages name the options of the command, and what else than the file may be wrong', async () => {
  await using place = await openPlace()
  const path = place.path('file.csv')
  const say = async (act: Promise<unknown>): Promise<string> => {
    try {
      await act
    } catch (error) {
      return messageOf(error)
    }
    throw new Error('nothing was refused')
  }
  const { output } = keepOutput()
  await writeFile(path, TREMOR)
  assert.match(await say(measureTremorFile({ unit: 'cm' }, output, [path])), /^--unit must be g or m\/s2/)
  assert.match(
    await say(measureBalanceFile({ unit: 'm/s2', height: '300' }, output, [path])),
    /^--height is missing, or not a height in metres/,
  )
  assert.match(await say(measureAirFile({}, output, [path])), /halo records convert/)
  await writeFile(path, libreFile([libreRow('02-31-2026 08:05', '100')]))
  const flags = { tz: 'UTC', dateOrder: 'mdy' }
  assert.match(await say(measureGlucoseFile(flags, output, [path])), /Correct the cell\. .*--date-order/)
})

test('a command listens once for its end, however many files it opens', async () => {
  await using place = await openPlace()
  await writeFile(place.path('a'), 'a')
  const signals = new Set<AbortSignal>()
  for (let at = 0; at < 12; at++) {
    const { chunks, signal } = await openInput(place.path('a'), 'read', keepOutput().output)
    for await (const _ of chunks) signals.add(signal)
  }
  assert.is(signals.size, 1)
})

test('looks at the start of a file that comes byte by byte, and loses none', async () => {
  const bytes = new TextEncoder().encode('  [{"resourceType":"Observation"}]')
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (const byte of bytes) yield Uint8Array.of(byte)
  }
  const { head, chunks } = await lookAtStart(pieces())
  assert.match(head, /"resourceType"/)
  const seen: number[] = []
  for await (const chunk of chunks) seen.push(...chunk)
  assert.equal(seen, [...bytes])
})

/** A hand that trembles at 5 Hz, 1 cm from peak to peak, for a minute. */
function trembling(): string {
  const amplitude = 0.005 * (2 * Math.PI * 5) ** 2
  const rows = Array.from(
    { length: 3001 },
    (_, at) => `${at / 50},${(amplitude * Math.sin((2 * Math.PI * 5 * at) / 50)).toFixed(6)},0,9.80665`,
  )
  return `t,x,y,z\n${rows.join('\n')}\n`
}

test('grades a tremor by the calibration of the patient, given or fitted to reports', async () => {
  await using place = await openPlace()
  const [tremor, file] = [place.path('tremor.csv'), place.path('own.json')]
  await writeFile(tremor, trembling())
  const measure = async (calibration?: unknown) => {
    const { output, results } = keepOutput()
    if (calibration !== undefined) await writeFile(file, JSON.stringify(calibration))
    const flags = calibration === undefined ? {} : { calibration: file }
    await measureTremorFile({ unit: 'm/s2', ...flags }, output, [tremor])
    const value = results[0]?.value as {
      readonly minutes: readonly { readonly grade: number }[]
      readonly calibration: { readonly alpha: number; readonly beta: number; readonly n?: number } | null
      readonly method: string
    }
    return { ...value, grade: value.minutes[0]?.grade, told: results[0]?.lines.join('\n') ?? '' }
  }
  const bare = await measure()
  assert.equal([bare.grade, bare.calibration], [4, null])
  assert.match(bare.method, /uncalibrated/)
  assert.not.match(bare.told, /grade/)
  // 1 cm is two grades below what it is uncalibrated.
  const given = await measure({ alpha: 0.5, beta: -1 })
  assert.equal([given.grade, given.calibration], [2, { alpha: 0.5, beta: -1 }])
  assert.match(given.method, /calibrated to the patient's own reports/)
  assert.match(given.told, /grade\W+2 of 4/)
  const reports = [0.1, 1, 10].map((displacementCm, at) => ({ displacementCm, grade: 2 * at }))
  const fitted = await measure(reports)
  assert.equal([fitted.grade, fitted.calibration?.n], [2, 3])
  assert.ok(Math.abs((fitted.calibration?.alpha ?? 0) - 0.5) < 1e-9)
  const again = await measure(fitted.calibration)
  assert.equal(again.minutes, fitted.minutes)
})

test('refuses a calibration that is none, without showing what it holds', async () => {
  await using place = await openPlace()
  const [tremor, file] = [place.path('tremor.csv'), place.path('own.json')]
  await writeFile(tremor, TREMOR)
  const cases: readonly (readonly [string, string])[] = [
    ['USAGE', 'Ann 4711'],
    ['USAGE', '4711'],
    ['USAGE', '{"alpha":4711}'],
    ['USAGE', '{"alpha":-4711,"beta":1}'],
    ['USAGE', '{"alpha":"4711","beta":1}'],
    ['USAGE', '{"alpha":1,"beta":1,"gamma":4711}'],
    ['USAGE', '[{"displacementCm":"4711","grade":1}]'],
    ['USAGE', '[null]'],
    ['VALUE_INVALID', '[{"displacementCm":4711,"grade":4711}]'],
    ['CALIBRATION_UNFIT', '[{"displacementCm":4711,"grade":1}]'],
    ['CALIBRATION_UNFIT', '[]'],
  ]
  for (const [code, text] of cases) {
    await writeFile(file, text)
    const { output } = keepOutput()
    const refusal = await refusalOf(measureTremorFile({ unit: 'm/s2', calibration: file }, output, [tremor]))
    assert.is(refusal.code, code, text)
    assert.not.match(refusal.message, /4711|Ann/)
  }
})

test.run()
