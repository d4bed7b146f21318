import { Signature, Wallet } from 'ethers'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { AnswerKind, Bytes32, DatasetId, Hex, Messages, RequestId } from '../src/index.ts'
import { messageDigest, recoverSigner, signMessage, TYPES, typedData } from '../src/index.ts'
import { digestByHand } from './by-hand.ts'
import type { PlainDeployment } from './samples.ts'
import { DEPLOYMENT, deploymentOf, failureOf, flipBit, id32, loadVectors, REQUEST_ID } from './samples.ts'

const test = suite('consent/typed-data')
const seed = Date.now() & 0x7fffffff

interface Signed {
  readonly name: string
  readonly kind: keyof Messages
  readonly value: Messages[keyof Messages]
  readonly deployment: PlainDeployment
  readonly signature: Hex
}

const vectors = loadVectors<{
  readonly valid: readonly (Signed & {
    readonly digest: string
    readonly privateKey: string
    readonly signer: string
  })[]
  readonly invalid: readonly Signed[]
}>('messages')

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const signer = new Wallet(id32('7'))
const grant: Messages['Grant'] = { requestId: REQUEST_ID, statement: 'I allow it. Äë🙂' }

test('gives the digests of the vectors, and the very signatures', async () => {
  assert.equal(
    vectors.valid.map((vector) => vector.kind),
    Object.keys(TYPES),
  )
  for (const { name, kind, value, deployment, digest, privateKey, signature, signer } of vectors.valid) {
    const halo = deploymentOf(deployment)
    assert.is(messageDigest(kind, value, halo), digest, name)
    assert.is(digestByHand(kind, value, halo), digest, name)
    assert.is(await signMessage(new Wallet(privateKey), kind, value, halo), signature, name)
    assert.is(recoverSigner(kind, value, signature, halo), signer, name)
  }
})

test('refuses the signatures of the vectors that are none', () => {
  assert.ok(vectors.invalid.length > 0)
  for (const { name, kind, value, deployment, signature } of vectors.invalid)
    assert.is(
      failureOf(() => recoverSigner(kind, value, signature, deploymentOf(deployment))).code,
      'BAD_SIGNATURE',
      name,
    )
})

test(`hashes any message as EIP-712 says (seed ${seed})`, () => {
  const bytes32 = fc
    .uint8Array({ minLength: 32, maxLength: 32 })
    .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as Bytes32)
  const kinds = fc.constantFrom<AnswerKind>('Grant', 'Decline', 'Revoke')
  fc.assert(
    fc.property(kinds, bytes32, fc.string({ unit: 'grapheme' }), fc.maxSafeNat(), (kind, id, text, at) => {
      const requestId = id as RequestId
      const statement = { requestId, statement: text }
      assert.is(messageDigest(kind, statement, DEPLOYMENT), digestByHand(kind, statement, DEPLOYMENT))
      const collect = { requestId, peerId: text, beforeSec: at }
      assert.is(messageDigest('Collect', collect, DEPLOYMENT), digestByHand('Collect', collect, DEPLOYMENT))
      const anchor = { dataset: id as DatasetId, descriptor: id }
      assert.is(messageDigest('Anchor', anchor, DEPLOYMENT), digestByHand('Anchor', anchor, DEPLOYMENT))
    }),
    { seed },
  )
})

test('signs for the contract that verifies: another one, or another chain, gives another digest', () => {
  const digests = [
    messageDigest('Grant', grant, DEPLOYMENT),
    messageDigest('Decline', grant, DEPLOYMENT),
    messageDigest('Revoke', grant, DEPLOYMENT),
    messageDigest('Grant', grant, { ...DEPLOYMENT, chainId: 1n }),
    messageDigest('Grant', grant, { ...DEPLOYMENT, consent: DEPLOYMENT.token }),
    messageDigest('Delivery', grant, DEPLOYMENT),
  ]
  assert.is(new Set(digests).size, digests.length)
  const { chainId, consent } = DEPLOYMENT
  assert.is(messageDigest('Grant', grant, { chainId, consent }), messageDigest('Grant', grant, DEPLOYMENT))
})

test('names the domain that wallets show', () => {
  const { domain, types, value } = typedData('Delivery', { requestId: REQUEST_ID }, DEPLOYMENT)
  assert.equal(domain, {
    name: 'Halo',
    version: '1',
    chainId: 31_337n,
    verifyingContract: DEPLOYMENT.escrow,
  })
  assert.equal(Object.keys(types), ['Delivery'])
  assert.equal(value, { requestId: REQUEST_ID })
})

test('recovers somebody else from a signature over anything else', async () => {
  const signature = await signMessage(signer, 'Grant', grant, DEPLOYMENT)
  assert.is(recoverSigner('Grant', grant, signature, DEPLOYMENT), signer.address)
  const others = [
    recoverSigner('Decline', grant, signature, DEPLOYMENT),
    recoverSigner('Grant', { ...grant, statement: 'I allow it. ' }, signature, DEPLOYMENT),
    recoverSigner('Grant', { ...grant, requestId: id32<RequestId>('6') }, signature, DEPLOYMENT),
    recoverSigner('Grant', grant, signature, { ...DEPLOYMENT, chainId: 1n }),
  ]
  for (const other of others) assert.is.not(other, signer.address)
})

test('refuses the second form of a signature, so that there is one per signer and message', async () => {
  const signature = await signMessage(signer, 'Grant', grant, DEPLOYMENT)
  const { r, s, v, compactSerialized } = Signature.from(signature)
  const highS = (ORDER - BigInt(s)).toString(16).padStart(64, '0')
  const forms: readonly string[] = [
    `${r}${highS}${v === 27 ? '1c' : '1b'}`,
    compactSerialized,
    `${r}${s.slice(2)}${v === 27 ? '00' : '01'}`,
    `${r}${s.slice(2)}1d`,
    signature.slice(0, -2),
    `${signature}00`,
    '0x',
    signature.slice(2),
  ]
  for (const form of forms)
    assert.is(
      failureOf(() => recoverSigner('Grant', grant, form as Hex, DEPLOYMENT)).code,
      'BAD_SIGNATURE',
      form,
    )
})

test('never takes a signature with a turned bit for the signer', async () => {
  const signature = await signMessage(signer, 'Grant', grant, DEPLOYMENT)
  for (let byte = 0; byte < 65; byte++) {
    const turned = flipBit(signature, byte)
    let found: string
    try {
      found = recoverSigner('Grant', grant, turned, DEPLOYMENT)
    } catch {
      found = 'refused'
    }
    assert.is.not(found, signer.address, `byte ${byte}`)
  }
})

test.run()
