import { readFileSync } from 'node:fs'
import type { CallName } from '@halo/peers'
import { decodeReply, decodeRequest, encodeReply, encodeRequest, PROTOCOLS } from '@halo/peers'
import { decode, encode } from '@ipld/dag-cbor'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CALLS } from '../src/wire/calls.ts'
import { decodeGoAhead } from '../src/wire/messages.ts'
import { NOTICE } from './service.ts'

const test = suite('peers/wire')
const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31)
process.stdout.write(`fast-check seed ${seed}\n`)

interface Vectors<Extra> {
  readonly valid: readonly (Extra & {
    readonly name: string
    readonly hex: string
    readonly value: unknown
  })[]
  readonly invalid: readonly (Extra & {
    readonly name: string
    readonly hex: string
    readonly code: string
  })[]
}

function readVectors<Extra>(file: string): Vectors<Extra> {
  return JSON.parse(readFileSync(new URL(`../../../test/vectors/wire/${file}`, import.meta.url), 'utf8'))
}

/** A dag-cbor value as the vectors write it: bytes as `{ bytes: hex }`. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, plain(field)]))
}

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'))
}

function codeOf(work: () => unknown): unknown {
  try {
    work()
    return 'none'
  } catch (error) {
    return (error as { readonly code?: unknown }).code
  }
}

const REQUESTS = readVectors<{ readonly protocol: string }>('requests.json')
const REPLIES = readVectors<{ readonly call: CallName }>('replies.json')

test('there is a vector for every call', () => {
  const calls = Object.keys(CALLS)
  for (const { valid } of [REQUESTS, REPLIES])
    assert.equal(
      calls.filter((call) => !valid.some(({ name }) => name === call)),
      [],
    )
})

for (const { name, protocol, hex, value } of REQUESTS.valid) {
  test(`reads the request vector "${name}" and writes the same bytes`, () => {
    const bytes = bytesOf(hex)
    assert.equal(plain(decode(bytes)), value)
    const { call, query } = decodeRequest(protocol, bytes)
    assert.is(Buffer.from(encodeRequest(call, query)).toString('hex'), hex)
  })
}

for (const { name, call, hex, value } of REPLIES.valid) {
  test(`reads the reply vector "${name}" and writes the same bytes`, () => {
    const bytes = bytesOf(hex)
    assert.equal(plain(decode(bytes)), value)
    assert.is(Buffer.from(encodeReply(call, decodeReply(call, bytes))).toString('hex'), hex)
  })
}

for (const { name, protocol, hex, code } of REQUESTS.invalid) {
  test(`refuses a request with ${name}`, () => {
    assert.is(
      codeOf(() => decodeRequest(protocol, bytesOf(hex))),
      code,
    )
  })
}

for (const { name, call, hex, code } of REPLIES.invalid) {
  test(`refuses a reply with ${name}`, () => {
    assert.is(
      codeOf(() => decodeReply(call, bytesOf(hex))),
      code,
    )
  })
}

test('refuses a message that is too long before it decodes it', () => {
  assert.is(
    codeOf(() => decodeRequest(PROTOCOLS.store, new Uint8Array(16_385))),
    'MESSAGE_TOO_LARGE',
  )
  assert.is(
    codeOf(() => decodeReply('status', new Uint8Array(2 << 20))),
    'MESSAGE_TOO_LARGE',
  )
})

test('refuses lists in lists in lists instead of running out of stack', () => {
  const deep = new Uint8Array(1 << 20).fill(0x81)
  assert.is(
    codeOf(() => decodeRequest(PROTOCOLS.request, deep)),
    'MESSAGE_MALFORMED',
  )
  assert.is(
    codeOf(() => decodeReply('status', deep)),
    'MESSAGE_MALFORMED',
  )
})

for (const [sizeBytes, unitBytes, code] of [
  [8192, 4096, 'none'],
  [4097, 4096, 'none'],
  [8191, 4095, 'MESSAGE_MALFORMED'],
  [1_048_576, 1, 'MESSAGE_MALFORMED'],
  [4, 3, 'MESSAGE_MALFORMED'],
  [3, 3, 'none'],
  [2, 3, 'none'],
  [1, 1, 'none'],
] as const) {
  test(`${code === 'none' ? 'reads' : 'refuses'} a deposit of ${sizeBytes} bytes in units of ${unitBytes}`, () => {
    const query = { id: new Uint8Array(16), sizeBytes, unitBytes }
    assert.is(
      codeOf(() => decodeRequest(PROTOCOLS.store, encode({ call: 'storeShard', query }))),
      code,
    )
    assert.is(
      codeOf(() => encodeRequest('storeShard', query)),
      code,
    )
  })
}

test('refuses a map with the key __proto__', () => {
  const bytes = bytesOf(`a2695f5f70726f746f5f5fa06463616c6c66737461747573`)
  assert.is(
    codeOf(() => decodeRequest(PROTOCOLS.request, bytes)),
    'MESSAGE_MALFORMED',
  )
})

test('reads a reason that a later version added as INTERNAL', () => {
  const bytes = bytesOf('a167726566757365646a4e45575f524541534f4e')
  assert.equal(decodeGoAhead(bytes), { refused: 'INTERNAL' })
})

test('does not write what it would not read', () => {
  const terms = { ...NOTICE, terms: 'x'.repeat(8193) }
  assert.is(
    codeOf(() => encodeRequest('notify', terms)),
    'MESSAGE_MALFORMED',
  )
  assert.is(
    codeOf(() => encodeRequest('notify', { ...NOTICE, terms: '\ud800' })),
    'MESSAGE_MALFORMED',
  )
  const request = { ...NOTICE.request, price: -1n }
  assert.is(
    codeOf(() => encodeRequest('notify', { ...NOTICE, request })),
    'MESSAGE_MALFORMED',
  )
  const nonce = '0x12' as typeof NOTICE.request.nonce
  assert.is(
    codeOf(() => encodeRequest('notify', { ...NOTICE, request: { ...NOTICE.request, nonce } })),
    'MESSAGE_MALFORMED',
  )
})

/** Any bytes, and valid messages with a few bytes changed, which get deeper into the decoders. */
const hostile = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc
    .tuple(
      fc.constantFrom(...REQUESTS.valid, ...REPLIES.valid).map(({ hex }) => bytesOf(hex)),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
    )
    .map(([original, changes]) => {
      const bytes = original.slice()
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte
      return bytes
    }),
)

test('every decoder answers any bytes with a value it can write again, or with its own error', () => {
  const calls = Object.keys(CALLS) as CallName[]
  fc.assert(
    fc.property(hostile, (bytes) => {
      const allowed = ['none', 'MESSAGE_MALFORMED', 'MESSAGE_TOO_LARGE']
      const same = (again: Uint8Array): void => assert.is(Buffer.compare(again, bytes), 0)
      for (const protocol of Object.values(PROTOCOLS)) {
        const code = codeOf(() => {
          const { call, query } = decodeRequest(protocol, bytes)
          same(encodeRequest(call, query))
        })
        assert.ok(allowed.includes(String(code)), String(code))
      }
      for (const call of calls) {
        const code = codeOf(() => {
          const reply = decodeReply(call, bytes)
          // A reason of a later version is read as INTERNAL, so that the bytes may differ; the value may not.
          assert.equal(decodeReply(call, encodeReply(call, reply)), reply)
        })
        assert.ok(allowed.includes(String(code)), String(code))
      }
    }),
    { seed, numRuns: 3000 },
  )
})

test.run()
