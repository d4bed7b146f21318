import { createHash } from 'node:crypto'
import { XWing } from '@hpke/hybridkem-x-wing'
import { sha256 } from '@noble/hashes/sha2.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createKemKeyPair, createWasmEngine, kemKeyHash } from '../src/index.ts'
import { multiply } from './galois.ts'
import { fromHex, loadVectors, toHex } from './streams.ts'

type Cases = { readonly source: string; readonly cases: readonly Readonly<Record<string, string>>[] }
const vectors = loadVectors<{
  readonly sha256: Cases
  readonly hkdf: Cases
  readonly aes256gcm: Cases
  readonly xwing: Cases
  readonly gf256: Cases
  readonly reedSolomon: { readonly cases: readonly { readonly data: string[]; readonly parity: string[] }[] }
}>('primitives')

const bytesOf = (vector: Readonly<Record<string, string>>, field: string): Uint8Array<ArrayBuffer> =>
  fromHex(vector[field] ?? 'missing')

const test = suite('vault/primitives')

test('SHA-256 gives the digests of FIPS 180-4', () => {
  assert.is(vectors.sha256.cases.length, 3)
  for (const vector of vectors.sha256.cases) {
    assert.is(toHex(sha256(bytesOf(vector, 'message'))), vector['digest'])
    assert.is(toHex(kemKeyHash(bytesOf(vector, 'message'))), vector['digest'])
  }
})

test('SHA-256 fed piece by piece gives the digest of the whole', () => {
  const hash = sha256.create()
  for (let turn = 0; turn < 1000; turn++) hash.update(new Uint8Array(1000).fill(0x61))
  assert.is(toHex(hash.digest()), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0')
  assert.is(createHash('sha256').update('a'.repeat(1_000_000)).digest('hex').slice(0, 8), 'cdc76e5c')
})

test('HKDF gives the output of RFC 5869', async () => {
  assert.is(vectors.hkdf.cases.length, 2)
  for (const vector of vectors.hkdf.cases) {
    const key = await crypto.subtle.importKey('raw', bytesOf(vector, 'ikm'), 'HKDF', false, ['deriveBits'])
    const [salt, info] = [bytesOf(vector, 'salt'), bytesOf(vector, 'info')]
    const bits = await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, key, 42 * 8)
    assert.is(toHex(new Uint8Array(bits)), vector['okm'])
  }
})

test('AES-256-GCM gives ciphertexts and tags of its specification and refuses a changed tag', async () => {
  assert.is(vectors.aes256gcm.cases.length, 4)
  for (const vector of vectors.aes256gcm.cases) {
    const key = await crypto.subtle.importKey('raw', bytesOf(vector, 'key'), 'AES-GCM', false, [
      'encrypt',
      'decrypt',
    ])
    const cipher = { name: 'AES-GCM', iv: bytesOf(vector, 'iv'), additionalData: bytesOf(vector, 'aad') }
    const sealed = new Uint8Array(await crypto.subtle.encrypt(cipher, key, bytesOf(vector, 'plaintext')))
    assert.is(toHex(sealed), `${vector['ciphertext']}${vector['tag']}`)
    sealed.set([(sealed.at(-1) ?? 0) ^ 1], sealed.length - 1)
    const outcome = await crypto.subtle.decrypt(cipher, key, sealed).catch(() => 'refused')
    assert.is(outcome, 'refused')
  }
})

test('X-Wing makes the keys, encapsulations and secrets of its draft', async () => {
  assert.is(vectors.xwing.cases.length, 2)
  for (const vector of vectors.xwing.cases) {
    const pair = await createKemKeyPair(bytesOf(vector, 'seed'))
    assert.is(toHex(pair.publicKey), vector['pk'])
    assert.is(toHex(pair.secretKey), vector['seed'])
    const kem = new XWing()
    const recipientPublicKey = await kem.importKey('raw', bytesOf(vector, 'pk').buffer, true)
    const made = await kem.encap({ recipientPublicKey, ekm: bytesOf(vector, 'eseed').buffer })
    assert.is(toHex(new Uint8Array(made.enc)), vector['ct'])
    assert.is(toHex(new Uint8Array(made.sharedSecret)), vector['ss'])
    const recipientKey = await kem.importKey('raw', bytesOf(vector, 'seed').buffer, false)
    const secret = await kem.decap({ recipientKey, enc: bytesOf(vector, 'ct').buffer })
    assert.is(toHex(new Uint8Array(secret)), vector['ss'])
  }
})

test('the field that the tests compute in gives the products of FIPS 197', () => {
  assert.is(vectors.gf256.cases.length, 2)
  for (const { a, b, product } of vectors.gf256.cases)
    assert.is(multiply(Number(`0x${a}`), Number(`0x${b}`), 0x11b), Number(`0x${product}`))
})

test('Reed–Solomon gives the parity of the published 5+5 example', async () => {
  const engine = await createWasmEngine()
  assert.is(vectors.reedSolomon.cases.length, 1)
  for (const { data, parity } of vectors.reedSolomon.cases)
    assert.equal(engine.encode(data.map(fromHex), data.length, parity.length).map(toHex), parity)
})

test.run()
