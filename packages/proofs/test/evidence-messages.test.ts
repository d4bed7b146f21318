import type { AccessRequest, Address, Bytes32, DatasetId } from '@halo/consent'
import { datasetIdOf, plainAccessRequest, requestIdOf, statementOf, TYPES } from '@halo/consent'
import { recordCommitment } from '@halo/vault'
import { getAddress } from 'ethers'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import type { EvidenceRequest } from '../src/evidence.ts'
import { EVIDENCE_MESSAGES, hashDataset, hashRequest } from '../src/evidence-messages.ts'
import { startRecordCommitment } from '../src/index.ts'
import { wordStatement } from '../src/statement.ts'
import { DEPLOYMENT } from './evidence-bundle.ts'
import { CONTRACT } from './evidence-samples.ts'

const test = suite('proofs/evidence-messages')

const bytes = (length: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((b) => `0x${Buffer.from(b).toString('hex')}`)
const hash = bytes(32) as fc.Arbitrary<Bytes32>
const address = bytes(20).map(getAddress) as fc.Arbitrary<Address>
const coin = fc.constant('0x0000000000000000000000000000000000000000' as Address)
const amount = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
  fc.nat({ max: 1_000 }).map((coins) => BigInt(coins) * 10n ** 18n),
  fc.nat({ max: 1_000 }).map((cents) => BigInt(cents) * 10n ** 16n),
)
const seconds = fc.oneof(
  fc.nat({ max: 2 ** 31 }),
  fc.nat({ max: 500 }).map((days) => days * 86_400),
  fc.nat({ max: 500 }).map((minutes) => minutes * 60),
)
const anyRequest: fc.Arbitrary<AccessRequest> = fc.record({
  dataset: hash as fc.Arbitrary<DatasetId>,
  patient: address,
  researcher: address,
  recipientKeyHash: hash,
  termsHash: hash,
  currency: fc.oneof(coin, address),
  price: amount,
  relayFee: amount,
  answerBySec: seconds,
  accessForSec: seconds,
  nonce: hash,
})

test('has the messages that patients, operators and contracts have', () => {
  for (const [kind, fields] of Object.entries(EVIDENCE_MESSAGES))
    assert.equal(fields, TYPES[kind as keyof typeof EVIDENCE_MESSAGES], kind)
})

test('gives requests and data sets the ids that the contracts give them', async () => {
  await holds(
    fc.property(anyRequest, fc.nat({ max: 2 ** 40 }), (request, chainId) => {
      const plain = plainAccessRequest(request) as EvidenceRequest
      const expected = requestIdOf(request, { ...DEPLOYMENT, chainId: BigInt(chainId) })
      assert.is(hashRequest(plain, { chainId, escrow: CONTRACT.escrow }), expected)
      const named = { recordCommitment: request.nonce, owner: request.patient }
      assert.is(hashDataset(named), datasetIdOf(request.nonce, request.patient))
    }),
    200,
  )
})

test('words every statement as wallets do', async () => {
  await holds(
    fc.property(anyRequest, fc.constantFrom('Grant', 'Decline', 'Revoke'), (request, kind) => {
      assert.is(
        wordStatement(kind, plainAccessRequest(request) as EvidenceRequest),
        statementOf(kind, request),
      )
    }),
    500,
  )
})

test('commits to a record file as a vault does, in pieces of any size', async () => {
  const piece = fc.uint8Array({ maxLength: 100 })
  await holds(
    fc.asyncProperty(bytes(32), piece, fc.array(piece), async (salt, metadata, pieces) => {
      const proof = { salt: Buffer.from(salt.slice(2), 'hex'), metadata }
      const expected = await recordCommitment(
        (async function* () {
          yield* pieces
        })(),
        proof,
      )
      const opening = {
        salt: salt as Bytes32,
        metadata: `0x${Buffer.from(metadata).toString('hex')}`,
      } as const
      const running = startRecordCommitment(opening)
      for (const each of pieces) running.update(each)
      assert.is(running.digest(), `0x${Buffer.from(expected).toString('hex')}`)
    }),
  )
})

test.run()
