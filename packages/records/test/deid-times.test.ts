import type { DeidentifyOptions, FhirResource, JsonValue } from '@halo/records'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { derivePseudonyms } from '../src/deidentify/pseudonyms.ts'
import { at, run, SECRET } from './deid-run.ts'

const test = suite('records/deid-times')
const DAY_MS = 86_400_000

function readings(times: readonly string[], patient = 'p1'): readonly FhirResource[] {
  return times.map((effectiveDateTime) => ({
    resourceType: 'Observation',
    status: 'final',
    subject: { reference: `Patient/${patient}` },
    effectiveDateTime,
  }))
}

async function timesOf(
  times: readonly string[],
  options: Partial<DeidentifyOptions>,
  patient = 'p1',
): Promise<readonly (string | undefined)[]> {
  const { resources } = await run(readings(times, patient), options)
  return resources.map(({ effectiveDateTime }) => effectiveDateTime as string | undefined)
}

/** Milliseconds from the first record's day, as the extension says it. */
function relativeMs(resource: FhirResource | undefined): number {
  const parts = at(resource, '_effectiveDateTime', 'extension', 0, 'extension')
  return Number(at(parts, 0, 'valueInteger')) * DAY_MS + Number(at(parts, 1, 'valueDecimal') ?? 0) * 1000
}

/** Instants of some fifty years in any offset, to the millisecond. */
const instant = fc
  .tuple(
    fc.integer({ min: Date.UTC(1975, 0, 1), max: Date.UTC(2028, 0, 1) }),
    fc.integer({ min: -840, max: 840 }),
  )
  .map(([ms, offset]) => {
    const wall = new Date(ms + offset * 60_000).toISOString().slice(0, -1)
    const pad = (n: number): string => String(n).padStart(2, '0')
    const size = Math.abs(offset)
    return { ms, text: `${wall}${offset < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}` }
  })
const instants = fc.array(instant, { minLength: 2, maxLength: 12 })

test('keeps every interval between two times of a patient, shifted', async () => {
  await holds(
    fc.asyncProperty(instants, fc.boolean(), fc.boolean(), async (drawn, keepsOffsets, keepsWeekday) => {
      const out = await timesOf(
        drawn.map(({ text }) => text),
        { profile: 'shifted', keepsOffsets, keepsWeekday },
      )
      const offsets = drawn.map(({ ms }, n) => Date.parse(out[n] ?? '') - ms)
      assert.is(new Set(offsets).size, 1)
      const days = (offsets[0] ?? 0) / DAY_MS
      assert.ok(Number.isInteger(days) && days !== 0 && Math.abs(days) <= 364)
      if (keepsWeekday) assert.is(Math.abs(days % 7), 0)
    }),
    200,
  )
})

test('keeps every interval between two times of a patient, strict', async () => {
  await holds(
    fc.asyncProperty(instants, async (drawn) => {
      const { resources } = await run(readings(drawn.map(({ text }) => text)))
      const relative = resources.map(relativeMs)
      const [first = 0] = relative
      for (const [n, { ms }] of drawn.entries())
        assert.is(Math.round((relative[n] ?? 0) - first), ms - (drawn[0]?.ms ?? 0))
      assert.is(Math.min(...relative.map((one) => Math.floor(one / DAY_MS))), 0)
    }),
    200,
  )
})

test('keeps the wall clock across a change of clocks, and hides when it was', async () => {
  const times = ['2021-03-27T08:00:00+01:00', '2021-03-29T08:00:00+02:00', '2021-11-01T08:00:00+01:00']
  const out = await timesOf(times, { profile: 'shifted' })
  assert.equal(
    out.map((one) => one?.slice(10)),
    ['T08:00:00+01:00', 'T07:00:00+01:00', 'T08:00:00+01:00'],
  )
  const asWritten = await timesOf(times, { profile: 'shifted', keepsOffsets: true })
  assert.equal(
    asWritten.map((one) => one?.slice(10)),
    ['T08:00:00+01:00', 'T08:00:00+02:00', 'T08:00:00+01:00'],
  )
})

test('writes a year that does not show on which day a new year began', async () => {
  const { resources } = await run(
    readings(['2019-12-30T10:00:00Z', '2020-01-02T10:00:00Z', '2021-01-02T10:00:00Z']),
  )
  assert.equal(
    resources.map(({ effectiveDateTime }) => effectiveDateTime),
    ['2019', '2019', '2020'],
  )
  assert.equal(
    resources.map((one) => relativeMs(one) / DAY_MS),
    [10 / 24, 3 + 10 / 24, 369 + 10 / 24],
  )
})

test('tells no calendar date: the same records a day later give the same output', async () => {
  // One day of a year like another: only the year of the first record is told.
  const week = (day: number): readonly FhirResource[] =>
    readings([0, 1, 200, 364].map((n) => new Date(Date.UTC(2021, 0, day + n, 9)).toISOString()))
  const { text } = await run(week(2))
  for (const day of [3, 90, 180, 360]) assert.is((await run(week(day))).text, text)
})

test('moves no two recipients, no two patients and no two secrets alike', async () => {
  const time = ['2021-06-01T12:00:00Z']
  const all = await Promise.all([
    timesOf(time, { profile: 'shifted' }),
    timesOf(time, { profile: 'shifted', recipient: 'other' }),
    timesOf(time, { profile: 'shifted' }, 'p2'),
    timesOf(time, { profile: 'shifted', secret: new Uint8Array(64).map((_, n) => n + 9) }),
  ])
  assert.is(new Set(all.flat()).size, 4)
})

test('draws offsets evenly from 1 to 364 days either way, and never zero', () => {
  const pseudonyms = derivePseudonyms(SECRET, 'lab')
  const drawn = Array.from({ length: 20_000 }, (_, n) => pseudonyms.shiftDaysOf(`patient ${n}`, false))
  assert.is(Math.min(...drawn), -364)
  assert.is(Math.max(...drawn), 364)
  assert.is(drawn.includes(0), false)
  assert.is(new Set(drawn).size, 728)
  const mean = drawn.reduce((sum, one) => sum + one, 0) / drawn.length
  // Five standard errors of the mean: 210 / sqrt(20 000).
  assert.ok(Math.abs(mean) < 7.5)
  const weeks = Array.from({ length: 5000 }, (_, n) => pseudonyms.shiftDaysOf(`patient ${n}`, true))
  assert.is(new Set(weeks).size, 104)
  assert.ok(weeks.every((one) => one % 7 === 0 && one !== 0))
})

test('leaves no way to the offset by any other time or id', async () => {
  const day = '2021-03-04'
  const patient: FhirResource = {
    resourceType: 'Patient',
    id: '7d4a2f00-7c5e-11eb-9439-0242ac130002',
    meta: {
      lastUpdated: `${day}T10:00:00Z`,
      versionId: '2021-03-04',
      source: 'urn:uuid:7d4a2f00-7c5e-11eb-9439-0242ac130002',
    },
    identifier: [{ value: 'x', period: { start: day } }],
    name: [{ family: 'F', period: { end: day } }],
    deceasedDateTime: `${day}T10:00:00Z`,
    extension: [{ url: 'urn:x', valueDateTime: day }],
    _birthDate: {
      extension: [
        {
          url: 'http://hl7.org/fhir/StructureDefinition/patient-birthTime',
          valueDateTime: `${day}T10:00:00Z`,
        },
      ],
    },
  }
  const observation: FhirResource = {
    resourceType: 'Observation',
    status: 'final',
    subject: { reference: `Patient/${patient['id']}` },
    effectivePeriod: { start: `${day}T10:00:00+01:00`, end: `${day}T11:00:00+01:00` },
    effectiveTiming: { event: [day], repeat: { boundsPeriod: { start: day } } },
    issued: `${day}T10:00:01.5Z`,
    valueDateTime: day,
    note: [{ time: day, text: 'x' }],
    component: [{ valuePeriod: { start: day }, valueTime: '10:00:00' }],
  }
  const provenance: FhirResource = {
    resourceType: 'Provenance',
    target: [{ reference: 'Observation/1' }],
    recorded: `${day}T12:00:00Z`,
    agent: [{ who: { reference: `Patient/${patient['id']}` } }],
  }
  const bundle: FhirResource = {
    resourceType: 'Bundle',
    type: 'collection',
    timestamp: `${day}T12:00:00Z`,
    entry: [{ resource: patient }, { resource: observation }, { resource: provenance }],
  }
  for (const resources of [[patient, observation, provenance], [bundle]]) {
    const { text } = await run(resources, { profile: 'shifted' })
    assert.not.match(text, /2021-03|7d4a2f00|11eb/)
    // Everything that is left is moved alike: one day is told, not two.
    const days = new Set(text.match(/\d{4}-\d\d-\d\d(?!\d)/g))
    assert.is(days.size, 1)
    const { text: strict } = await run(resources, { profile: 'strict' })
    assert.not.match(strict, /\d{4}-\d\d/)
  }
})

test('reduces dates that cannot be moved to their year, and removes what is no date', async () => {
  const odd = [
    '2021',
    '2021-03',
    '2021-02-30',
    '2021-03-04T10:00:00',
    '2021-13-01',
    'yesterday',
    '0000-01-01',
    '2021-03-04T25:00:00Z',
  ]
  for (const profile of ['strict', 'shifted'] as const) {
    const out = await timesOf(odd, { profile })
    assert.equal(out, ['2021', '2021', ...odd.slice(2).map(() => undefined)])
  }
})

test('moves the 29th of February and leap seconds', async () => {
  const { resources } = await run(
    readings(['2020-02-29', '2020-02-28', '2020-03-01', '2016-12-31T23:59:60Z', '2017-01-01T00:00:00Z']),
    { profile: 'shifted' },
  )
  const out = resources.map(({ effectiveDateTime }) => Date.parse(String(effectiveDateTime)))
  const [leap = 0, before = 0, after = 0, second = 0, newYear = 0] = out
  assert.equal([leap - before, after - leap, newYear - second], [DAY_MS, DAY_MS, 0])
})

test('keeps digits of seconds as they were written', async () => {
  const [shifted] = await timesOf(['2021-03-04T10:00:00.120+00:00'], { profile: 'shifted' })
  assert.match(String(shifted), /T10:00:00\.120Z$/)
  const { text } = await run(readings(['2021-03-04T10:00:00.120Z']))
  assert.match(text, /"valueDecimal":36000\.120/)
})

test('keeps apart the times of patients, and tells none where it is not known whose they are', async () => {
  const device: FhirResource = {
    resourceType: 'Provenance',
    target: [{ reference: 'Observation/1' }],
    recorded: '2021-03-04T10:00:00Z',
    occurredDateTime: '2021-03-04',
    agent: [{ who: { reference: 'Device/1' } }],
  }
  const two = [...readings(['2021-03-04'], 'a'), ...readings(['2021-03-04'], 'b'), device]
  const { resources } = await run(two, { profile: 'shifted' })
  assert.is.not(resources[0]?.['effectiveDateTime'], resources[1]?.['effectiveDateTime'])
  // A true year beside the moved times of what it speaks of would show by how much they were moved.
  assert.is(resources[2]?.['occurredDateTime'], undefined)
  assert.is(resources[2]?.['recorded'], undefined)
  assert.is(at(resources[2], '_recorded', 'extension', 0, 'valueCode'), 'masked')
  // With one patient, it is theirs.
  const { resources: one } = await run([...readings(['2021-03-04'], 'a'), device], { profile: 'shifted' })
  assert.is(one[1]?.['occurredDateTime'], one[0]?.['effectiveDateTime'])
})

function born(birthDate: string, last: string): readonly FhirResource[] {
  return [{ resourceType: 'Patient', id: 'p1', birthDate }, ...readings([last])]
}

test('tells the year of birth up to the age of 89, and 90 or more from the 90th birthday on', async () => {
  const cases: readonly (readonly [birth: string, last: string, told: boolean])[] = [
    ['1930-06-15', '2020-06-14', true],
    ['1930-06-15', '2020-06-15', false],
    ['1930-06-15', '2020-06-15T00:30:00+02:00', false],
    ['1932-02-29', '2022-02-28', true],
    ['1932-02-29', '2022-03-01', false],
    ['1930', '2019-12-31', true],
    ['1930', '2020-01-01', false],
    ['1930-11', '2020-01-01', false],
  ]
  for (const [birth, last, told] of cases) {
    const { resources } = await run(born(birth, last))
    assert.is(resources[0]?.['birthDate'], told ? birth.slice(0, 4) : undefined, `${birth} ${last}`)
    assert.is(at(resources[0], 'extension', 0, 'valueQuantity', 'comparator'), told ? undefined : '>=')
  }
})

test('counts ages on the day that the caller names, when it is later', async () => {
  const { resources } = await run(born('1930-06-15', '2000-01-01'), { asOf: '2026-01-01' })
  assert.is(resources[0]?.['birthDate'], undefined)
  const { resources: earlier } = await run(born('1930-06-15', '2000-01-01'), { asOf: '1990-01-01' })
  assert.is(earlier[0]?.['birthDate'], '1930')
})

test('tells ages of 90 and more as such, whatever their unit', async () => {
  const age = (value: number, code: string): FhirResource => ({
    resourceType: 'Condition',
    subject: { reference: 'Patient/p1' },
    onsetAge: { value, unit: code, system: 'http://unitsofmeasure.org', code },
  })
  const { resources } = await run([
    age(89.9, 'a'),
    age(90, 'a'),
    age(104, 'a'),
    age(1090, 'mo'),
    age(33_000, 'd'),
    age(12, 'mo'),
  ])
  assert.equal(
    resources.map(
      (one) =>
        `${at(one, 'onsetAge', 'comparator') ?? ''}${at(one, 'onsetAge', 'value')} ${at(one, 'onsetAge', 'code')}`,
    ),
    ['89.9 a', '>=90 a', '>=90 a', '>=90 a', '>=90 a', '12 mo'],
  )
  const answer = (valueInteger: number): FhirResource => ({
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    questionnaire: 'https://halo.example/fhir/Questionnaire/balance|1.0.0',
    item: [{ linkId: 'age', answer: [{ valueInteger }] }],
  })
  const { resources: answers } = await run([answer(89), answer(97)])
  assert.equal(
    answers.map((one) => at(one, 'item', 0, 'answer', 0, 'valueInteger')),
    [89, 90],
  )
})

test('does not tell by a distance in days that somebody lived longer than 89 years', async () => {
  const { resources } = await run(readings(['1925-01-01', '2020-01-01']))
  assert.is(resources[0]?.['effectiveDateTime'], undefined)
  assert.is(at(resources[0], '_effectiveDateTime', 'extension', 0, 'valueCode'), 'masked')
  assert.is(at(resources[0], '_effectiveDateTime', 'extension', 1), undefined)
  assert.is(relativeMs(resources[1]), 0)
})

function onset(onsetDateTime: string, recordedDate?: string): FhirResource {
  return {
    resourceType: 'Condition',
    subject: { reference: 'Patient/p1' },
    onsetDateTime,
    ...(recordedDate === undefined ? {} : { recordedDate }),
  }
}

test('tells no year that shows an age of 90 or more, and counts the times it does not tell', async () => {
  for (const profile of ['strict', 'shifted'] as const)
    for (const early of ['1931', '1931-05', '1931-05-05', '1931-05-05T10:00:00Z'])
      for (const birth of [[{ resourceType: 'Patient', id: 'p1', birthDate: '1928-03-03' }], []]) {
        const { text, resources, report } = await run([...birth, onset(early), ...readings(['2024-05-05'])], {
          profile,
          asOf: '2025-01-01',
        })
        assert.not.match(text, /"19[23]\d/, `${profile} ${early}`)
        const last = resources.at(-1)
        assert.is.not(last?.['effectiveDateTime'], undefined)
        if (profile === 'strict') assert.is(relativeMs(last), 0)
        assert.is(report.lostTimes, 1)
      }
})

test('lets no slip of the pen take all other times of a patient away', async () => {
  const good = ['2024-05-05T10:00:00Z', '2024-05-06T10:00:00Z']
  for (const slip of ['1024-05-05T10:00:00Z', '0024-05-05', '9999-12-31', '1899-12-30', '1970-01-01']) {
    const { resources, report } = await run([...born('1990-03-03', slip), ...readings(good)])
    assert.is(resources[1]?.['effectiveDateTime'], undefined, slip)
    assert.equal(
      resources.slice(2).map((one) => relativeMs(one) / DAY_MS),
      [10 / 24, 1 + 10 / 24],
    )
    assert.is(report.lostTimes, 1)
  }
  for (const slip of ['1899-12-30', '2924-05-05']) {
    const { resources } = await run([...born('1990-03-03', slip), ...readings(good)], { profile: 'shifted' })
    assert.is(resources[1]?.['effectiveDateTime'], undefined)
    assert.is(resources.filter((one) => one['effectiveDateTime'] !== undefined).length, 2)
  }
  // Where the time of birth is not known, nor what else is wrong, the same holds for times that nobody has.
  const shifted = await timesOf(['1899-12-30', '9999-12-31', ...good], { profile: 'shifted' })
  assert.equal(
    shifted.map((one) => one === undefined),
    [true, true, false, false],
  )
})

test('tells no true year beside moved times, where it would show when a year began', async () => {
  for (const profile of ['strict', 'shifted'] as const) {
    const { resources } = await run(
      [onset('2023-12', '2023-12-30'), onset('2024-01', '2024-01-02'), onset('2022'), onset('1998')],
      { profile },
    )
    assert.equal(
      resources.map(({ onsetDateTime }) => onsetDateTime),
      [undefined, undefined, undefined, '1998'],
    )
  }
})

test('keeps the earliest of several dates of birth', async () => {
  const patients = ['1990-03-03', '1928-03-03', 'unknown', undefined].map((birthDate) => ({
    resourceType: 'Patient',
    id: 'p1',
    ...(birthDate === undefined ? {} : { birthDate }),
  }))
  for (const order of [patients, [...patients].reverse()]) {
    const { resources, text } = await run([...order, ...readings(['2024-05-05'])])
    assert.not.match(text, /19[29]\d/)
    assert.is(resources.filter((one) => at(one, 'extension', 0, 'valueQuantity', 'value') === 90).length, 3)
  }
})

test('knows the patient of a Bundle who has no id but the address of their entry', async () => {
  const fullUrl = 'urn:uuid:11111111-1111-4111-8111-111111111111'
  const [reading] = readings(['2024-05-05'])
  const resource = { ...reading, subject: { reference: fullUrl } } as FhirResource
  const entry = [{ fullUrl, resource: { resourceType: 'Patient', birthDate: '1928-03-03' } }, { resource }]
  const other = { resource: { resourceType: 'Patient', id: 'b' } }
  const { text } = await run([{ resourceType: 'Bundle', type: 'collection', entry: [...entry, other] }])
  assert.not.match(text, /1928/)
  assert.match(text, /"valueInteger":0/)
})

const UCUM = 'http://unitsofmeasure.org'

function ageObservation(extra: object, code = '30525-0'): FhirResource {
  return {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code }] },
    ...extra,
  }
}

test('tells ages of 90 and more as such, in whatever form they come', async () => {
  const forms: readonly object[] = [
    { valueQuantity: { value: 97, unit: 'a' } },
    { valueQuantity: { value: 97 } },
    { valueQuantity: { value: 97, system: UCUM, code: '1' } },
    ...[
      [97, 'a{count}'],
      [1164, 'mo'],
      [5061, 'wk'],
      [35_429, 'd'],
      [850_285, 'h'],
      [3061, 'Ms'],
      [9.7, '10.a'],
    ].map(([value, code]) => ({ valueQuantity: { value, system: UCUM, code } })),
    { valueRange: { low: { value: 97 }, high: { value: 97.9 } } },
    { valueRange: { low: { value: 97, system: UCUM, code: 'a' } } },
    { valueInteger: 97 },
    { component: [{ code: {}, valueInteger: 97 }] },
  ]
  for (const form of forms)
    for (const profile of ['strict', 'shifted'] as const) {
      const { resources } = await run([ageObservation(form)], { profile })
      const { meta: _, ...rest } = resources[0] as FhirResource
      const text = JSON.stringify(rest)
      assert.match(text, /:90\b/, text)
      assert.not.match(text, /:(?:97|1164|5061|35429|850285|3061|9\.7)\b/, text)
    }
  const { resources } = await run([
    ageObservation({ valueQuantity: { value: 89, unit: 'a' } }),
    ageObservation({ valueInteger: 97 }, '8867-4'),
    ageObservation({ valueInteger: 1931 }, '80904-6'),
  ])
  assert.equal([at(resources[0], 'valueQuantity', 'value'), resources[1]?.['valueInteger']], [89, 97])
  assert.is(at(resources[2], 'dataAbsentReason', 'coding', 0, 'code'), 'masked')
})

test('tells answers to questions for an age up to 90, and for a year of birth not at all', async () => {
  type Part = { readonly [name: string]: JsonValue }
  const answers = (item: Part, answer: Part): FhirResource => ({
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    item: [{ ...item, answer: [answer] }],
  })
  const questions = [
    { linkId: 'patientAge' },
    { linkId: '7', text: 'How old are you?' },
    { linkId: '/30525-0' },
  ]
  for (const question of questions)
    for (const figure of [{ valueInteger: 97 }, { valueDecimal: 97.5 }, { valueQuantity: { value: 97 } }]) {
      const { text } = await run([answers(question, figure)])
      assert.match(text, /:90\b/)
      assert.not.match(text, /:97\b/)
    }
  const { text } = await run([answers({ linkId: 'dosage' }, { valueInteger: 97 })])
  assert.match(text, /"valueInteger":97/)
  for (const question of [{ linkId: 'yob' }, { linkId: '3', text: 'In which year were you born?' }])
    assert.not.match((await run([answers(question, { valueInteger: 1931 })])).text, /1931/)
})

test.run()
