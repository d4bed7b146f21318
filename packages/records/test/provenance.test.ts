import { createHash, createPublicKey, verify } from 'node:crypto'
import { createRequire } from 'node:module'
import type { FhirResource, JsonValue, ProvenanceParts } from '@halo/records'
import {
  buildProvenance,
  canonicalJson,
  hashTarget,
  parseFhirJson,
  RecordsError,
  signProvenance,
  verifyProvenance,
} from '@halo/records'
import { SigningKey, Wallet } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('records/provenance')
const KEY = new SigningKey(`0x${'11'.repeat(32)}`)
const OTHER = new SigningKey(`0x${'22'.repeat(32)}`)
const ADDRESSES = 'https://halo.example/fhir/NamingSystem/dataset-address'
const DATA = new TextEncoder().encode('{"resourceType":"Observation"}\n')

function addressOf(key: SigningKey): string {
  return new Wallet(key.privateKey).address
}

function signWith(key: SigningKey): (digest: Uint8Array) => Uint8Array {
  return (digest) => Uint8Array.from(Buffer.from(key.sign(digest).serialized.slice(2), 'hex'))
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function partsOf(more: Partial<ProvenanceParts> = {}): Promise<ProvenanceParts> {
  return {
    targets: [{ sha256: await hashTarget(once(DATA)) }],
    recordedTime: '2026-01-05T12:00:00+01:00',
    author: addressOf(KEY),
    assembler: '@halo/records 0.1.0',
    sources: [{ sha256: new Uint8Array(32).fill(7), reference: 'Binary/export' }],
    ...more,
  }
}

async function signed(more: Partial<ProvenanceParts> = {}): Promise<FhirResource> {
  return signProvenance(buildProvenance(await partsOf(more)), signWith(KEY))
}

async function codeOf(act: () => unknown): Promise<string> {
  try {
    await act()
  } catch (error) {
    if (error instanceof RecordsError) return `${error.code} ${error.details['field'] ?? ''}`.trim()
    throw error
  }
  return 'none'
}

async function verdictOn(provenance: JsonValue, data: Uint8Array = DATA, key = KEY): Promise<string> {
  const sha256 = await hashTarget(once(data))
  return codeOf(() => verifyProvenance(provenance, { sha256, signer: addressOf(key) }))
}

/** Every place in a value, as a path. */
function pathsOf(
  value: JsonValue | undefined,
  path: readonly (string | number)[] = [],
): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [[...path]]
  return Object.entries(value).flatMap(([key, member]) => pathsOf(member as JsonValue, [...path, key]))
}

/** A copy with what stands at a path replaced; undefined removes it. */
function changed(
  value: FhirResource,
  path: readonly (string | number)[],
  make: (old: unknown) => unknown,
): JsonValue {
  const copy = JSON.parse(JSON.stringify(value))
  const holder = path.slice(0, -1).reduce((at, key) => at[key], copy)
  const last = path.at(-1) ?? ''
  const next = make(holder[last])
  if (next === undefined) delete holder[last]
  else holder[last] = next
  return copy
}

test('signs for these data by this key, and still verifies after a trip through JSON', async () => {
  const provenance = await signed()
  const read = parseFhirJson(canonicalJson(provenance))
  assert.is(await verdictOn(read), 'none')
  const sha256 = await hashTarget(once(DATA))
  const found = verifyProvenance(read, { sha256, signer: addressOf(KEY).toLowerCase() })
  assert.equal(found, { recordedTime: '2026-01-05T12:00:00+01:00' })
})

test('is a JWS that another library verifies with the public key', async () => {
  const provenance = await signed()
  const [signature] = provenance['signature'] as readonly { readonly data: string }[]
  const { data, ...rest } = signature as { readonly data: string }
  const [header = '', payload, bytes = ''] = Buffer.from(data, 'base64').toString('latin1').split('.')
  assert.equal(JSON.parse(Buffer.from(header, 'base64url').toString()), {
    alg: 'ES256K',
    kid: addressOf(KEY),
  })
  assert.is(payload, '')
  const content = Buffer.from(canonicalJson({ ...provenance, signature: [rest] } as FhirResource)).toString(
    'base64url',
  )
  const point = Buffer.from(KEY.publicKey.slice(4), 'hex')
  const jwk = {
    kty: 'EC',
    crv: 'secp256k1',
    x: point.subarray(0, 32).toString('base64url'),
    y: point.subarray(32).toString('base64url'),
  }
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  const input = Buffer.from(`${header}.${content}`)
  const isGood = verify('sha256', input, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(bytes, 'base64url'))
  assert.ok(isGood)
})

test('is valid FHIR R4', async () => {
  const { Fhir } = createRequire(import.meta.url)('fhir') as {
    Fhir: new () => { validate(resource: object, options: object): { valid: boolean; messages: unknown } }
  }
  for (const provenance of [await signed(), await signed({ assembler: undefined, sources: undefined })]) {
    const { valid, messages } = new Fhir().validate(provenance, { errorOnUnexpected: true })
    assert.ok(valid, JSON.stringify(messages))
  }
})

test('does not verify when any value of it is changed or removed, or one is added anywhere', async () => {
  const provenance = await signed()
  const paths = pathsOf(provenance)
  assert.ok(paths.length > 20)
  for (const path of paths) {
    const name = path.join('.')
    const other = changed(provenance, path, (old) => (typeof old === 'string' ? `${old}x` : 1))
    assert.is(await verdictOn(other), 'SIGNATURE_INVALID', `changed ${name}`)
    assert.is(
      await verdictOn(changed(provenance, path, () => undefined)),
      'SIGNATURE_INVALID',
      `without ${name}`,
    )
    const beside = [...path.slice(0, -1), 'more']
    assert.is(
      await verdictOn(changed(provenance, beside, () => 'x')),
      'SIGNATURE_INVALID',
      `more than ${name}`,
    )
  }
})

test('does not verify for other bytes, for another signer, or when moved to other data', async () => {
  const provenance = await signed()
  const other = new TextEncoder().encode('{"resourceType":"Observation","id":"1"}\n')
  assert.is(await verdictOn(provenance, other), 'SIGNATURE_INVALID')
  assert.is(await verdictOn(provenance, DATA, OTHER), 'SIGNATURE_INVALID')
  const elsewhere = await signed({ targets: [{ sha256: await hashTarget(once(other)) }] })
  const moved = { ...elsewhere, target: provenance['target'] } as JsonValue
  assert.is(await verdictOn(moved), 'SIGNATURE_INVALID')
  assert.is(await verdictOn(elsewhere, other), 'none')
})

test('does not verify what another key signed in the name of the author', async () => {
  const mine = await signed()
  const theirs = await signProvenance(
    buildProvenance(await partsOf({ author: addressOf(OTHER) })),
    signWith(OTHER),
  )
  assert.is(await verdictOn(theirs, DATA, OTHER), 'none')
  const [signature] = theirs['signature'] as readonly { readonly data: string }[]
  assert.is(
    await verdictOn(changed(mine, ['signature', 0, 'data'], () => signature?.data)),
    'SIGNATURE_INVALID',
  )
})

/** A Provenance that the author's key did sign, with a header and fields of one's choosing. */
async function craft(head: object, fields: Readonly<Record<string, JsonValue>>): Promise<JsonValue> {
  const built = buildProvenance(await partsOf())
  const payload = canonicalJson({ ...built, signature: [fields] })
  const header = Buffer.from(JSON.stringify(head)).toString('base64url')
  const input = Buffer.from(`${header}.${Buffer.from(payload).toString('base64url')}`)
  const bytes = signWith(KEY)(createHash('sha256').update(input).digest()).subarray(0, 64)
  const jws = `${header}..${Buffer.from(bytes).toString('base64url')}`
  return { ...built, signature: [{ ...fields, data: Buffer.from(jws).toString('base64') }] }
}

test('does not verify what its author signed in another form: for somebody else, by another algorithm', async () => {
  const whoIs = (key: SigningKey): JsonValue => ({ identifier: { system: ADDRESSES, value: addressOf(key) } })
  const head = { alg: 'ES256K', kid: addressOf(KEY) }
  assert.is(await verdictOn(await craft(head, { who: whoIs(KEY) })), 'none')
  assert.is(await verdictOn(await craft(head, { who: whoIs(OTHER) })), 'SIGNATURE_INVALID')
  const odd = [{ ...head, alg: 'none' }, { ...head, b64: false, crit: ['b64'] }, { kid: head.kid }, {}]
  for (const other of odd)
    assert.is(await verdictOn(await craft(other, { who: whoIs(KEY) })), 'SIGNATURE_INVALID')
})

test('has one spelling: no second signature of the same key, no other algorithm, no payload', async () => {
  const provenance = await signed()
  const [{ data = '' } = {}] = provenance['signature'] as readonly { readonly data?: string }[]
  const [header = '', , bytes = ''] = Buffer.from(data, 'base64').toString('latin1').split('.')
  const order = BigInt('0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141')
  const raw = Buffer.from(bytes, 'base64url')
  const s = order - BigInt(`0x${raw.subarray(32).toString('hex')}`)
  const twin = Buffer.concat([raw.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')])
  const none = Buffer.from('{"alg":"none"}').toString('base64url')
  const spaced = Buffer.from(`{"alg":"ES256K", "kid":"${addressOf(KEY)}"}`).toString('base64url')
  for (const jws of [
    `${header}..${twin.toString('base64url')}`,
    `${none}..`,
    `${none}..${bytes}`,
    `${spaced}..${bytes}`,
    `${header}.e30.${bytes}`,
    `${header}..${bytes}.`,
    `${header}..${bytes}=`,
    `${header}..`,
    '',
  ]) {
    const forged = changed(provenance, ['signature', 0, 'data'], () => Buffer.from(jws).toString('base64'))
    assert.is(await verdictOn(forged), 'SIGNATURE_INVALID', jws)
  }
  assert.is(await verdictOn(changed(provenance, ['signature', 0, 'data'], () => '***')), 'SIGNATURE_INVALID')
  const twice = changed(
    provenance,
    ['signature', 1],
    () => (provenance['signature'] as readonly unknown[])[0],
  )
  assert.is(await verdictOn(twice), 'SIGNATURE_INVALID')
})

test('refuses what is no Provenance', async () => {
  const odd = [null, 1, [], {}, { resourceType: 'Observation' }, { resourceType: 'Provenance', agent: 'x' }]
  for (const value of odd) assert.is(await verdictOn(value as JsonValue), 'SIGNATURE_INVALID')
  const provenance = await signed()
  const broken = { ...provenance, note: '\ud800' }
  assert.is(await verdictOn(broken), 'SIGNATURE_INVALID')
})

test('refuses to build or sign what would not hold, naming the field', async () => {
  const build = async (more: object) => codeOf(async () => buildProvenance(await partsOf(more)))
  assert.is(await build({ targets: [] }), 'FIELD_INVALID targets')
  assert.is(await build({ targets: [{ sha256: new Uint8Array(20) }] }), 'FIELD_INVALID sha256')
  assert.is(await build({ recordedTime: '2026-01-05' }), 'FIELD_INVALID recordedTime')
  assert.is(await build({ author: 'somebody' }), 'FIELD_INVALID author')
  const unsigned = buildProvenance(await partsOf())
  assert.is(await codeOf(() => signProvenance(unsigned, signWith(OTHER))), 'SIGNATURE_INVALID')
  assert.is(await codeOf(() => signProvenance(unsigned, () => new Uint8Array(10))), 'SIGNATURE_INVALID')
  const twice = await signed()
  assert.is(await codeOf(() => signProvenance(twice, signWith(KEY))), 'FIELD_INVALID signature')
})

test('names data by their hash and nobody by name: all it holds was given to it', async () => {
  const provenance = await signed()
  const [target] = provenance['target'] as readonly { readonly identifier: { readonly value: string } }[]
  const digest = Buffer.from(await crypto.subtle.digest('SHA-256', DATA)).toString('base64url')
  assert.is(target?.identifier.value, `ni:///sha-256;${digest}`)
  const second = await signed({ author: addressOf(KEY) })
  assert.equal(second, provenance, 'the same parts give the same bytes')
})

test.run()
