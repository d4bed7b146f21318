import { convert, RecordsError } from '@halo/records'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { generateAppleHealthXml } from './generate-apple-health.ts'
import {
  attemptChunks,
  convertChunks,
  convertFile,
  findCanaries,
  readSeed,
  refusedFile,
} from './source-files.ts'

const test = suite('records/source-apple-health')
const SEED = new TextDecoder().decode(readSeed('apple-health.xml'))

/** What names the patient, her devices or her account in the sample. */
const CANARIES = ['Zanzibella', '1961', 'Female', 'ABNegative', 'QX77431', '0x283f5b1d0', 'sourceName', 'gpx']

const HEART =
  '<Record type="HKQuantityTypeIdentifierHeartRate" unit="count/min" startDate="2026-01-31 08:05:00 +0100" endDate="2026-01-31 08:05:00 +0100" value="61"/>'

function exportOf(...elements: string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<HealthData locale="de_CH">${elements.join('\n')}</HealthData>`
}

/** A record of one quantity at one time, with what is to be different from a heart rate. */
function recordOf(type: string, unit: string, value: string, times: Record<string, string> = {}): string {
  const { start = '2026-01-31 08:05:00 +0100', end = start } = times
  return `<Record type="HKQuantityTypeIdentifier${type}" unit="${unit}" startDate="${start}" endDate="${end}" value="${value}"/>`
}

function pressures(systolic: string, diastolic: string, unit = 'mmHg'): string {
  return (
    recordOf('BloodPressureSystolic', unit, systolic) + recordOf('BloodPressureDiastolic', unit, diastolic)
  )
}

test('turns each kind of record into an Observation with its codes, digits and unit', async () => {
  const { resources, report, text } = await convertFile('apple-health', SEED)
  assert.is(resources.length, 19)
  assert.is(report.resources, 19)
  assert.is(report.recordsRead, 30)
  const expected = [
    '"code":"8867-4","system":"http://loinc.org"}]},"device":{"reference":"Device/apple-watch"},"effectiveDateTime":"2026-01-31T08:05:00+01:00"',
    '"unit":"beats/minute","value":61.5}',
    '"effectivePeriod":{"end":"2026-01-31T09:05:12+01:00","start":"2026-01-31T09:00:00+01:00"}',
    '"unit":"steps","value":412}',
    '"unit":"m","value":302.1}',
    '"code":"%","system":"http://unitsofmeasure.org","unit":"%","value":97}',
    '"code":"[degF]","system":"http://unitsofmeasure.org","unit":"[degF]","value":98.6}',
    '"code":"[lb_av]","system":"http://unitsofmeasure.org","unit":"[lb_av]","value":150.2}',
    '"code":"[in_i]","system":"http://unitsofmeasure.org","unit":"[in_i]","value":69.00}',
    '"code":"15074-8"',
    '"unit":"mmol/L","value":5.50}',
    '"code":"80404-7"',
  ]
  for (const part of expected) assert.ok(text.includes(part), part)
})

test('says that glucose may be of blood or of a sensor, in the report and in each Observation', async () => {
  const { text, report } = await convertFile('apple-health', SEED)
  assert.is(text.match(/"note":\[\{"text":"Specimen not stated/g)?.length, 2)
  assert.is(report.notes.find(({ rule }) => rule === 'glucose-specimen-unstated')?.count, 2)
})

test('brings the two pressures of a measurement together, once', async () => {
  const pair = pressures('121', '79')
  const correlation = `<Correlation type="HKCorrelationTypeIdentifierBloodPressure">${pair}</Correlation>`
  for (const elements of [
    [pair, correlation],
    [correlation, pair],
    [correlation],
    [pair, correlation, pair, correlation],
  ]) {
    const { resources, report, text } = await convertFile('apple-health', exportOf(...elements))
    assert.is(resources.length, 1)
    assert.equal(report.leftOut, {})
    assert.is(report.duplicates, report.recordsRead - 1)
    assert.match(text, /"code":"8480-6".*?"value":121.*"code":"8462-4".*?"value":79/)
  }
})

test('leaves out a pressure without its other half, and says so', async () => {
  const lone = recordOf('BloodPressureSystolic', 'mmHg', '121')
  const wrong = `<Correlation type="HKCorrelationTypeIdentifierBloodPressure">${pressures('12', '8', 'kPa')}</Correlation>`
  const { resources, report } = await convertFile('apple-health', exportOf(HEART, lone, wrong))
  assert.is(resources.length, 1)
  assert.is(report.leftOut['blood-pressure-without-pair'], 2)
})

test('writes a stretch of sleep with its stage, and no time in bed', async () => {
  const { resources, report } = await convertFile('apple-health', SEED)
  const sleep = resources.filter((resource) => JSON.stringify(resource).includes('93832-4'))
  assert.is(sleep.length, 4)
  const minutes = sleep.map((stretch) =>
    JSON.stringify(stretch['valueQuantity']).match(/"text":"([^"]+)"|"value":([0-9.]+)/),
  )
  assert.equal(
    minutes.map((found) => Number(found?.[1] ?? found?.[2])),
    [44.5, 40, 0, 330],
  )
  assert.is(report.leftOut['in-bed'], 1)
})

test('keeps who the patient is, names and serials out of resources, report and errors', async () => {
  const { text, report } = await convertFile('apple-health', SEED)
  assert.equal(findCanaries(text + JSON.stringify(report), CANARIES), [])
  assert.is(report.leftOut['person'], 1)
  for (const cut of [700, 1500, 2500, SEED.length - 3]) {
    const error = await refusedFile('apple-health', SEED.slice(0, cut))
    assert.is(error.code, 'XML_MALFORMED')
    assert.equal(findCanaries(error.message + error.stack + JSON.stringify(error.details), CANARIES), [])
  }
})

test('gives no name from the file to what it leaves out', async () => {
  const odd = [
    '<Record type="HKQuantityTypeIdentifierZanzibella" value="1"/>',
    '<Record type="Zanzibella" value="1"/>',
    '<Record/>',
    '<Zanzibella/>',
    '<Correlation type="Zanzibella"/>',
  ]
  const { report } = await convertFile('apple-health', exportOf(HEART, ...odd))
  assert.equal(report.leftOut, { correlation: 1, 'other-elements': 1, 'other-records': 3 })
})

test('gives the same lines for the same file, whatever its chunks', async () => {
  const whole = await convertFile('apple-health', SEED)
  const bytes = new TextEncoder().encode(SEED)
  await holds(
    fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 6 }), async (cuts) => {
      const ends = [0, ...cuts.sort((a, b) => a - b), bytes.length]
      const chunks = ends.slice(1).map((end, index) => bytes.slice(ends[index], end))
      const { text, report } = await convertChunks('apple-health', chunks)
      assert.is(text, whole.text)
      assert.equal(report, whole.report)
    }),
    50,
  )
})

test('gives a figure the same id when the export is made in another time zone', async () => {
  const here = await convertFile('apple-health', exportOf(HEART))
  const there = await convertFile(
    'apple-health',
    exportOf(HEART.replaceAll('08:05:00 +0100', '02:05:00 -0500')),
  )
  assert.is(there.resources[0]?.['id'], here.resources[0]?.['id'])
  assert.not.ok(there.text === here.text)
})

test('writes once what is said twice, and tells figures apart by kind, time, value and device', async () => {
  const watch = HEART.replace('unit=', 'device="&lt;&lt;HKDevice: 0x1&gt;, name:x, model:Watch, a&gt;" unit=')
  const others = [
    HEART.replace('value="61"', 'value="62"'),
    HEART.replaceAll('08:05:00', '08:05:01'),
    HEART.replace('HeartRate', 'RestingHeartRate'),
    watch,
  ]
  const { report } = await convertFile('apple-health', exportOf(HEART, ...others, HEART, watch))
  assert.is(report.resources, 5)
  assert.is(report.duplicates, 2)
})

test('finds a repetition within the bound it is given, and not far beyond it', async () => {
  const many = Array.from({ length: 40 }, (_, index) => HEART.replace('value="61"', `value="${70 + index}"`))
  const near = await convertFile('apple-health', exportOf(HEART, ...many.slice(0, 10), HEART), {
    maxReadings: 10,
  })
  assert.is(near.report.duplicates, 1)
  const far = await convertFile('apple-health', exportOf(HEART, ...many, HEART), { maxReadings: 10 })
  assert.is(far.report.duplicates, 0)
  assert.is(far.resources.at(-1)?.['id'], far.resources[0]?.['id'])
})

test('converts units exactly', async () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['OxygenSaturation', '%', '0.975', '97.5'],
    ['OxygenSaturation', '%', '1', '100'],
    ['Height', 'm', '1.7', '170'],
    ['Height', 'ft', '5.8333', '69.9996'],
    ['BodyMass', 'st', '11.5', '161.0'],
    ['DistanceWalkingRunning', 'mi', '0.1', '160.9344'],
    ['DistanceWalkingRunning', 'km', '0.0012345', '1.2345'],
  ]
  for (const [type, unit, value, expected] of cases) {
    const { text } = await convertFile('apple-health', exportOf(recordOf(type, unit, value)))
    assert.match(text, `"value":${expected}}`, `${value} ${unit}`)
  }
})

test('leaves out and counts what cannot be read: units, values, times', async () => {
  const cases: readonly (readonly [string, string])[] = [
    [recordOf('HeartRate', 'count/s', '61'), 'unit-unknown'],
    [recordOf('HeartRate', '', '61'), 'unit-unknown'],
    [recordOf('HeartRate', 'count/min', ''), 'value-unreadable'],
    [recordOf('HeartRate', 'count/min', 'NaN'), 'value-unreadable'],
    [recordOf('HeartRate', 'count/min', '61,5'), 'value-unreadable'],
    [recordOf('HeartRate', 'count/min', '061'), 'value-unreadable'],
    [recordOf('HeartRate', 'count/min', '0'), 'value-implausible'],
    [recordOf('HeartRate', 'count/min', '1e300'), 'value-implausible'],
    [recordOf('OxygenSaturation', '%', '97'), 'value-implausible'],
    [recordOf('StepCount', 'count', '-1'), 'value-implausible'],
    [recordOf('HeartRate', 'count/min', '61', { start: '2026-01-31 08:05:00' }), 'time-unreadable'],
    [recordOf('HeartRate', 'count/min', '61', { start: '2026-02-30 08:05:00 +0100' }), 'time-unreadable'],
    [recordOf('HeartRate', 'count/min', '61', { start: '2026-01-31 24:05:00 +0100' }), 'time-unreadable'],
    [recordOf('HeartRate', 'count/min', '61', { start: '2026-01-31 08:05:00 +2500' }), 'time-unreadable'],
    [recordOf('HeartRate', 'count/min', '61', { start: '2026-01-31T08:05:00 +0100' }), 'time-unreadable'],
    [recordOf('HeartRate', 'count/min', '61', { end: '2026-01-31 08:04:59 +0100' }), 'time-reversed'],
  ]
  for (const [record, rule] of cases) {
    const { report } = await convertFile(
      'apple-health',
      exportOf(recordOf('HeartRate', 'count/min', '70'), record),
    )
    assert.equal(report.leftOut, { [rule]: 1 }, record)
    assert.equal(
      report.notes.filter(({ rule: name }) => name === rule).map(({ count, firstAt }) => [count, firstAt]),
      [[1, 2]],
      record,
    )
  }
})

test('orders times across a change of clocks by their offsets', async () => {
  const times = { start: '2026-10-25 02:50:00 +0200', end: '2026-10-25 02:10:00 +0100' }
  const { text } = await convertFile('apple-health', exportOf(recordOf('StepCount', 'count', '12', times)))
  assert.match(text, '"end":"2026-10-25T02:10:00+01:00","start":"2026-10-25T02:50:00+02:00"')
})

test('refuses what refers to an entity of a DTD, however often the entities nest', async () => {
  const entities = ['<!ENTITY a0 "lol">']
  for (let level = 1; level < 30; level++)
    entities.push(`<!ENTITY a${level} "${`&a${level - 1};`.repeat(10)}">`)
  const bomb = `<?xml version="1.0"?><!DOCTYPE HealthData [${entities.join('\n')}]>`
  const used = bomb + exportOf(HEART.replace('value="61"', 'value="&a29;"')).slice(39)
  assert.is((await refusedFile('apple-health', used)).code, 'XML_MALFORMED')
  const unused = await convertFile('apple-health', bomb + exportOf(HEART).slice(39))
  assert.is(unused.resources.length, 1)
})

test('asks for nothing outside of the file', async () => {
  for (const entity of [
    '<!ENTITY x SYSTEM "file:///etc/passwd">',
    '<!ENTITY % x SYSTEM "http://127.0.0.1/x"> %x;',
  ]) {
    const dtd = `<!DOCTYPE HealthData [${entity}]>`
    const file = exportOf(HEART.replace('61', '&x;')).replace('<HealthData', `${dtd}<HealthData`)
    assert.is((await refusedFile('apple-health', file)).code, 'XML_MALFORMED')
  }
})

test('refuses XML that is cut off, wrongly nested, or of another kind', async () => {
  const cases: readonly (readonly [string | Uint8Array, string])[] = [
    ['', 'FILE_EMPTY'],
    ['{"a":1}', 'XML_MALFORMED'],
    [exportOf(HEART).slice(0, -1), 'XML_MALFORMED'],
    [exportOf('<Correlation>', HEART), 'XML_MALFORMED'],
    [exportOf('<Record></Workout>'), 'XML_MALFORMED'],
    [exportOf('<Record type="a" type="b"/>'), 'XML_MALFORMED'],
    [exportOf('<Record a=&constructor;/>'), 'XML_MALFORMED'],
    [exportOf('<Record a="&constructor;"/>'), 'XML_MALFORMED'],
    [exportOf('<a>'.repeat(40) + '</a>'.repeat(40)), 'XML_MALFORMED'],
    [exportOf(HEART) + exportOf(HEART).slice(39), 'XML_MALFORMED'],
    ['<ClinicalDocument/>', 'FORMAT_UNKNOWN'],
    [exportOf(), 'NO_READINGS'],
    [Uint8Array.of(60, 0xff, 0xfe), 'FORMAT_UNKNOWN'],
    [`${exportOf(HEART)}\0`, 'FORMAT_UNKNOWN'],
  ]
  for (const [file, code] of cases)
    assert.is((await refusedFile('apple-health', file)).code, code, String(file).slice(-60))
})

test('holds no tag, comment, DTD or name beyond the bound', async () => {
  const long = 'x'.repeat(200_000)
  const files = [
    exportOf(`<Record value="${long}"/>`),
    exportOf(`<${long}/>`),
    exportOf(`<Record ${long}="1"/>`),
    exportOf(`<!-- ${long} -->`),
    exportOf(`<Record a="&${long};"/>`),
    exportOf(`<Record ${Array.from({ length: 40_000 }, (_, index) => `a${index}=""`).join(' ')}/>`),
    `<!DOCTYPE HealthData [<!-- ${long} -->]>${exportOf(HEART)}`,
  ]
  for (const file of files)
    assert.is((await refusedFile('apple-health', file)).code, 'LINE_TOO_LONG', file.slice(0, 120))
  assert.is((await refusedFile('apple-health', exportOf(HEART), { maxLineBytes: 20 })).code, 'LINE_TOO_LONG')
  const notes = exportOf(`<Workout note="${'x'.repeat(65_000)}"/>`.repeat(5), HEART)
  assert.is((await convertFile('apple-health', notes)).resources.length, 1)
})

test('takes control characters in a note of an app as blanks', async () => {
  const odd = `<Workout><MetadataEntry key="note" value="a\u000bb\u0007"/></Workout>`
  const { report } = await convertFile('apple-health', exportOf(odd, HEART))
  assert.is(report.resources, 1)
  assert.is(report.notes[0]?.rule, 'control-characters')
})

test('reports days without a heart rate, whatever the order of the records', async () => {
  const times = [
    '2026-01-05 08',
    '2026-01-05 21',
    '2026-01-01 08',
    '2026-01-02 20',
    '2026-01-02 08',
    '2026-01-09 08',
    '2026-01-09 06',
  ]
  const records = times.map((time) => HEART.replaceAll('2026-01-31 08', time))
  const { report } = await convertFile('apple-health', exportOf(...records))
  assert.equal(report.gaps, [
    { series: '8867-4', from: '2026-01-02T19:05:00Z', to: '2026-01-05T07:05:00Z' },
    { series: '8867-4', from: '2026-01-05T20:05:00Z', to: '2026-01-09T05:05:00Z' },
  ])
})

test('tells how far it has come, and stops when asked to', async () => {
  const stop = new AbortController()
  const seen: number[] = []
  const onProgress = ({ bytes }: { bytes: number }): void => {
    seen.push(bytes)
    if (seen.length === 2) stop.abort(new Error('enough'))
  }
  const chunks = [exportOf(HEART).slice(0, -13), HEART, HEART, HEART]
  let message = ''
  try {
    await convertChunks('apple-health', chunks, { onProgress, signal: stop.signal })
  } catch (error) {
    message = error instanceof Error ? error.message : ''
  }
  assert.is(message, 'enough')
  assert.is(seen.length, 2)
})

test('refuses options that are out of range', async () => {
  for (const options of [{ maxLineBytes: 0 }, { maxReadings: -1 }, { maxReadings: 1.5 }])
    assert.is((await refusedFile('apple-health', exportOf(HEART), options)).code, 'OPTION_INVALID')
})

const SPLICES = [
  '<',
  '>',
  '"',
  '&',
  ';',
  '<!--',
  ']]>',
  '<![CDATA[',
  '<!DOCTYPE',
  '</',
  '/>',
  '\u2028',
  '&#0;',
  '+0100',
  '?>',
]

test('ends mutated exports with canonical lines or a RecordsError that names nobody', async () => {
  let converted = 0
  const edits = fc.array(
    fc.record({
      at: fc.nat(SEED.length),
      cut: fc.nat(20),
      put: fc.oneof(fc.constantFrom(...SPLICES), fc.string({ maxLength: 3 })),
    }),
    { maxLength: 4 },
  )
  await holds(
    fc.asyncProperty(edits, async (changes) => {
      const file = changes.reduce(
        (text, { at, cut, put }) => text.slice(0, at) + put + text.slice(at + cut),
        SEED,
      )
      const outcome = await attemptChunks('apple-health', [file])
      if (outcome instanceof RecordsError) {
        assert.equal(findCanaries(outcome.message, CANARIES), [])
        return
      }
      assert.is(outcome.resources.length, outcome.report.resources)
      assert.equal(findCanaries(outcome.text, ['Zanzibella', 'QX77431', '1961']), [])
      converted += 1
    }),
    400,
  )
  assert.ok(converted > 10, 'some mutated files are still exports')
})

test('reads a hundred megabytes in memory that does not grow with them', async () => {
  const heap: number[] = []
  let pieces = 0
  let longest = 0
  const conversion = convert('apple-health', generateAppleHealthXml(100_000_000), { maxReadings: 50_000 })
  for await (const piece of conversion) {
    longest = Math.max(longest, piece.length)
    pieces += 1
    if (pieces % 100 === 0) heap.push(process.memoryUsage().heapUsed)
  }
  const report = conversion.report()
  assert.ok(report.recordsRead > 230_000 && report.duplicates > 2000)
  assert.ok(longest < 1_000_000, 'no piece holds much of the file')
  // All lines together are 135 MB; what is held of a file has to stay far below that.
  assert.ok(Math.max(...heap) < 100_000_000, `heap of ${Math.round(Math.max(...heap) / 1e6)} MB`)
})

test.run()
