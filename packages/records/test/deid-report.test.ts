import type { FhirResource } from '@halo/records'
import { canonicalJson, generateGlucoseCsv, parseFhirJson } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { at, refusal, run } from './deid-run.ts'
import { importText, ndjsonOf } from './import-text.ts'
import { VERBOSE_READING, VERBOSE_TEXT } from './verbose-reading.ts'

const test = suite('records/deid-report')

/** Glucose of made-up people, one `Patient/subject-1` each, as the importer writes it. */
async function traceOf(seed: number, days: number): Promise<readonly FhirResource[]> {
  const csv = generateGlucoseCsv({ seed, days })
  const text = await ndjsonOf(await importText(csv))
  return text
    .trim()
    .split('\n')
    .map((line) => parseFhirJson(line) as FhirResource)
}

test('says what was removed and changed, by path, letter and count, without a value', async () => {
  const { report, text } = await run([VERBOSE_READING, VERBOSE_READING], { profile: 'shifted' })
  const countOf = (path: string): unknown => {
    const change = report.changes.find((one) => one.path === path)
    return change === undefined ? null : `${change.change} ${change.letter} ${change.count}`
  }
  assert.is(countOf('Observation.effectiveDateTime'), 'changed C 2')
  assert.is(countOf('Observation.id'), 'changed R 2')
  assert.is(countOf('Observation.subject.display'), 'removed A 2')
  assert.is(countOf('Observation.performer'), 'removed A 2')
  assert.is(countOf('Observation.text'), 'removed R 2')
  assert.is(countOf('Observation.meta.source'), 'removed N 2')
  assert.is(countOf('Observation.meta.lastUpdated'), 'removed C 2')
  assert.is(report.resources['Observation'], 2)
  assert.is(report.bytesAfter, Buffer.byteLength(text))
  assert.is(report.bytesBefore, 2 * (Buffer.byteLength(canonicalJson(VERBOSE_READING)) + 1))
  assert.not.match(JSON.stringify(report), /Joe|joe|Langeveld|2014|6323|40H7KP|G4/)
})

test('labels every resource as pseudonymised, with profile and version, and nothing as anonymous', async () => {
  for (const profile of ['strict', 'shifted'] as const) {
    const { text, resources, report } = await run([VERBOSE_READING], { profile })
    assert.equal(
      (at(resources[0], 'meta', 'security') as { code: string }[]).map(({ code }) => code),
      profile === 'strict' ? ['PSEUDED', 'REDACTED', 'ABSTRED'] : ['PSEUDED', 'REDACTED'],
    )
    assert.is(at(resources[0], 'meta', 'tag', 0, 'code'), profile)
    assert.is(at(resources[0], 'meta', 'tag', 0, 'version'), report.rulesVersion)
    assert.not.match(`${text}${JSON.stringify(report)}`, /anonym/i)
    assert.match(report.residualRisk, /personal data/)
    assert.match(report.residualRisk, /single out/)
  }
})

test('makes a verbose reading smaller, and says by how much beside paper 001', async () => {
  const before = Buffer.byteLength(VERBOSE_TEXT)
  for (const profile of ['strict', 'shifted'] as const) {
    const { report } = await run([VERBOSE_READING], { profile })
    process.stdout.write(`${profile}: ${before} to ${report.bytesAfter} bytes; paper 001: 2509 to 857\n`)
    assert.ok(report.bytesAfter < 0.75 * before)
  }
})

test('keeps a day of readings, all of them, and counts the bytes they take', async () => {
  const trace = await traceOf(3, 1)
  for (const profile of ['strict', 'shifted'] as const) {
    const { report, text } = await run(trace, { profile })
    assert.is(report.resources['Observation'], trace.length)
    assert.is(report.bytesBefore, Buffer.byteLength(trace.map((one) => `${canonicalJson(one)}\n`).join('')))
    assert.is(report.bytesAfter, Buffer.byteLength(text))
  }
})

/** The values of a trace, in order. */
function valuesOf(trace: readonly FhirResource[]): readonly number[] {
  return trace.map((one) => Number(at(one, 'valueQuantity', 'value')))
}

/** Share of the released stretches whose values stand in the right known trace, and in no other. */
function relinkRate(
  known: readonly string[],
  released: readonly (readonly number[])[],
  length: number,
): number {
  let tried = 0
  let linked = 0
  for (const [owner, values] of released.entries())
    for (let from = 0; from + length <= values.length; from += length) {
      const stretch = `,${values.slice(from, from + length).join(',')},`
      const matches = known.flatMap((one, at) => (one.includes(stretch) ? [at] : []))
      tried += 1
      if (matches.length === 1 && matches[0] === owner) linked += 1
    }
  return linked / tried
}

test('does not hide whose trace it is from somebody who has the same values: the report says so', async () => {
  const traces = await Promise.all(Array.from({ length: 20 }, (_, n) => traceOf(100 + n, 3)))
  const known = traces.map((trace) => `,${valuesOf(trace).join(',')},`)
  for (const profile of ['strict', 'shifted'] as const) {
    const outputs = await Promise.all(
      traces.map((trace, n) => run(trace, { profile, recipient: `lab ${n}` })),
    )
    const released = outputs.map(({ resources }) => valuesOf(resources))
    const rates = [3, 6, 12, 36].map((length) => [length, relinkRate(known, released, length)] as const)
    const words = rates.map(([length, rate]) => `${length} values ${(rate * 100).toFixed(1)} %`)
    process.stdout.write(`${profile}: re-linked by values alone, of 20 people: ${words.join(', ')}\n`)
    // An hour of readings is a fingerprint. Were this ever to fail, values would no longer be those measured.
    assert.ok((rates[2]?.[1] ?? 0) > 0.9)
    // Times and ids give nothing away beside them.
    const times = new Set(traces.flatMap((trace) => trace.map((one) => String(one['effectiveDateTime']))))
    if (profile === 'strict')
      for (const { text } of outputs)
        for (const time of [...times].slice(0, 50)) assert.not.ok(text.includes(time))
  }
})

test('refuses a short secret, no recipient, an unknown profile, and a source that changes', async () => {
  assert.is(await refusal([VERBOSE_READING], { secret: new Uint8Array(31) }), 'SECRET_INVALID')
  for (const recipient of ['', '  ', 'x'.repeat(257), '\ud800'])
    assert.is(await refusal([VERBOSE_READING], { recipient }), 'RECIPIENT_INVALID')
  assert.is(await refusal([VERBOSE_READING], { profile: 'anonymous' as 'strict' }), 'OPTION_INVALID')
  for (const asOf of ['2020', 'today', '2020-02-30'])
    assert.is(await refusal([VERBOSE_READING], { asOf }), 'OPTION_INVALID')
  let opened = 0
  const changing = {
    *[Symbol.iterator]() {
      if (opened++ > 0) yield VERBOSE_READING
    },
  } as unknown as FhirResource[]
  assert.is(await refusal(changing), 'OPTION_INVALID')
})

test('stops when it is told to', async () => {
  const stop = new AbortController()
  const { signal } = stop
  const endless = {
    *[Symbol.iterator]() {
      for (let n = 0; ; n++) {
        if (n === 5) stop.abort(new Error('stopped'))
        yield VERBOSE_READING
      }
    },
  } as unknown as FhirResource[]
  try {
    await run(endless, { signal })
    assert.unreachable()
  } catch (error) {
    assert.match((error as Error).message, /stopped/)
  }
})

test('names a device only by a model that the sender lists', async () => {
  const device: FhirResource = {
    resourceType: 'Device',
    id: 'd',
    serialNumber: 'SM40817723',
    udiCarrier: [{ deviceIdentifier: '00386270000385' }],
    deviceName: [
      { name: 'Dexcom G6', type: 'model-name' },
      { name: "Joe's iPhone", type: 'user-friendly-name' },
    ],
    modelNumber: 'Dexcom G6',
  }
  const { resources } = await run([device])
  assert.equal(Object.keys(resources[0] ?? {}).sort(), ['id', 'meta', 'resourceType'])
  const { resources: named, text } = await run([device], { deviceModels: ['Dexcom G6'] })
  assert.equal(at(named[0], 'deviceName'), [{ name: 'Dexcom G6', type: 'model-name' }])
  assert.is(at(named[0], 'modelNumber'), 'Dexcom G6')
  assert.not.match(text, /Joe|SM4|0038/)
})

test('keeps codes of public systems and removes the rest, with figures that have lost their unit', async () => {
  const observation: FhirResource = {
    resourceType: 'Observation',
    status: 'final',
    code: {
      coding: [
        { system: 'http://loinc.org', code: '8867-4', display: 'Heart rate of Joe' },
        { system: 'http://loinc.org', code: '8867-5' },
        { system: 'http://snomed.info/sct', code: '162864005' },
        { system: 'http://snomed.info/sct', code: '162864006' },
        { system: 'http://hospital.example', code: 'JOE' },
        { code: 'JOE' },
      ],
    },
    valueQuantity: { value: 5, unit: 'furlongs of Joe' },
    component: [
      { code: { text: 'JOE' }, valueString: 'JOE' },
      { code: { text: 'x' }, valueQuantity: { value: 5 } },
      { code: { text: 'x' }, valueQuantity: { value: 5_551_234_567 } },
      {
        code: { text: 'x' },
        valueSampledData: { origin: { value: 0 }, period: 1, dimensions: 1, data: '1.5 2 E' },
      },
      {
        code: { text: 'x' },
        valueSampledData: { origin: { value: 0 }, period: 1, dimensions: 1, data: '1.5 JOE' },
      },
    ],
  }
  const { resources, text } = await run([observation])
  assert.equal(
    (at(resources[0], 'code', 'coding') as { code: string }[]).map(({ code }) => code),
    ['8867-4', '162864005'],
  )
  assert.is(at(resources[0], 'valueQuantity'), undefined)
  assert.is(at(resources[0], 'dataAbsentReason', 'coding', 0, 'code'), 'masked')
  assert.is(at(resources[0], 'component', 0, 'valueQuantity', 'value'), 5)
  assert.is(at(resources[0], 'component', 1, 'valueSampledData', 'data'), '1.5 2 E')
  assert.is(at(resources[0], 'component', 2, 'valueSampledData', 'data'), undefined)
  assert.not.match(text, /JOE|Joe|5551/)
})

test('keeps of an address the country, and in the United States the state and three digits', async () => {
  const addressOf = async (address: Record<string, string>): Promise<unknown> =>
    at((await run([{ resourceType: 'Patient', id: 'p', address: [address] }])).resources[0], 'address', 0)
  assert.equal(
    await addressOf({ line: '1', city: 'x', state: 'Washington', postalCode: '98053-1234', country: 'USA' }),
    {
      country: 'US',
      postalCode: '980',
      state: 'WA',
    },
  )
  for (const zip of ['03601', '05901', '06301', '79001', '89301'])
    assert.is(at(await addressOf({ postalCode: zip, country: 'US' }), 'postalCode'), '000')
  assert.equal(await addressOf({ state: 'Lazio', postalCode: '00044', country: 'IT', city: 'Frascati' }), {
    country: 'IT',
  })
  assert.is(await addressOf({ state: 'Joe', country: 'Joe', postalCode: 'Joe' }), undefined)
})

test.run()
