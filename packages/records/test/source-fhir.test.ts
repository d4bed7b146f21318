import { readFileSync } from 'node:fs'
import { canonicalJson, convert, openValidator, parseFhirJson } from '@halo/records'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { RESOURCE_TYPES } from '../src/fhir/resource-types.ts'
import { chunksOf } from './import-text.ts'
import { declareSkip, findShared } from './shared-data.ts'
import { codeOf, convertText, refusalOf } from './source-text.ts'

const test = suite('records/source-fhir')

const PATIENT = '{"resourceType":"Patient","id":"a","multipleBirthInteger":2}'
const WEIGHT =
  '{"valueQuantity":{"value":70.50},"id":"w","resourceType":"Observation","subject":{"reference":"Patient/a"}}'
const WEIGHT_LINE =
  '{"id":"w","resourceType":"Observation","subject":{"reference":"Patient/a"},"valueQuantity":{"value":70.50}}'
const PATIENT_LINE = '{"id":"a","multipleBirthInteger":2,"resourceType":"Patient"}'

function bundle(...entries: readonly string[]): string {
  return `{"resourceType":"Bundle","type":"transaction","entry":[${entries.join(',')}]}`
}

test('takes one resource, a list, lines and a Bundle for the same resources in the same order', async () => {
  const forms = [
    `${PATIENT}\n${WEIGHT}\n`,
    `${PATIENT}\r\n\r\n${WEIGHT}`,
    `[${PATIENT},${WEIGHT}]`,
    ` [ ${PATIENT} ,\n ${WEIGHT} ]\n`,
    bundle(`{"resource":${PATIENT}}`, `{"resource":${WEIGHT}}`),
    JSON.stringify(JSON.parse(bundle(`{"resource":${PATIENT}}`)), null, 2) + WEIGHT,
  ]
  for (const form of forms) {
    const { lines } = await convertText('fhir', form)
    assert.equal(lines, [PATIENT_LINE, WEIGHT_LINE], form)
  }
})

test('keeps the digits of decimals and every element, and puts keys into canonical order', async () => {
  const odd =
    '{"resourceType":"Observation","_status":{"extension":[{"url":"x","valueDecimal":1.00e2}]},"list":[null,0.10]}'
  const { lines } = await convertText('fhir', odd)
  assert.equal(lines, [canonicalJson(parseFhirJson(odd))])
  assert.match(lines[0] ?? '', /1\.00e2.*\[null,0\.10\]/)
})

test('finds the same objects wherever a file is cut', async () => {
  const file = `[${PATIENT},\n${WEIGHT.replace('70.50', '1').replace('"w"', '"q\\\\\\"}{"')}]\n${WEIGHT}`
  const whole = (await convertText('fhir', file)).text
  assert.is(whole.split('\n').length, 4)
  for (let cut = 0; cut <= file.length; cut++) {
    let text = ''
    for await (const piece of convert('fhir', chunksOf(file.slice(0, cut), file.slice(cut)))) text += piece
    assert.is(text, whole, String(cut))
  }
})

test('reads any JSON objects as their canonical lines', async () => {
  const json = fc.json({ maxDepth: 4 }).map((value) => `{"resourceType":"Basic2","x":${value}}`)
  await holds(
    fc.asyncProperty(fc.array(json, { minLength: 1, maxLength: 5 }), async (objects) => {
      const observations = objects.map((text, at) => text.replace('"Basic2"', `"Observation","id":"${at}"`))
      const safe = observations.filter((text) => !text.includes('__proto__'))
      if (safe.length === 0) return
      let expected: readonly string[]
      try {
        expected = safe.map((text) => canonicalJson(parseFhirJson(text)))
      } catch {
        return
      }
      for (const form of [safe.join('\n'), `[${safe.join(',')}]`])
        assert.equal((await convertText('fhir', form)).lines, expected)
    }),
  )
})

test('writes what says the same once, whatever the order of its keys, and counts it', async () => {
  const again = '{"resourceType":"Patient","multipleBirthInteger":2,"id":"a"}'
  const { lines, report } = await convertText('fhir', [PATIENT, WEIGHT, again, WEIGHT].join('\n'))
  assert.is(lines.length, 2)
  assert.is(report.duplicates, 2)
  assert.is(report.recordsRead, 4)
})

test('refuses two resources with one type and id that say different things', async () => {
  const other = PATIENT.replace('2', '3')
  const error = await refusalOf(() => convertText('fhir', [PATIENT, WEIGHT, other].join('\n')))
  assert.is(error.code, 'RESOURCE_CONFLICT')
  assert.equal(error.details, { row: 3, entry: 3 })
  assert.is((await convertText('fhir', [PATIENT, WEIGHT.replace('"w"', '"a"')].join('\n'))).lines.length, 2)
  const nameless = WEIGHT.replace('"id":"w",', '')
  assert.is(
    (await convertText('fhir', [nameless, nameless.replace('70.50', '70.5')].join('\n'))).lines.length,
    2,
  )
})

test('counts by name what it does not take, and repeats no name it does not know', async () => {
  const claims = ['Claim', 'Claim', 'Zanzibella'].map((type) => `{"resourceType":"${type}"}`)
  const { lines, report } = await convertText('fhir', [...claims, PATIENT].join('\n'))
  assert.is(lines.length, 1)
  assert.equal(report.leftOut, { Claim: 2, 'unknown-type': 1 })
  assert.is(await codeOf('fhir', claims.join('\n')), 'NO_READINGS')
})

test('resolves references that hold only within their Bundle, and notes all others that are not plain', async () => {
  const uuid = '00000000-0000-4000-8000-00000000000a'
  const file = bundle(
    `{"fullUrl":"urn:uuid:${uuid}","resource":{"resourceType":"Patient"}}`,
    `{"fullUrl":"urn:uuid:00000000-0000-4000-8000-00000000000b","resource":{"resourceType":"Observation","id":"o","subject":{"reference":"urn:uuid:${uuid}"},"performer":[{"reference":"Practitioner?identifier=x"},{"reference":"https://a.example/Practitioner/1"},{"reference":"urn:uuid:00000000-0000-4000-8000-00000000000c"}],"valueString":"urn:uuid:${uuid}"}}`,
    '{"request":{"method":"DELETE","url":"Patient/x"}}',
    `{"resource":${bundle(`{"resource":${WEIGHT}}`)}}`,
  )
  const { lines, report } = await convertText('fhir', file)
  assert.is(lines.length, 3)
  assert.is(lines[0], `{"id":"${uuid}","resourceType":"Patient"}`)
  assert.match(
    lines[1] ?? '',
    new RegExp(`"subject":\\{"reference":"Patient/${uuid}"\\},"valueString":"urn:uuid`),
  )
  assert.is(lines[2], WEIGHT_LINE)
  assert.equal(report.leftOut, { 'entry-without-resource': 1 })
  assert.equal(report.notes.map(({ rule, count }) => `${rule} ${count}`).sort(), [
    'bundle-opened 2',
    'reference-absolute 1',
    'reference-conditional 1',
    'reference-resolved 1',
    'reference-unresolved 1',
  ])
})

test('names the line of what is no JSON, no object or no resource', async () => {
  const cases: readonly (readonly [string, string, number | undefined])[] = [
    ['', 'FILE_EMPTY', undefined],
    [' \n', 'FILE_EMPTY', undefined],
    ['id,time,gl\n', 'FORMAT_UNKNOWN', undefined],
    [`${PATIENT}\nx`, 'JSON_MALFORMED', 2],
    [`${PATIENT}\n{"resourceType":}`, 'JSON_MALFORMED', 2],
    [`${PATIENT}\n\n{"resourceType":"Observation"`, 'JSON_MALFORMED', 3],
    [`[${PATIENT}\n`, 'JSON_MALFORMED', 2],
    [`[${PATIENT} ${WEIGHT}]`, 'JSON_MALFORMED', 1],
    [`[${PATIENT},]`, 'JSON_MALFORMED', 1],
    ['[1]', 'JSON_MALFORMED', 1],
    [`[[${PATIENT}]]`, 'JSON_MALFORMED', 1],
    [`${PATIENT}]`, 'JSON_MALFORMED', 1],
    ['{\n"resourceType":"Patient",\n"id":"a"}\nx', 'JSON_MALFORMED', 4],
    ['{"id":"a"}', 'FORMAT_UNKNOWN', 1],
    [`${PATIENT}\n{"resourceType":"Observation","a":"\\ud800"}`, 'VALUE_INVALID', 2],
    [
      `${PATIENT}\n{"resourceType":"Observation","a":${'['.repeat(70)}${']'.repeat(70)}}`,
      'JSON_MALFORMED',
      2,
    ],
  ]
  for (const [file, code, row] of cases) {
    const error = await refusalOf(() => convertText('fhir', file))
    assert.is(error.code, code, file)
    assert.is(error.details['row'], row, file)
  }
})

test('holds no more than one object, and refuses one beyond the bound before it has arrived', async () => {
  const long = `{"resourceType":"Observation","x":"${'é'.repeat(600)}"}`
  const error = await refusalOf(() => convertText('fhir', `${PATIENT}\n${long}`, { maxLineBytes: 1000 }))
  assert.is(error.code, 'LINE_TOO_LONG')
  assert.equal(error.details, { row: 2, maxLineBytes: 1000 })
  const many = Array.from({ length: 100 }, (_, at) => PATIENT.replace('"a"', `"${at}"`)).join('\n')
  assert.is((await convertText('fhir', many, { maxLineBytes: 1000 })).lines.length, 100)
  let sent = 0
  async function* endless(): AsyncGenerator<string> {
    for (; ; sent++) yield '{"x":['.repeat(1000)
  }
  await refusalOf(async () => {
    for await (const _ of convert('fhir', endless(), { maxLineBytes: 60_000 })) assert.unreachable()
  })
  assert.ok(sent < 12)
})

test('reports gaps of sensor glucose, which is worn all day, and of nothing else', async () => {
  const at = (code: string, time: string): string =>
    `{"resourceType":"Observation","code":{"coding":[{"code":"${code}"}]},"effectiveDateTime":"${time}"}`
  const times = ['2026-01-01T00:00:00Z', '2026-01-03T00:00:00Z']
  const file = ['99504-3', '29463-7'].flatMap((code) => times.map((time) => at(code, time))).join('\n')
  const { report } = await convertText('fhir', file)
  assert.equal(report.gaps, [{ series: '99504-3', from: times[0], to: times[1] }])
})

test('lists a thousand gaps and says how many more there are', async () => {
  const days = Array.from({ length: 1004 }, (_, n) => new Date(n * 2 * 86_400_000).toISOString())
  const file = days
    .map(
      (day) =>
        `{"resourceType":"Observation","code":{"coding":[{"code":"99504-3"}]},"effectiveDateTime":"${day}"}`,
    )
    .join('\n')
  const { report } = await convertText('fhir', file)
  assert.is(report.gaps.length, 1000)
  assert.is(report.notes.find(({ rule }) => rule === 'gaps-cut')?.count, 3)
})

test('every type that is taken over can be validated, and no other is taken', async () => {
  const validate = await openValidator()
  for (const resourceType of RESOURCE_TYPES)
    assert.not.ok(
      validate({ resourceType }).some(({ code }) => code === 'RESOURCE_UNSUPPORTED'),
      resourceType,
    )
  const others = ['Claim', 'Basic', 'Measure', 'Bundles']
  for (const resourceType of others)
    assert.ok(validate({ resourceType }).some(({ code }) => code === 'RESOURCE_UNSUPPORTED'))
  const file = [...RESOURCE_TYPES, ...others].map((resourceType) => JSON.stringify({ resourceType }))
  const { lines } = await convertText('fhir', file.join('\n'))
  assert.equal(
    lines.map((line) => JSON.parse(line).resourceType),
    RESOURCE_TYPES.filter((type) => type !== 'Bundle'),
  )
})

const SYNTHEA = findShared('fhir_synthea_r4/Carolee951_Sanford861_d88f994a-5efa-421d-9c40-5f116d2114a6.json')
const SYNTHEA_TITLE = 'takes over a synthetic patient’s whole record, reference by reference'
if (SYNTHEA === null) declareSkip('records/source-fhir', SYNTHEA_TITLE, 'no shared data')
else
  test(SYNTHEA_TITLE, async () => {
    const text = readFileSync(SYNTHEA, 'utf8')
    const { lines, report } = await convertText('fhir', text)
    const { entry } = JSON.parse(text) as {
      entry: readonly { resource: { resourceType: string; id: string } }[]
    }
    const skipped = new Set(Object.keys(report.leftOut))
    const expected = entry
      .map(({ resource }) => resource)
      .filter(({ resourceType }) => !skipped.has(resourceType))
    const found = lines.map((line) => JSON.parse(line) as { resourceType: string; id: string })
    assert.equal(
      found.map(({ resourceType, id }) => `${resourceType}/${id}`),
      expected.map(({ resourceType, id }) => `${resourceType}/${id}`),
    )
    const ids = new Set(entry.map(({ resource }) => `${resource.resourceType}/${resource.id}`))
    for (const reference of lines.join('').matchAll(/"reference":"([^"]+)"/g)) {
      const [, target = ''] = reference
      assert.ok(ids.has(target) || target.startsWith('#'), target)
    }
    assert.is((await convertText('fhir', lines.join('\n'))).lines.join('\n'), lines.join('\n'))
    assert.equal(report.leftOut, { Claim: 17, ExplanationOfBenefit: 14 })
    assert.is(report.resources, 137)
  })

test.run()
