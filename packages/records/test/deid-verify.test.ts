import { readFileSync } from 'node:fs'
import type { FhirResource, JsonValue } from '@halo/records'
import { canonicalJson, parseFhirJson } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { RESOURCE_TYPES } from '../src/deidentify/allow-list.ts'
import { decodings, findPattern, hasHiddenText } from '../src/deidentify/identifier-patterns.ts'
import { createKnownIdentifiers } from '../src/deidentify/known-identifiers.ts'
import { findLeak } from '../src/deidentify/verify.ts'
import { buildFull, leavesOf, replaceAt } from './deid-plausible.ts'
import { at, refusal, run, runOrFail } from './deid-run.ts'
import { declareSkip, findShared } from './shared-data.ts'

const test = suite('records/deid-verify')

const PATIENT: FhirResource = {
  resourceType: 'Patient',
  id: 'pat-77',
  name: [{ family: 'Quattrocchi', given: ['Ilaria'] }],
  identifier: [{ system: 'urn:x', value: 'MRN-55120' }],
  address: [{ line: ['7 Via Appia'], city: 'Frascati' }],
  birthDate: '1961-02-03',
}

function noteOf(text: string): readonly FhirResource[] {
  return [
    PATIENT,
    {
      resourceType: 'Observation',
      status: 'final',
      code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
      subject: { reference: 'Patient/pat-77' },
      note: [{ text }],
    },
  ]
}

const letAll = { scanText: (text: string): string => text }

test('stops a text that a scanner let through and that holds an identifier by its form', async () => {
  const texts = [
    ...[
      'write to a.b@example.org',
      'call (555) 657-5098',
      'call +39 06 555 1234',
      'SSN 999-33-5538',
      'MRN 12345678',
    ],
    ...[
      'from 192.168.10.5',
      'from fe80:0:0:1:2:3:4:5',
      'MAC 00:1A:2b:3c:4d:5e',
      'see https://example.org/x',
      'www.example.com',
    ],
    ...[
      'id d88f994a-5efa-421d-9c40-5f116d2114a6',
      'on 2020-03-04',
      'on 4/3/2020',
      'on March 4',
      'at 12 Main Street',
    ],
  ]
  for (const text of texts)
    assert.is(await refusal(noteOf(text), letAll), 'IDENTIFIERS_LEFT Observation.note.text', text)
})

test('stops names, numbers and places that the input itself tells', async () => {
  for (const text of [
    'Ilaria felt dizzy',
    'sig.ra QUATTROCCHI',
    'lives in frascati',
    'ref MRN-55120',
    'quattrocchi2',
    'see pat-77',
  ])
    assert.is(await refusal(noteOf(text), letAll), 'IDENTIFIERS_LEFT Observation.note.text', text)
})

test('stops identifiers in other spellings and encodings', async () => {
  const base64 = Buffer.from('Ilaria was here').toString('base64')
  const texts = [
    ...[
      'IlÀrìa',
      'Qua\u200Bttrocchi',
      'ｆｒａｓｃａｔｉ',
      '&#73;laria',
      '&#x49;laria',
      '\\u0049laria',
      '%49laria',
      '=49laria',
    ],
    ...[
      base64,
      Buffer.from('Quattrocchi').toString('hex'),
      Buffer.from(base64).toString('base64'),
      '999%2D33%2D5538',
    ],
  ]
  for (const text of texts)
    assert.is(await refusal(noteOf(text), letAll), 'IDENTIFIERS_LEFT Observation.note.text', text)
})

test('stops identifiers in digits, letters and signs that only look different', async () => {
  const lines = (text: string): string => btoa(text).replace(/(.{4})/g, '$1\n')
  const tagged = [...'Ilaria'].map((one) => String.fromCodePoint(0xe0000 + one.charCodeAt(0))).join('')
  const texts = [
    ...['ring ٥٥٥٦٥٧٥', 'ring ५५५६५७५', 'I&#108aria', '&#x49laria', `felt well ${tagged}`],
    ...['Quаttrocchi', 'Ιlaria', 'dizzy\u{E0100}', lines('call Ilaria'), `note:\n${lines('call Ilaria')}`],
  ]
  for (const text of texts)
    assert.is(await refusal(noteOf(text), letAll), 'IDENTIFIERS_LEFT Observation.note.text', text)
  for (const text of [
    '12 μg of it, then 4 kΩ',
    'жар и кашель',
    'a rather long note about dizzy spells after getting up',
  ])
    assert.is(await refusal(noteOf(text), letAll), 'none', text)
})

test('looks through long texts of any make in a time that grows with them', () => {
  // The kill timer of the test ends what grows faster: at this length a square of it takes hours.
  const bits = [
    'a-',
    '1 ',
    "1 -'",
    'a',
    '@',
    'a@a.',
    '1.',
    '::',
    'a:',
    'jan',
    '1 jan ',
    'abcd ',
    '%41',
    '&#1',
    '0 a.',
    'é',
    ' ',
  ]
  for (const bit of bits) {
    const text = bit.repeat(1_000_000 / bit.length)
    findPattern(text)
    hasHiddenText(text)
    decodings(text.slice(0, 100_000))
  }
})

test('lets through what a scanner let through and nothing speaks against', async () => {
  const { resources } = await run(noteOf('dizzy after standing up'), letAll)
  assert.is(at(resources[1], 'note', 0, 'text'), 'dizzy after standing up')
})

test('knows names that only come later in the export', async () => {
  assert.is(
    await refusal([...noteOf('Ilaria felt dizzy')].reverse(), letAll),
    'IDENTIFIERS_LEFT Observation.note.text',
  )
})

test('lets people be called like words of FHIR, and live at numbers that are parts of codes', async () => {
  const patient = {
    resourceType: 'Patient',
    id: 'final',
    name: [{ family: 'Exam', given: ['Female', 'Laboratory'] }],
    address: [{ line: ['8867 Survey Road'], city: 'Washington', state: 'WA', country: 'US' }],
    gender: 'female',
  }
  const category = [
    {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'exam' }],
    },
  ]
  const code = { coding: [{ system: 'http://loinc.org', code: '8867-4' }] }
  const observation = { resourceType: 'Observation', status: 'final', category, code }
  assert.is(await refusal([patient, observation]), 'none')
})

test('stops a code that the source itself gives as an identifier', async () => {
  const patient = { resourceType: 'Patient', id: 'a', identifier: [{ value: '310965' }] }
  const code = { coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '310965' }] }
  const request = {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: code,
  }
  assert.match(
    await refusal([patient, request]),
    /^IDENTIFIERS_LEFT .*medicationCodeableConcept\.coding\.code$/,
  )
})

test('removes free text when nobody scans it', async () => {
  const { text, resources } = await run(noteOf('dizzy after standing up'))
  assert.not.ok(text.includes('dizzy'))
  assert.is(at(resources[1], 'note'), undefined)
})

test('finds every leaf of an output that is exchanged for an identifier, whatever the rules did', async () => {
  const known = createKnownIdentifiers()
  known.add(PATIENT)
  for (const profile of ['strict', 'shifted'] as const) {
    const parts = { profile, known, deviceModels: new Set<string>() }
    const { resources } = await run([...RESOURCE_TYPES].map(buildFull), {
      profile,
      deviceModels: ['plain words'],
    })
    let exchanged = 0
    for (const resource of resources) {
      const clean = resource as JsonValue
      assert.is(findLeak(canonicalJson(clean), { ...parts, deviceModels: new Set(['plain words']) }), null)
      for (const path of leavesOf(clean)) {
        for (const bad of ['Ilaria', '1961-02-03', 5_556_575_098]) {
          // In `shifted` a whole date may stand where dates stand: whose it is cannot be told by its form.
          const isDate = typeof bad === 'string' && bad.startsWith('1961') && profile === 'shifted'
          if (isDate) continue
          const line = canonicalJson(replaceAt(clean, path, bad))
          if (findLeak(line, parts) === null) assert.unreachable(`${resource.resourceType} ${path.join('.')}`)
          exchanged += 1
        }
      }
    }
    process.stdout.write(`${profile}: ${exchanged} identifiers planted into outputs and found\n`)
    assert.ok(exchanged > 1000)
  }
})

test('refuses an export that names more people than it can look for', () => {
  const known = createKnownIdentifiers()
  const name = Array.from({ length: 100_001 }, (_, n) => ({ family: `Family${n}` }))
  try {
    known.add({ resourceType: 'Patient', name })
    assert.unreachable()
  } catch (error) {
    assert.is((error as { code?: unknown }).code, 'READINGS_TOO_MANY', String(error))
  }
})

test('removes numbers that the source gives as identifiers, and keeps figures of measures', async () => {
  const patient = {
    resourceType: 'Patient',
    id: 'p',
    identifier: [{ value: 'MRN-4815162' }, { value: '0081726' }],
    telecom: [{ system: 'phone', value: '555-0123' }],
    address: [{ postalCode: '90210', country: 'US' }],
  }
  const answers = [{ valueInteger: 4_815_162 }, { valueDecimal: 5_550_123 }, { valueInteger: 90_210 }]
  const response = {
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    item: [...answers, { valueInteger: 81_726 }, { valueInteger: 90_211 }].map((answer, n) => ({
      linkId: `${n}`,
      answer: [answer],
    })),
  }
  const steps = (value: number): FhirResource => ({
    resourceType: 'Observation',
    status: 'final',
    valueQuantity: { value, system: 'http://unitsofmeasure.org', code: '{steps}' },
  })
  const { text, resources } = await run([patient, response, steps(90_210), steps(4_815_162)])
  assert.not.match(text, /4815162|5550123|81726|"valueInteger":90210/)
  assert.match(text, /"valueInteger":90211/)
  assert.is(at(resources[2], 'valueQuantity', 'value'), 90_210)
  assert.is(at(resources[3], 'dataAbsentReason', 'coding', 0, 'code'), 'masked')
})

test('finds numbers and ages that the rules let through', () => {
  const known = createKnownIdentifiers()
  known.add({ resourceType: 'Patient', identifier: [{ value: '4815162' }] })
  const parts = { profile: 'strict', known, deviceModels: new Set<string>() } as const
  const whyOf = (value: object): string | undefined =>
    findLeak(JSON.stringify({ resourceType: 'Observation', ...value }), parts)?.why
  const code = { coding: [{ system: 'http://loinc.org', code: '30525-0' }] }
  assert.is(whyOf({ valueInteger: 4_815_162 }), 'identifier')
  assert.is(whyOf({ valueQuantity: { value: 4_815_162 } }), 'identifier')
  assert.is(whyOf({ valueQuantity: { value: 1164, unit: 'mo' } }), 'age')
  assert.is(whyOf({ code, valueInteger: 97 }), 'age')
  assert.is(whyOf({ code, valueQuantity: { value: 97 } }), 'age')
  assert.is(whyOf({ code, valueQuantity: { value: 90, comparator: '>=' } }), undefined)
})

test('lets no unit and no id of a question be a number or a name', async () => {
  const anna = { resourceType: 'Patient', id: 'p', name: [{ given: ['Ana'] }] }
  const inUnit = (code: string): FhirResource => ({
    resourceType: 'Observation',
    status: 'final',
    valueQuantity: { value: 1, system: 'http://unitsofmeasure.org', code },
  })
  for (const code of [
    '555.123.456.7',
    '192.168.17.42',
    '55.mg',
    '100.24.12',
    'A.L.B.U.S',
    '1.2.3.4',
    '15.1.1',
  ]) {
    const { resources } = await run([inUnit(code)])
    assert.is(at(resources[0], 'valueQuantity'), undefined, code)
  }
  for (const code of ['mL/min/{1.73_m2}', '10*3/uL', '/100{WBC}', 'mg/24.h', 'kg.m/s2', '10*-6.mol/L']) {
    const { resources } = await run([inUnit(code)])
    assert.is(at(resources[0], 'valueQuantity', 'code'), code)
  }
  assert.match(await refusal([anna, inUnit('A.N.A')]), /^IDENTIFIERS_LEFT/)
  const response = {
    resourceType: 'QuestionnaireResponse',
    item: [{ linkId: '55.51.23.45.67', answer: [{ valueBoolean: true }] }],
  }
  assert.match(String(at((await run([response])).resources[0], 'item', 0, 'linkId')), /^q-[0-9a-f]{32}$/)
})

test('removes what has the wrong shape, and ends no export for an extension of an extension', async () => {
  const absent = 'http://hl7.org/fhir/StructureDefinition/data-absent-reason'
  const nested = { url: 'http://hl7.org/fhir/StructureDefinition/iso21090-uncertainty', valueDecimal: 12 }
  for (const extension of [
    { url: absent, valueCode: 'masked', extension: [nested] },
    { url: absent, valueCode: 'GET' },
    { url: absent, valueDecimal: 5 },
    { url: absent, valueCode: ['masked'] },
    { url: absent, valueQuantity: { value: 1 } },
  ])
    assert.is(await refusal([{ resourceType: 'Observation', _status: { extension: [extension] } }]), 'none')
  const { resources } = await run([
    { resourceType: 'Patient', id: ['p'], gender: ['male'], active: [true], address: { country: 'US' } },
  ] as unknown as readonly FhirResource[])
  const { meta: _, ...rest } = resources[0] as FhirResource
  assert.equal(rest, { resourceType: 'Patient' })
})

test('refuses a secret of one byte repeated', async () => {
  for (const byte of [0, 7, 255])
    assert.is(await refusal([PATIENT], { secret: new Uint8Array(32).fill(byte) }), 'SECRET_INVALID')
})

test('finds elements that are not on the list, and never repeats their names', () => {
  const known = createKnownIdentifiers()
  const parts = { profile: 'strict', known, deviceModels: new Set<string>() } as const
  const leak = findLeak('{"resourceType":"Observation","status":"final","Ilaria":1}', parts)
  assert.equal(leak, { path: 'Observation.(unlisted)', why: 'unlisted' })
  assert.is(findLeak('{"resourceType":"Ilaria"}', parts)?.why, 'unlisted')
  assert.is(findLeak('[]', parts)?.why, 'unlisted')
})

test('says where and never what in an error', async () => {
  try {
    await runOrFail(noteOf('Ilaria felt dizzy'), letAll)
    assert.unreachable()
  } catch (error) {
    const { message, code } = error as { message: string; code: string }
    assert.is(code, 'IDENTIFIERS_LEFT')
    assert.not.match(`${message}${JSON.stringify(error)}`, /Ilaria|dizzy/)
    assert.match(message, /Observation\.note\.text/)
  }
})

/** Forms of identifiers, written apart from those of the package. */
const PACK: Readonly<Record<string, RegExp>> = {
  email: /[\w.+-]+@[\w-]+\.[\w.]+/,
  phone: /\(?\b\d{3}\)?[-. ]\d{3}[-. ]\d{4}\b/,
  ssn: /\b\d{3}-\d{2}-\d{4}\b/,
  ipv4: /\b\d{1,3}(?:\.\d{1,3}){3}\b/,
  ipv6: /\b[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){4,}\b/i,
  mac: /\b[0-9a-f]{2}(?::[0-9a-f]{2}){5}\b/i,
  uuid: /\b[0-9a-f]{8}-[0-9a-f]{4}-[1-79a-f][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/i,
  day: /\b(?:19|20)\d\d-\d\d-\d\d/,
  url: /https?:\/\/(?!loinc\.org|snomed\.info|terminology\.hl7\.org|hl7\.org\/fhir|unitsofmeasure\.org|www\.nlm\.nih\.gov|halo\.example)/,
}
const SYNTHEA = 'fhir_synthea_r4/Carolee951_Sanford861_d88f994a-5efa-421d-9c40-5f116d2114a6.json'
const path = findShared(SYNTHEA)
const title = 'leaves nothing of a synthetic patient that has the form of an identifier, and no name'
if (path === null) declareSkip('records/deid-verify', title, `../shared/data/${SYNTHEA} is absent`)
else
  test(title, async () => {
    const bundle = parseFhirJson(readFileSync(path, 'utf8')) as FhirResource
    const source = canonicalJson(bundle)
    for (const [name, pattern] of Object.entries(PACK))
      if (/phone|ssn|uuid|day|url/.test(name)) assert.match(source, pattern, `the source holds no ${name}`)
    const { text } = await run([bundle], { profile: 'strict' })
    for (const [name, pattern] of Object.entries(PACK)) assert.not.match(text, pattern, name)
    for (const word of [
      'Carolee',
      'Sanford',
      'Okuneva',
      'Redmond',
      'Orn Bypass',
      'S99993907',
      'd88f994a',
      '98053',
    ])
      assert.not.ok(text.includes(word), word)
    const { text: shifted } = await run([bundle], { profile: 'shifted' })
    for (const [name, pattern] of Object.entries(PACK))
      if (name !== 'day') assert.not.match(shifted, pattern, name)
  })

test.run()
