import { keccak256 } from 'ethers'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { AccessRequest, Address, Bytes32, DatasetId, PlainAccessRequest } from '../src/index.ts'
import { parseAccessRequest, parseAddress, plainAccessRequest, requestIdOf, textHash } from '../src/index.ts'
import { encodeRequestByHand } from './by-hand.ts'
import type { PlainDeployment } from './samples.ts'
import { DEPLOYMENT, deploymentOf, failureOf, id32, loadVectors, REQUEST, requestOf } from './samples.ts'

const test = suite('consent/request')
const seed = Date.now() & 0x7fffffff

const vectors = loadVectors<{
  readonly valid: readonly {
    readonly name: string
    readonly deployment: PlainDeployment
    readonly request: PlainAccessRequest
    readonly encoded: string
    readonly id: string
  }[]
  readonly invalid: readonly {
    readonly name: string
    readonly request: unknown
    readonly code: string
    readonly field: string
  }[]
}>('request')

const bytes32 = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => `0x${Buffer.from(bytes).toString('hex')}` as Bytes32)
const address = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => parseAddress(`0x${Buffer.from(bytes).toString('hex')}`))
const amount = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n })
const request: fc.Arbitrary<AccessRequest> = fc.record(
  {
    dataset: bytes32 as fc.Arbitrary<DatasetId>,
    patient: address,
    researcher: address,
    recipientKeyHash: bytes32,
    termsHash: bytes32,
    currency: address,
    price: amount,
    relayFee: amount,
    answerBySec: fc.maxSafeNat(),
    accessForSec: fc.maxSafeNat(),
    nonce: bytes32,
  },
  { noNullPrototype: true },
)

test('gives the ids of the vectors, and encodes as they do', () => {
  assert.ok(vectors.valid.length > 0)
  for (const vector of vectors.valid) {
    const parsed = requestOf(vector.request)
    const deployment = deploymentOf(vector.deployment)
    assert.is(encodeRequestByHand(parsed, deployment), vector.encoded, vector.name)
    assert.is(keccak256(vector.encoded), vector.id, vector.name)
    assert.is(requestIdOf(parsed, deployment), vector.id, vector.name)
  }
})

test('refuses the invalid requests of the vectors, and names the field', () => {
  assert.ok(vectors.invalid.length > 0)
  for (const { name, request: invalid, code, field } of vectors.invalid)
    assert.equal(
      failureOf(() => parseAccessRequest(invalid)),
      { code, field },
      name,
    )
})

test(`gives any request the id that abi.encode and keccak-256 give it (seed ${seed})`, () => {
  fc.assert(
    fc.property(request, (any) => {
      assert.is(requestIdOf(any, DEPLOYMENT), keccak256(encodeRequestByHand(any, DEPLOYMENT)))
    }),
    { seed },
  )
})

test('gives another id when any field, the chain or the escrow is another', () => {
  const others: Required<{ readonly [Field in keyof AccessRequest]: AccessRequest[Field] }> = {
    dataset: id32<DatasetId>('9'),
    patient: DEPLOYMENT.token,
    researcher: DEPLOYMENT.token,
    recipientKeyHash: id32('9'),
    termsHash: id32('9'),
    currency: DEPLOYMENT.token,
    price: REQUEST.price + 1n,
    relayFee: REQUEST.relayFee + 1n,
    answerBySec: REQUEST.answerBySec + 1,
    accessForSec: REQUEST.accessForSec + 1,
    nonce: id32('9'),
  }
  const ids = Object.entries(others).map(([field, other]) =>
    requestIdOf({ ...REQUEST, [field]: other }, DEPLOYMENT),
  )
  ids.push(requestIdOf(REQUEST, DEPLOYMENT))
  ids.push(requestIdOf(REQUEST, { ...DEPLOYMENT, chainId: 1n }))
  ids.push(requestIdOf(REQUEST, { ...DEPLOYMENT, escrow: DEPLOYMENT.token }))
  assert.is(new Set(ids).size, 14)
})

test(`brings any request through JSON unchanged (seed ${seed})`, () => {
  fc.assert(
    fc.property(request, (any) => {
      assert.equal(parseAccessRequest(JSON.parse(JSON.stringify(plainAccessRequest(any)))), any)
    }),
    { seed },
  )
})

test('takes amounts and times as the chain library gives them', () => {
  const fromChain = { ...REQUEST, answerBySec: 1_800_000_000n, accessForSec: 604_800n }
  assert.equal(parseAccessRequest(fromChain), REQUEST)
})

test('writes addresses in their one form whatever came', () => {
  const lower = { ...REQUEST, patient: REQUEST.patient.toLowerCase() as Address }
  assert.is(parseAccessRequest(lower).patient, REQUEST.patient)
})

test('hashes texts as keccak-256 of their UTF-8 bytes', () => {
  // Known values of keccak-256.
  assert.is(textHash(''), '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470')
  assert.is(textHash('hello'), '0x1c8aff950685c2ed4bc3174f3472287b56d9517b9c948127319a09a7a36deac8')
})

test.run()
