import { readFileSync } from 'node:fs'
import type { FhirResource } from '@halo/records'
import { parseFhirJson } from '@halo/records'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { at, run, SECRET } from './deid-run.ts'
import { declareSkip, findShared } from './shared-data.ts'

const test = suite('records/deid-references')

function observation(subject: string, extra: object = {}): FhirResource {
  return { resourceType: 'Observation', id: 'o1', status: 'final', subject: { reference: subject }, ...extra }
}

const PATIENT: FhirResource = { resourceType: 'Patient', id: 'p1' }

test('points references to the pseudonyms of what they pointed to', async () => {
  const { resources } = await run([
    PATIENT,
    observation('Patient/p1'),
    observation('https://server.example/fhir/Patient/p1/_history/3'),
  ])
  const id = String(resources[0]?.['id'])
  assert.match(id, /^[0-9a-f]{32}$/)
  assert.is(at(resources[1], 'subject', 'reference'), `Patient/${id}`)
  assert.is(at(resources[2], 'subject', 'reference'), `Patient/${id}`)
})

test('takes contained patients of one local id for as many people as contain them', async () => {
  const containing = (birthDate: string, time: string): FhirResource => ({
    resourceType: 'Observation',
    status: 'final',
    subject: { reference: '#p' },
    effectiveDateTime: time,
    contained: [{ resourceType: 'Patient', id: 'p', birthDate }],
  })
  for (const profile of ['strict', 'shifted'] as const) {
    const { resources, report } = await run(
      [containing('1928-03-03', '2024-05-05'), containing('1990-03-03', '2024-06-05')],
      { profile },
    )
    assert.is(report.patients, 2)
    const [old, young] = resources.map((one) => at(one, 'contained', 0))
    assert.is(at(old, 'birthDate'), undefined)
    assert.is(at(old, 'extension', 0, 'valueQuantity', 'value'), 90)
    assert.match(String(at(young, 'birthDate')), /^(?:1989|1990|1991)$/)
    assert.is.not(at(old, 'id'), at(young, 'id'))
    for (const one of resources)
      assert.is(at(one, 'subject', 'reference'), `#${at(one, 'contained', 0, 'id')}`)
    // Each counts from their own first day.
    for (const one of resources)
      if (profile === 'strict')
        assert.is(at(one, '_effectiveDateTime', 'extension', 0, 'extension', 0, 'valueInteger'), 0)
  }
})

test('gives each recipient and each secret other pseudonyms, and the same ones again to the same', async () => {
  const idFor = async (recipient: string, secret = SECRET): Promise<unknown> =>
    (await run([PATIENT], { recipient, secret })).resources[0]?.['id']
  const lab = await idFor('lab')
  assert.is(await idFor('lab'), lab)
  assert.is(await idFor(' lab '), lab)
  assert.is.not(await idFor('other'), lab)
  assert.is.not(
    await idFor(
      'lab',
      new Uint8Array(32).map((_, n) => n + 1),
    ),
    lab,
  )
})

test('never gives two identifiers one pseudonym, nor one to two kinds', async () => {
  const ids = Array.from({ length: 2000 }, (_, n) => ({
    resourceType: n % 2 === 0 ? 'Patient' : 'Device',
    id: `${n >> 1}`,
  }))
  const { resources } = await run(ids)
  assert.is(new Set(resources.map(({ id }) => id)).size, 2000)
})

test('removes references to what does not leave, and keeps none of their names', async () => {
  const { resources, text } = await run([
    PATIENT,
    observation('Patient/p1', {
      encounter: { reference: 'Practitioner/77', display: 'Dr Who' },
      device: { reference: '#gone' },
      hasMember: [{ reference: 'Claim/1' }, { reference: 'Observation/2' }, { display: 'only words' }],
      derivedFrom: [{ reference: 'javascript:alert(1)' }, { reference: 'Observation/../../etc' }],
    }),
  ])
  assert.is(at(resources[1], 'encounter'), undefined)
  assert.is(at(resources[1], 'device'), undefined)
  assert.is((at(resources[1], 'hasMember') as unknown[]).length, 1)
  assert.is(at(resources[1], 'derivedFrom'), undefined)
  assert.not.match(text, /Who|words|alert/)
})

test('keeps logical references as pseudonyms of their identifiers', async () => {
  const identifier = { system: 'urn:hospital', value: 'MRN-1' }
  const { resources, text } = await run([
    { ...PATIENT, identifier: [identifier] },
    { resourceType: 'Observation', status: 'final', subject: { identifier } },
  ])
  const value = at(resources[0], 'identifier', 0, 'value')
  assert.is(at(resources[1], 'subject', 'identifier', 'value'), value)
  assert.not.match(text, /MRN|hospital/)
})

test('keeps contained resources together, and drops those that may not leave', async () => {
  const { resources } = await run([
    PATIENT,
    observation('Patient/p1', {
      contained: [
        { resourceType: 'Device', id: 'd', serialNumber: 'S1' },
        { resourceType: 'Practitioner', id: 'doc', name: [{ family: 'Who' }] },
      ],
      device: { reference: '#d' },
      focus: [{ reference: '#doc' }, { reference: '#' }],
    }),
  ])
  const local = String(at(resources[1], 'contained', 0, 'id'))
  assert.is(at(resources[1], 'device', 'reference'), `#${local}`)
  assert.equal(at(resources[1], 'focus'), [{ reference: '#' }])
  assert.is((at(resources[1], 'contained') as unknown[]).length, 1)
  assert.is(at(resources[1], 'contained', 0, 'meta'), undefined)
})

test('keeps a Bundle in one piece: entries, addresses, requests and the references between them', async () => {
  const uuid = 'urn:uuid:0a1b2c3d-0000-4000-8000-00000000000a'
  const bundle: FhirResource = {
    resourceType: 'Bundle',
    type: 'transaction',
    timestamp: '2020-01-01T00:00:00Z',
    link: [{ relation: 'self', url: 'https://server.example/Patient?name=x' }],
    entry: [
      {
        fullUrl: uuid,
        resource: { resourceType: 'Patient', name: [{ family: 'X' }] },
        request: { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=1' },
      },
      {
        fullUrl: 'https://server.example/Observation/9',
        resource: observation(uuid),
        request: { method: 'PUT', url: 'Observation/o1' },
      },
      {
        fullUrl: 'urn:uuid:0a1b2c3d-0000-4000-8000-00000000000b',
        resource: { resourceType: 'Claim', id: 'c' },
      },
    ],
  }
  const { resources, text } = await run([bundle])
  const entries = at(resources[0], 'entry') as unknown[]
  assert.is(entries.length, 2)
  const fullUrl = String(at(entries[0], 'fullUrl'))
  assert.match(fullUrl, /^https:\/\/halo\.example\/fhir\/Patient\/[0-9a-f]{32}$/)
  assert.is(`https://halo.example/fhir/${at(entries[1], 'resource', 'subject', 'reference')}`, fullUrl)
  assert.equal(at(entries[0], 'request'), { method: 'POST', url: 'Patient' })
  assert.is(at(entries[1], 'request', 'url'), `Observation/${at(entries[1], 'resource', 'id')}`)
  assert.not.match(text, /server\.example|2020|0a1b2c3d/)
})

test('leaves out a resource that says by a modifier that it means something else', async () => {
  const { resources, report } = await run([
    {
      resourceType: 'Observation',
      status: 'final',
      modifierExtension: [{ url: 'urn:not', valueBoolean: true }],
    },
    { resourceType: 'Observation', status: 'final', implicitRules: 'urn:other' },
  ])
  assert.is(resources.length, 0)
  assert.is(report.leftOut['Observation'], 2)
})

test('keeps distinct what was distinct and equal what was equal, for any ids', async () => {
  const id = fc.stringMatching(/^[A-Za-z0-9.-]{1,64}$/)
  await holds(
    fc.asyncProperty(fc.array(id, { minLength: 1, maxLength: 12 }), async (ids) => {
      const { resources } = await run(ids.map((one) => observation(`Patient/${one}`)))
      const seen = new Map<string, unknown>()
      for (const [n, one] of ids.entries()) {
        const reference = at(resources[n], 'subject', 'reference')
        assert.is(seen.get(one) ?? reference, reference)
        seen.set(one, reference)
      }
      assert.is(new Set(seen.values()).size, new Set(ids).size)
    }),
  )
})

const SYNTHEA = 'fhir_synthea_r4/Carolee951_Sanford861_d88f994a-5efa-421d-9c40-5f116d2114a6.json'
const path = findShared(SYNTHEA)
const title = 'resolves every reference of a synthetic Bundle within it'
if (path === null) declareSkip('records/deid-references', title, `../shared/data/${SYNTHEA} is absent`)
else
  test(title, async () => {
    const { text } = await run([parseFhirJson(readFileSync(path, 'utf8')) as FhirResource])
    const urls = new Set(
      [...text.matchAll(/"fullUrl":"https:\/\/halo\.example\/fhir\/([^"]+)"/g)].map(([, one]) => one),
    )
    const references = [...text.matchAll(/"reference":"([^"]+)"/g)].map(([, one]) => one)
    assert.ok(references.length > 200)
    assert.equal(
      references.filter((one) => !urls.has(one)),
      [],
    )
  })

test.run()
