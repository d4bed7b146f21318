import {
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  decapsulate,
  diffieHellman,
  type KeyObject,
} from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  createKemKeyPair,
  KEM_PUBLIC_KEY_BYTES,
  KEM_SECRET_KEY_BYTES,
  openSealed,
  releasedShareContext,
  SEAL_OVERHEAD_BYTES,
  sealTo,
  storedShareContext,
} from '../src/index.ts'
import { failureOf, fromHex, loadVectors, noise, toHex } from './streams.ts'

const vectors = loadVectors<{
  readonly secretKey: string
  readonly publicKey: string
  readonly share: string
  readonly stored: {
    readonly peerId: string
    readonly id: string
    readonly dataset: string
    readonly context: string
    readonly sealed: string
  }
  readonly released: {
    readonly requestId: string
    readonly index: number
    readonly context: string
    readonly sealed: string
  }
  readonly invalid: readonly { readonly name: string; readonly context: string; readonly sealed: string }[]
}>('sealed-share')
const test = suite('vault/hybrid-kem')

test('opens the sealed shares of the vectors, each in its own context', async () => {
  const { stored, released, share } = vectors
  const secretKey = fromHex(vectors.secretKey)
  assert.is(toHex((await createKemKeyPair(secretKey)).publicKey), vectors.publicKey)
  assert.is(
    toHex(storedShareContext(stored.peerId, fromHex(stored.id), fromHex(stored.dataset))),
    stored.context,
  )
  assert.is(toHex(releasedShareContext(fromHex(released.requestId), released.index)), released.context)
  for (const { sealed, context } of [stored, released])
    assert.is(toHex(await openSealed(secretKey, fromHex(sealed), fromHex(context))), share)
})

for (const { name, context, sealed } of vectors.invalid) {
  test(`refuses sealed bytes: ${name}`, async () => {
    const work = (): Promise<unknown> =>
      openSealed(fromHex(vectors.secretKey), fromHex(sealed), fromHex(context))
    assert.equal(await failureOf(work), { code: 'SEALED_SHARE_FORGED' })
  })
}

test('opens what it sealed, of any length, and never seals alike twice', async () => {
  const { publicKey, secretKey } = await createKemKeyPair()
  assert.is(publicKey.length, KEM_PUBLIC_KEY_BYTES)
  assert.is(secretKey.length, KEM_SECRET_KEY_BYTES)
  const context = releasedShareContext(noise(32), 1)
  for (const sizeBytes of [0, 1, 33, 5000]) {
    const sealed = await sealTo(publicKey, noise(sizeBytes), context)
    assert.is(sealed.length, sizeBytes + SEAL_OVERHEAD_BYTES)
    assert.equal(await openSealed(secretKey, sealed, context), noise(sizeBytes))
    assert.is.not(toHex(await sealTo(publicKey, noise(sizeBytes), context)), toHex(sealed))
  }
})

test('works with buffers that lie inside larger ones and leaves them unchanged', async () => {
  const pair = await createKemKeyPair()
  const inside = (bytes: Uint8Array): Uint8Array => Buffer.concat([noise(7), bytes, noise(9)]).subarray(7, -9)
  const context = inside(storedShareContext('peer', noise(16), noise(32)))
  const sealed = await sealTo(inside(pair.publicKey), inside(noise(33)), context)
  const secretKey = inside(pair.secretKey)
  assert.equal(await openSealed(secretKey, inside(sealed), context), noise(33))
  assert.is(toHex(secretKey), toHex(pair.secretKey))
  assert.equal((await createKemKeyPair(secretKey)).publicKey, pair.publicKey)
})

test('refuses another key, another request, another share number, another peer', async () => {
  const [mine, other] = [await createKemKeyPair(), await createKemKeyPair()]
  const sealed = await sealTo(mine.publicKey, noise(33), releasedShareContext(noise(32), 1))
  const attempts = [
    () => openSealed(other.secretKey, sealed, releasedShareContext(noise(32), 1)),
    () => openSealed(mine.secretKey, sealed, releasedShareContext(noise(32, 2), 1)),
    () => openSealed(mine.secretKey, sealed, releasedShareContext(noise(32), 2)),
    () => openSealed(mine.secretKey, sealed, storedShareContext('peer', noise(16), noise(32))),
  ]
  for (const attempt of attempts) assert.equal(await failureOf(attempt), { code: 'SEALED_SHARE_FORGED' })
  const named = toHex(storedShareContext('a', noise(16), noise(32)))
  assert.is.not(named, toHex(storedShareContext('b', noise(16), noise(32))))
  assert.is.not(named, toHex(storedShareContext('a', noise(16), noise(32, 2))))
})

test('refuses keys of a wrong length', async () => {
  const { publicKey } = await createKemKeyPair()
  const attempts = [
    () => createKemKeyPair(noise(31)),
    () => sealTo(publicKey.subarray(1), noise(1), noise(1)),
    () => openSealed(noise(33), noise(2000), noise(1)),
  ]
  for (const attempt of attempts) assert.equal(await failureOf(attempt), { code: 'KEY_INVALID' })
})

// An independent receiver on node:crypto, written from the specifications, with its own ML-KEM, X25519,
// SHA-3, HMAC and AES: X-Wing draft section 5.4, RFC 9180 sections 4 and 5.1.
const label = 'HPKE'
const suiteId = Buffer.concat([Buffer.from(label), Buffer.from('647a00010002', 'hex')])

function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer {
  return parts.reduce((mac, part) => mac.update(part), createHmac('sha256', key)).digest()
}

function labeledExtract(salt: Uint8Array, name: string, ikm: Uint8Array): Buffer {
  return hmac(salt, Buffer.from('HPKE-v1'), suiteId, Buffer.from(name), ikm)
}

function labeledExpand(secret: Uint8Array, name: string, info: Uint8Array, sizeBytes: number): Buffer {
  const prefix = Buffer.from([0, sizeBytes])
  const first = hmac(
    secret,
    prefix,
    Buffer.from('HPKE-v1'),
    suiteId,
    Buffer.from(name),
    info,
    Buffer.from([1]),
  )
  return first.subarray(0, sizeBytes)
}

const derKey = (prefix: string, key: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([fromHex(prefix), key]), format: 'der', type: 'pkcs8' })

function decapsulateXWing(seed: Uint8Array, enc: Uint8Array): Buffer {
  const expanded = createHash('shake256', { outputLength: 96 }).update(seed).digest()
  const mlKem = derKey('3054020100300b06096086480165030404020442' + '8040', expanded.subarray(0, 64))
  const x25519 = derKey('302e020100300506032b656e04220420', expanded.subarray(64))
  const [ctM, ctX] = [enc.subarray(0, 1088), enc.subarray(1088)]
  const spki = Buffer.concat([fromHex('302a300506032b656e032100'), ctX])
  const ephemeral = createPublicKey({ key: spki, format: 'der', type: 'spki' })
  const ownPublic = createPublicKey(x25519).export({ format: 'der', type: 'spki' }).subarray(-32)
  return createHash('sha3-256')
    .update(decapsulate(mlKem, ctM))
    .update(diffieHellman({ privateKey: x25519, publicKey: ephemeral }))
    .update(ctX)
    .update(ownPublic)
    .update('\\.//^\\')
    .digest()
}

test('is opened by an independent receiver on node:crypto', async () => {
  const { publicKey, secretKey } = await createKemKeyPair()
  const context = storedShareContext('peer', noise(16), noise(32))
  const sealed = await sealTo(publicKey, noise(33), context)
  const shared = decapsulateXWing(secretKey, sealed.subarray(0, 1120))
  const none = new Uint8Array()
  const schedule = Buffer.concat([
    Buffer.from([0]),
    labeledExtract(none, 'psk_id_hash', none),
    labeledExtract(none, 'info_hash', Buffer.from('halo/hpke/1')),
  ])
  const secret = labeledExtract(shared, 'secret', none)
  const key = labeledExpand(secret, 'key', schedule, 32)
  const nonce = labeledExpand(secret, 'base_nonce', schedule, 12)
  const decipher = createDecipheriv('aes-256-gcm', key, nonce)
  decipher.setAAD(context).setAuthTag(sealed.subarray(-16))
  const opened = Buffer.concat([decipher.update(sealed.subarray(1120, -16)), decipher.final()])
  assert.is(toHex(opened), toHex(noise(33)))
})

test.run()
