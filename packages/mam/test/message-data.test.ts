import { decodeMessages, mamAttach } from '@iota/mam.js'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import { packMessage, unpackMessage } from '../src/message-data.ts'
import { makeMessage } from './make-message.ts'
import { openCurl } from './open-curl.ts'
import { makeStockCase } from './stock-cases.ts'

const test = suite('mam/message-data')

const TRYTES = fc.constantFrom(...'9ABCDEFGHIJKLMNOPQRSTUVWXYZ')
const TAG = fc.array(TRYTES, { maxLength: 27 }).map((trytes) => trytes.join(''))
const PAYLOAD = fc.array(TRYTES, { minLength: 1, maxLength: 90 }).map((trytes) => trytes.join(''))

/** The data that `@iota/mam.js` attaches, in hex. */
async function packByStock(tag: string, payload: string): Promise<string> {
  const client = { messageSubmit: async () => '' }
  const attached = await mamAttach(client, { payload, root: '', address: '' }, tag)
  return attached.message.payload.data
}

test('packs what @iota/mam.js packs, at any length, with and without a tag', async () => {
  const property = fc.asyncProperty(TAG, PAYLOAD, async (tag, payload) => {
    const packed = packMessage({ tag, payload })
    assert.is(Buffer.from(packed).toString('hex'), await packByStock(tag, payload))
    assert.equal(unpackMessage(packed), { tag, payload })
  })
  await holds(property, 1000)
})

test('packs messages that @iota/mam.js finds and reads', async () => {
  const given = makeStockCase(2)
  const { payload, root, nextRoot } = makeMessage(openCurl(), given)
  const data = Buffer.from(packMessage({ tag: 'HALO', payload })).toString('hex')
  const found = await decodeMessages([{ payload: { type: 2, data } }], root, given.sideKey)
  assert.equal(found, { root, nextRoot, message: given.message, tag: 'HALO' })
})

test('has one form for a message: bytes are refused, or are what their trytes pack to', async () => {
  let refused = 0
  const property = fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
    const data = Uint8Array.of(bytes.length % 3, ...bytes)
    if (codeOf(() => unpackMessage(data)) === 'MESSAGE_MALFORMED') refused++
    else assert.equal(packMessage(unpackMessage(data)), data)
  })
  await holds(property, 5000)
  assert.ok(refused > 0 && refused < 5000)
})

test('refuses data without payload, tags that are too long, and what the Tangle does not carry', () => {
  const wrong = [
    [],
    [0],
    [18, ...Array(30).fill(0)],
    [5, 0, 0],
    [255, ...Array(300).fill(0)],
    [0, 0xff, 0xff],
  ]
  for (const data of wrong) {
    assert.is(
      codeOf(() => unpackMessage(Uint8Array.from(data))),
      'MESSAGE_MALFORMED',
    )
  }
  assert.is(
    codeOf(() => unpackMessage(new Uint8Array(32_769))),
    'MESSAGE_MALFORMED',
  )
  const longest = new Uint8Array(32_768)
  longest[32_767] = 1
  assert.is(unpackMessage(longest).payload, '9'.repeat(52_427))
  longest[32_767] = 0
  assert.is(
    codeOf(() => unpackMessage(longest)),
    'MESSAGE_MALFORMED',
  )
  assert.is(
    codeOf(() => packMessage({ tag: 'A'.repeat(28), payload: 'A' })),
    'TRYTES_INVALID',
  )
  assert.is(
    codeOf(() => packMessage({ tag: 'a', payload: 'A' })),
    'TRYTES_INVALID',
  )
  assert.is(
    codeOf(() => packMessage({ tag: '', payload: 'a' })),
    'TRYTES_INVALID',
  )
})

test('packs nothing that it would not unpack: no empty payload, and none longer than a message', () => {
  const pack = (tag: string, trytes: number) =>
    codeOf(() => packMessage({ tag, payload: 'A'.repeat(trytes) }))
  assert.is(pack('HALO', 0), 'TRYTES_INVALID')
  assert.is(pack('', 60_000), 'MESSAGE_TOO_LONG')
  for (const [tag, most] of [
    ['', 52_427],
    ['A'.repeat(27), 52_400],
  ] as const) {
    assert.is(pack(tag, most + 1), 'MESSAGE_TOO_LONG')
    const longest = { tag, payload: 'A'.repeat(most) }
    assert.equal(unpackMessage(packMessage(longest)), longest)
  }
})

test.run()
