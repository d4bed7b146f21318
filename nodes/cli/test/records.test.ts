import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { generateGlucoseCsv } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Place } from '../../../test/story/halo-command.ts'
import { assertPlain, openPlace } from '../../../test/story/halo-command.ts'
import { assertFails } from './failing.ts'

const test = suite('cli/records')

const SEEDS = fileURLToPath(new URL('../../../packages/records/test/seeds/', import.meta.url))

async function writeGlucose(place: Place, days = 3): Promise<string> {
  await writeFile(place.path('cgm.csv'), generateGlucoseCsv({ days, hasGaps: false }))
  return place.path('cgm.csv')
}

/** Ten seconds of a circle of 1 cm in the plane of sway, and a quiet second axis. */
function plateCsv(radiusCm: number): string {
  const rows = Array.from({ length: 3000 }, (_, at) => {
    const angle = (2 * Math.PI * at) / 250
    return `${(radiusCm * Math.cos(angle)).toFixed(6)},${(radiusCm * Math.sin(angle)).toFixed(6)}`
  })
  return `ML_cm,AP_cm\n${rows.join('\n')}\n`
}

/** A hand that trembles at 5 Hz, 1 cm from peak to peak, for two minutes; gravity on z. */
function tremorCsv(): string {
  const amplitude = 0.005 * (2 * Math.PI * 5) ** 2
  const rows = Array.from({ length: 6000 }, (_, at) => {
    const timeSec = at / 50
    return `${timeSec.toFixed(2)},${(amplitude * Math.sin(2 * Math.PI * 5 * timeSec)).toFixed(6)},0,9.80665`
  })
  return `t,x,y,z\n${rows.join('\n')}\n`
}

test('converts, validates, de-identifies, cuts and verifies a glucose export', async () => {
  await using place = await openPlace()
  const csv = await writeGlucose(place)
  const [all, released, windows] = ['all.ndjson', 'released.ndjson', 'windows'].map((name) =>
    place.path(name),
  )
  const converted = await place.json('records', 'convert', csv, '--from', 'glucose-csv', '--out', String(all))
  assert.equal([converted.code, converted.value.resources], [0, 864])
  assert.is((await stat(String(all))).mode & 0o777, 0o600)
  const valid = await place.json('records', 'validate', String(all))
  assert.equal([valid.code, valid.value.isValid, valid.value.resources], [0, true, 864])
  const secret = ['--secret-file', place.path('secret'), '--recipient', 'lab', '--profile', 'shifted']
  const made = await place.json(
    'records',
    'deidentify',
    String(all),
    ...secret,
    '--new-secret',
    '--out',
    String(released),
  )
  assert.equal([made.code, made.value.resources], [0, { Observation: 864 }])
  assert.is((await stat(place.path('secret'))).mode & 0o777, 0o600)
  assert.is((await place.json('records', 'validate', String(released))).value.isValid, true)
  const cut = await place.json(
    'records',
    'aggregate',
    String(all),
    '--window',
    'day',
    '--out',
    String(windows),
  )
  assert.is(cut.value.windows.length, 3)
  const verified = await place.json('records', 'verify', String(windows), '--head', cut.value.head)
  assert.equal([verified.code, verified.value.verified], [0, true])
})

test('gives the same bytes for the same file, secret and recipient, and others for another recipient', async () => {
  await using place = await openPlace()
  const csv = await writeGlucose(place, 1)
  const all = place.path('all.ndjson')
  await place.json('records', 'convert', csv, '--from', 'glucose-csv', '--out', all)
  await writeFile(place.path('secret'), '0123456789'.repeat(4), { mode: 0o600 })
  const release = async (recipient: string): Promise<string> =>
    (
      await place.halo(
        ...['records', 'deidentify', all, '--profile', 'strict'],
        ...['--secret-file', place.path('secret'), '--recipient', recipient],
      )
    ).stdout
  const first = await release('lab')
  assert.is(first.split('\n').length, 289)
  assert.is(await release('lab'), first)
  assert.is.not(await release('other'), first)
})

test('finds a window that was altered, and one that was left out', async () => {
  await using place = await openPlace()
  const all = place.path('all.ndjson')
  await place.json('records', 'convert', await writeGlucose(place), '--from', 'glucose-csv', '--out', all)
  const dir = place.path('windows')
  await place.json('records', 'aggregate', all, '--window', 'day', '--out', dir)
  const index = JSON.parse(await readFile(place.path('windows', 'windows.json'), 'utf8'))
  const { head, windows } = index
  await writeFile(
    place.path('windows', 'windows.json'),
    JSON.stringify({ head, windows: windows.slice(0, 2) }),
  )
  await rm(place.path('windows', windows[2].file))
  await assertFails(
    place,
    { exit: 3, code: 'WINDOW_INVALID', says: /Window 2 is missing/ },
    'records',
    'verify',
    dir,
    '--head',
    head,
  )
  await writeFile(place.path('windows', 'windows.json'), JSON.stringify(index))
  const file = place.path('windows', windows[1].file)
  await writeFile(file, (await readFile(file, 'utf8')).replace('"value":1', '"value":2'))
  await assertFails(
    place,
    { exit: 3, code: 'WINDOW_INVALID', says: /Window 1 was altered/ },
    'records',
    'verify',
    dir,
  )
})

test('measures glucose of each subject of an export, and the same of FHIR', async () => {
  await using place = await openPlace()
  const rows = Array.from({ length: 288 }, (_, at) =>
    new Date(Date.UTC(2026, 0, 5) + at * 300_000).toISOString(),
  )
  const csv = [
    'id,time,gl',
    ...['Ann', 'Zoe'].flatMap((id) => rows.map((time) => `${id},${time},${id === 'Ann' ? 100 : 200}`)),
  ]
  await writeFile(place.path('two.csv'), csv.join('\n'))
  const { value } = await place.json('records', 'measure', 'glucose', place.path('two.csv'))
  assert.equal(Object.keys(value), ['Ann', 'Zoe'])
  assert.equal([value.Ann.mean, value.Ann.in70_180, value.Zoe.above180, value.Zoe.sd], [100, 100, 100, 0])
  await place.json(
    'records',
    'convert',
    place.path('two.csv'),
    '--from',
    'glucose-csv',
    '--out',
    place.path('two.ndjson'),
  )
  const again = await place.json('records', 'measure', 'glucose', place.path('two.ndjson'))
  assert.equal(again.value['Patient/subject-2'], value.Zoe)
})

test('prints figures as FHIR that is valid', async () => {
  await using place = await openPlace()
  await writeFile(place.path('plate.csv'), plateCsv(1))
  await writeFile(place.path('tremor.csv'), tremorCsv())
  const csv = await writeGlucose(place, 14)
  const measures = [
    ['glucose', csv],
    [
      'balance',
      place.path('plate.csv'),
      '--hz',
      '100',
      '--eyes',
      'open',
      '--start',
      '2026-01-31T08:05:00+01:00',
    ],
    ['tremor', place.path('tremor.csv'), '--unit', 'm/s2', '--start', '2026-01-31T08:05:00+01:00'],
  ]
  for (const measure of measures) {
    const { code, stdout, stderr } = await place.halo('records', 'measure', ...measure, '--fhir')
    assert.is(code, 0, stderr)
    await writeFile(place.path('measured.ndjson'), stdout)
    const { value } = await place.json('records', 'validate', place.path('measured.ndjson'))
    assert.is(value.isValid, true, JSON.stringify(value.lines))
  }
})

test('measures a circle of sway and what closed eyes add to it', async () => {
  await using place = await openPlace()
  await writeFile(place.path('open.csv'), plateCsv(1))
  await writeFile(place.path('closed.csv'), plateCsv(2))
  const { value } = await place.json(
    ...(['records', 'measure', 'balance', place.path('open.csv')] as const),
    ...['--hz', '100', '--closed', place.path('closed.csv')],
  )
  assert.is(value.quality, 'research')
  assert.ok(Math.abs(value.mean_distance_Radius - 1) < 0.01)
  assert.ok(Math.abs(value.romberg.areaQuotient - 4) < 0.05)
  assert.ok(Math.abs(value.romberg.pathQuotient - 2) < 0.02)
})

test('compares a test with earlier ones of the same person, and says when they are too few', async () => {
  await using place = await openPlace()
  for (const [name, radius] of [
    ['now', 2],
    ['a', 1],
    ['b', 1.1],
    ['c', 0.9],
  ] as const)
    await writeFile(place.path(`${name}.csv`), plateCsv(radius))
  const past = ['a', 'b', 'c'].map((name) => place.path(`${name}.csv`))
  const args = ['records', 'measure', 'balance', place.path('now.csv'), '--hz', '100', '--past'] as const
  const { value } = await place.json(...args, ...past)
  assert.is(value.trend.pastCount, 3)
  assert.ok(Math.abs(value.trend.changes.mean_distance_Radius.changePercent - 100) < 1)
  const few = await place.json(...args, ...past.slice(0, 2))
  assert.equal(few.value.trend, { isCompared: false, pastCount: 2, neededCount: 3 })
})

test('measures a tremor of one centimetre', async () => {
  await using place = await openPlace()
  await writeFile(place.path('tremor.csv'), tremorCsv())
  const { value } = await place.json(
    'records',
    'measure',
    'tremor',
    place.path('tremor.csv'),
    '--unit',
    'm/s2',
  )
  assert.is(value.status, 'tremor')
  assert.ok(Math.abs(value.corrected_disp_pp_cm - 1) < 0.02, String(value.corrected_disp_pp_cm))
  assert.is(value.minutes.length, 2)
})

test('measures the air of each room, and compares what has a unit', async () => {
  await using place = await openPlace()
  const entries = Array.from({ length: 1500 }, (_, at) => ({
    location: at % 2 === 0 ? 'Kitchen of Ann' : 'Cellar',
    timestamp: new Date(Date.UTC(2026, 0, 5) + (at >> 1) * 120_000)
      .toISOString()
      .slice(0, 19)
      .replace('T', ' '),
    pm2_5: at % 2 === 0 ? '30' : '3',
    co2: '800',
  }))
  await writeFile(place.path('air.json'), JSON.stringify(entries))
  const args = ['records', 'measure', 'air', place.path('air.json'), '--tz', 'UTC'] as const
  const { value } = await place.json(...args)
  const [kitchen, cellar] = Object.values<{
    quantities: { pm2_5: { mean: number; guideline: { windowsOver: number } } }
    ventilation: unknown
  }>(value)
  assert.equal([kitchen?.quantities.pm2_5.mean, cellar?.quantities.pm2_5.mean], [30, 3])
  assert.ok((kitchen?.quantities.pm2_5.guideline.windowsOver ?? 0) > 0)
  assert.equal([cellar?.quantities.pm2_5.guideline.windowsOver, cellar?.ventilation], [0, null])
  assert.not.match(JSON.stringify(value), /Ann|Kitchen|Cellar/)
  const known = await place.json(...args, '--units', 'co2=[ppm]')
  assert.ok(Object.values<{ ventilation: unknown }>(known.value)[0]?.ventilation)
  await assertFails(place, { exit: 2, code: 'USAGE', says: /--units takes pairs/ }, ...args, '--units', 'co2')
})

test('draws each picture into a file of its own, and replaces none unasked', async () => {
  await using place = await openPlace()
  await writeFile(place.path('plate.csv'), plateCsv(1))
  await writeFile(place.path('tremor.csv'), tremorCsv())
  const plots: readonly (readonly string[])[] = [
    ['agp', await writeGlucose(place), '--tz', 'Europe/Rome'],
    ['skg', place.path('plate.csv'), '--hz', '100'],
    ['stabilogram', place.path('plate.csv'), '--hz', '100'],
    ['tremor', place.path('tremor.csv'), '--unit', 'm/s2'],
  ]
  for (const [name = '', ...args] of plots) {
    const out = place.path(`${name}.svg`)
    const { code, stderr } = await place.halo('records', 'plot', name, ...args, '--out', out)
    assert.is(code, 0, stderr)
    assert.match(await readFile(out, 'utf8'), /^<\?xml[^>]*>\n<svg [\s\S]*role="table"[\s\S]*<\/svg>\n$/)
    await assertFails(
      place,
      { exit: 3, code: 'FILE_EXISTS', says: /exists already.*--force/ },
      'records',
      'plot',
      name,
      ...args,
      '--out',
      out,
    )
  }
})

test('leaves nothing behind when a file turns out to be broken half-way', async () => {
  await using place = await openPlace()
  const csv = `${generateGlucoseCsv({ days: 20 })}x,not a time,100\n`
  await writeFile(place.path('broken.csv'), csv)
  const out = place.path('out.ndjson')
  const args = ['records', 'convert', place.path('broken.csv'), '--from', 'glucose-csv', '--out', out]
  await assertFails(place, { exit: 3, code: 'TIME_INVALID', says: /Row \d+/ }, ...args)
  assert.equal(
    (await readdir(place.dir)).filter((name) => name.startsWith('out')),
    [],
  )
})

test('says which line of FHIR is invalid and why, and ends with the code for bad input', async () => {
  await using place = await openPlace()
  await writeFile(
    place.path('bad.ndjson'),
    '{"resourceType":"Observation","status":"nope","code":{"text":"x"}}\n{"resourceType":"Nonsense"}\n',
  )
  const ended = await place.halo('records', 'validate', place.path('bad.ndjson'))
  assert.is(ended.code, 3)
  assert.match(ended.stdout, /line 1: error: Observation\.status .*\(CODE_INVALID\)\n/)
  assert.match(ended.stdout, /line 2: error: .*\(RESOURCE_UNSUPPORTED\)\n/)
  assert.match(ended.stdout, /2 with errors/)
  assertPlain(ended)
})

test('validates a resource that is laid out over several lines', async () => {
  await using place = await openPlace()
  const patient = { resourceType: 'Patient', gender: 'female', birthDate: '1961-07-23' }
  await writeFile(place.path('patient.json'), JSON.stringify(patient, null, 2))
  assert.is((await place.json('records', 'validate', place.path('patient.json'))).value.isValid, true)
})

test('numbers people as a file of names says, and says nothing of what such a file holds', async () => {
  await using place = await openPlace()
  const csv = place.path('two.csv')
  const names = place.path('names')
  await writeFile(csv, 'id,time,gl\nZanzibella,2026-01-05T08:00:00Z,100\nQuux,2026-01-05T08:00:00Z,120\n')
  const convertWith = (...more: readonly string[]): ReturnType<Place['json']> =>
    place.json(
      'records',
      'convert',
      csv,
      '--from',
      'glucose-csv',
      '--out',
      place.path('out'),
      '--force',
      ...more,
    )
  const rulesOf = (notes: readonly { readonly rule: string }[]): readonly string[] =>
    notes.map(({ rule }) => rule)
  assert.ok(rulesOf((await convertWith()).value.notes).includes('numbered-by-appearance'))
  await writeFile(names, '\uFEFFQuux\r\n\r\nZanzibella')
  const named = await convertWith('--names', names)
  assert.not.ok(rulesOf(named.value.notes).includes('numbered-by-appearance'))
  const [first = ''] = (await readFile(place.path('out'), 'utf8')).split('\n')
  assert.match(first, /subject-1".*"value":120/)
  for (const [exit, code, content] of [
    [2, 'USAGE', ' \n'],
    [2, 'USAGE', Uint8Array.of(0x51, 0xff)],
    [3, 'OPTION_INVALID', 'Quux\nQuux\n'],
  ] as const) {
    await writeFile(names, content)
    const failed = await convertWith('--names', names)
    assert.is(failed.code, exit)
    assert.is(failed.value.error.code, code)
    assert.match(failed.value.error.message, /--names/)
    assert.not.match(JSON.stringify(failed), /Quux/)
  }
})

test('asks for what it must not guess, and names what a wrong option takes', async () => {
  await using place = await openPlace()
  const csv = await writeGlucose(place, 1)
  await writeFile(place.path('bare.csv'), 'id,time,gl\na,2026-01-05T08:00:00,100\n')
  await writeFile(place.path('plate.csv'), plateCsv(1))
  await writeFile(place.path('tremor.csv'), tremorCsv())
  await writeFile(place.path('open-secret'), 'x'.repeat(40), { mode: 0o644 })
  const [bare, plate, tremor] = ['bare.csv', 'plate.csv', 'tremor.csv'].map((name) => place.path(name)) as [
    string,
    string,
    string,
  ]
  const secret = ['--profile', 'strict', '--recipient', 'lab', '--secret-file']
  const wrong: readonly (readonly [exit: number, code: string, says: RegExp, args: readonly string[]])[] = [
    [2, 'USAGE', /--from takes one of dexcom-clarity/, ['convert', csv, '--from', 'papyrus']],
    [
      2,
      'USAGE',
      /--date-order takes dmy or mdy/,
      ['convert', csv, '--from', 'libreview', '--date-order', 'ymd'],
    ],
    [3, 'FILE_UNREADABLE', /cannot be read/, ['convert', place.path('none.csv'), '--from', 'glucose-csv']],
    [3, 'TIME_ZONE_NEEDED', /--tz/, ['convert', bare, '--from', 'glucose-csv']],
    [3, 'TIME_ZONE_NEEDED', /--tz/, ['measure', 'glucose', bare]],
    [3, 'RATE_NEEDED', /--hz/, ['measure', 'balance', plate]],
    [3, 'UNIT_NEEDED', /--unit/, ['measure', 'tremor', tremor]],
    [2, 'USAGE', /--height/, ['measure', 'balance', tremor, '--unit', 'm/s2']],
    [2, 'USAGE', /--tz/, ['plot', 'agp', csv, '--out', place.path('a.svg')]],
    [
      2,
      'USAGE',
      /--eyes takes open or closed/,
      ['measure', 'balance', plate, '--hz', '100', '--eyes', 'shut'],
    ],
    [2, 'USAGE', /--window takes one of/, ['aggregate', csv, '--window', 'year', '--out', place.path('w')]],
    [3, 'FILE_UNREADABLE', /--new-secret/, ['deidentify', csv, ...secret, place.path('no-secret')]],
    [8, 'DATA_DIR_OPEN', /chmod/, ['deidentify', csv, ...secret, place.path('open-secret')]],
    [
      2,
      'USAGE',
      /--profile takes strict or shifted/,
      ['deidentify', csv, '--profile', 'loose', '--recipient', 'x', '--secret-file', 'y'],
    ],
    [2, 'USAGE', /read twice/, ['deidentify', '-', ...secret, place.path('open-secret')]],
  ]
  for (const [exit, code, says, args] of wrong)
    await assertFails(place, { exit, code, says }, 'records', ...args)
})

test('reads standard input', async () => {
  await using place = await openPlace()
  const xml = new Uint8Array(await readFile(`${SEEDS}apple-health.xml`))
  const { code, stdout } = await place.feed(xml, 'records', 'convert', '-', '--from', 'apple-health')
  assert.is(code, 0)
  assert.match(stdout, /^\{.*"resourceType":"Observation"/)
})

test.run()
