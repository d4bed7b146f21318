import type { FhirResource, SourceKind } from '@halo/records'
import { convert, deidentify, isResource, parseFhirJson } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findAny, formsOf } from './seeking.ts'

const test = suite('attack/released')

/** What a file knows of a person and must not be in what is released. Made up, and odd enough to occur nowhere by chance. */
const PERSON = {
  'first name': 'Zanzibella',
  'last name': 'Quuxworthy',
  'birth date': '1931-12-29',
  street: 'Vermilionstrasse 88',
  town: 'Oberzwiebelbach',
  telephone: '+41795550188',
  address: 'zanzi@quux.example',
  'record number': 'MRN-77-QX-31',
  'device serial': 'SERIAL8XK9QW',
  'phone name': 'Zanzis Telefon',
  'network address': '02:00:5e:10:77:31',
  'free text': 'neighbour of Doctor Hibbelgrund',
  place: '47.123456',
} as const

const DAY = '2025-02-03'
const SECRET = new Uint8Array(32).map((_, at) => at + 7)

/** Exports of one person, each with what such files say of people. */
const EXPORTS: readonly (readonly [kind: SourceKind, text: string])[] = [
  ['fhir', JSON.stringify(bundle())],
  [
    'dexcom-clarity',
    [
      'Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,Device Info,Source Device ID,Glucose Value (mg/dL)',
      `1,,FirstName,,${PERSON['first name']},,,`,
      `2,,LastName,,${PERSON['last name']},,,`,
      `3,,DateOfBirth,,${PERSON['birth date']},,,`,
      `4,,Device,,,Dexcom G6,${PERSON['device serial']},`,
      `5,${DAY}T08:00:00,EGV,,,,${PERSON['device serial']},111`,
    ].join('\n'),
  ],
  [
    'apple-health',
    `<?xml version="1.0"?><HealthData><Me HKCharacteristicTypeIdentifierDateOfBirth="${PERSON['birth date']}"/><Record type="HKQuantityTypeIdentifierHeartRate" sourceName="${PERSON['phone name']}" unit="count/min" creationDate="${DAY} 08:00:00 +0100" startDate="${DAY} 08:00:00 +0100" endDate="${DAY} 08:00:00 +0100" value="61"/></HealthData>`,
  ],
  [
    'patient-report',
    JSON.stringify([
      {
        X: 1,
        date: `${DAY}T08:00:00.000Z`,
        alcohol: 'No',
        caffee: 'Si',
        Medicine: PERSON['free text'],
        t1: `${DAY}T08:00:00.000Z`,
        ArmExtendL: 1,
        ArmExtendR: 2,
        PhoneMod: PERSON['phone name'],
        MAC: PERSON['network address'],
        uuid: PERSON['record number'],
      },
    ]),
  ],
]

function bundle(): object {
  const note = [{ text: `${PERSON['free text']}, ${PERSON.telephone}` }]
  const subject = { reference: `Patient/${PERSON['record number']}`, display: PERSON['last name'] }
  const patient = {
    resourceType: 'Patient',
    id: PERSON['record number'],
    text: {
      status: 'generated',
      div: `<div xmlns="http://www.w3.org/1999/xhtml">${PERSON['first name']}</div>`,
    },
    identifier: [{ system: 'http://hospital.example', value: PERSON['record number'] }],
    name: [{ family: PERSON['last name'], given: [PERSON['first name']] }],
    telecom: [
      { system: 'phone', value: PERSON.telephone },
      { system: 'email', value: PERSON.address },
    ],
    gender: 'female',
    birthDate: PERSON['birth date'],
    address: [
      {
        line: [PERSON.street],
        city: PERSON.town,
        extension: [{ url: 'http://geo.example', valueString: PERSON.place }],
      },
    ],
  }
  const observation = {
    resourceType: 'Observation',
    id: 'o1',
    contained: [
      {
        resourceType: 'Device',
        id: 'd',
        serialNumber: PERSON['device serial'],
        deviceName: [{ name: PERSON['phone name'], type: 'user-friendly-name' }],
      },
    ],
    status: 'final',
    code: {
      coding: [{ system: 'http://loinc.org', code: '8867-4', display: PERSON['free text'] }],
      text: PERSON['free text'],
    },
    subject,
    effectiveDateTime: `${DAY}T08:00:00+01:00`,
    valueQuantity: {
      value: 61,
      unit: PERSON['free text'],
      system: 'http://unitsofmeasure.org',
      code: '/min',
    },
    device: { reference: '#d' },
    note,
  }
  const later = { ...observation, id: 'o2', effectiveDateTime: `${DAY}T09:30:00+01:00` }
  return {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [patient, observation, later].map((resource) => ({
      fullUrl: `urn:${PERSON['record number']}`,
      resource,
    })),
  }
}

async function resourcesOf(kind: SourceKind, text: string): Promise<readonly FhirResource[]> {
  const lines: string[] = []
  const chunks = new Blob([text]).stream()
  for await (const piece of convert(kind, chunks, { timeZone: 'Europe/Zurich' }))
    lines.push(...piece.trimEnd().split('\n'))
  return lines.map((line) => parseFhirJson(line)).filter(isResource)
}

async function release(
  resources: readonly FhirResource[],
  recipient: string,
  profile: 'strict' | 'shifted' = 'shifted',
): Promise<string> {
  let text = ''
  for await (const piece of deidentify(() => resources, { profile, secret: SECRET, recipient })) text += piece
  return text
}

const person = Object.fromEntries(Object.entries(PERSON).map(([name, text]) => [name, formsOf(text)]))
const hay = (name: string, text: string) => [{ name, bytes: Buffer.from(text) }]

test('what is released holds nothing that names the person of a file, in no spelling', async () => {
  for (const profile of ['strict', 'shifted'] as const)
    for (const [kind, text] of EXPORTS) {
      assert.ok(findAny(hay(kind, text), person).length >= 2, `${kind}: the file names the person`)
      const resources = await resourcesOf(kind, text)
      const released = await release(resources, 'lab', profile)
      assert.ok(released.includes('"resourceType":'), `${kind}: something is released`)
      assert.equal(findAny(hay(kind, released), person), [], kind)
      assert.not.match(released, profile === 'strict' ? /20\d\d-\d\d/ : new RegExp(DAY), kind)
    }
})

test('two recipients who put what they got together find no id and no date in common', async () => {
  const resources = await resourcesOf('fhir', JSON.stringify(bundle()))
  const [first, second] = [await release(resources, 'one'), await release(resources, 'two')]
  const wordsOf = (text: string): Set<string> => new Set(text.match(/[0-9a-f]{24,}|20\d\d-\d\d-\d\d/g) ?? [])
  assert.ok(wordsOf(first).size >= 4, 'ids and dates are there')
  assert.equal(
    [...wordsOf(first)].filter((word) => wordsOf(second).has(word)),
    [],
  )
  assert.equal(
    wordsOf(await release(resources, 'one')),
    wordsOf(first),
    'one recipient finds their own again',
  )
})

test('pseudonyms and dates are other ones under another secret, whoever the recipient', async () => {
  const resources = await resourcesOf('fhir', JSON.stringify(bundle()))
  const releaseUnder = async (secret: Uint8Array): Promise<string> => {
    let text = ''
    for await (const piece of deidentify(() => resources, { profile: 'shifted', secret, recipient: 'lab' }))
      text += piece
    return text
  }
  const idsOf = (text: string): readonly string[] => text.match(/[0-9a-f]{24,}/g) ?? []
  const dayOf = (text: string): string => /"effectiveDateTime":"([0-9-]{10})/.exec(text)?.[1] ?? 'no day'
  const released = await release(resources, 'lab')
  assert.ok(idsOf(released).length > 0, 'there are pseudonyms')
  assert.is(await releaseUnder(SECRET), released, 'the same secret gives the same')
  const days = new Set([dayOf(released)])
  for (let byte = 0; byte < 7; byte++) {
    const other = await releaseUnder(new Uint8Array(32).map((_, at) => at + byte))
    assert.equal(
      idsOf(released).filter((id) => other.includes(id)),
      [],
    )
    days.add(dayOf(other))
  }
  assert.not.ok(days.has('no day'))
  // 728 offsets are possible: of eight, two may meet by chance, but these secrets are fixed, and so is what they give.
  assert.is(days.size, 8, [...days].join(' '))
})

test('the verifier lets nothing out when a rule would have let something through', async () => {
  const resources = await resourcesOf('fhir', JSON.stringify(bundle()))
  let out = ''
  try {
    // A scanner of free text that is wrong about what may leave.
    const run = deidentify(() => resources, {
      profile: 'shifted',
      secret: SECRET,
      recipient: 'lab',
      scanText: (text) => text,
    })
    for await (const piece of run) out += piece
    throw new Error('everything was let out')
  } catch (error) {
    assert.is((error as { code?: unknown }).code, 'IDENTIFIERS_LEFT', String(error))
    assert.equal(findAny(hay('error', String(error)), person), [], 'and the refusal names nobody either')
  }
  assert.equal(findAny(hay('output', out), person), [])
})

test.run()
