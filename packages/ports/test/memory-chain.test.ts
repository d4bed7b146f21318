import type { AccessRequest, Address, AnswerKind, Bytes32 } from '@halo/consent'
import {
  datasetIdOf,
  NATIVE_COIN,
  parseAddress,
  parseBytes32,
  requestIdOf,
  signMessage,
  statementOf,
  textHash,
} from '@halo/consent'
import { Wallet } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { TestClock } from './memory-chain.ts'
import { createTestClock, DEPLOYMENT, MemoryChain } from './memory-chain.ts'

const test = suite('ports/memory-chain')

const bytes32 = (digit: string): Bytes32 => parseBytes32(`0x${digit.repeat(64)}`)
const patient = new Wallet(bytes32('1'))
const patientAddress = parseAddress(patient.address)
const researcher = parseAddress(new Wallet(bytes32('2')).address)
const operator = parseAddress(new Wallet(bytes32('3')).address)
const suspended = parseAddress(new Wallet(bytes32('4')).address)

interface Asked {
  readonly chain: MemoryChain
  readonly clock: TestClock
  readonly request: AccessRequest
}

/** A chain on which a request waits for its answer. */
async function openAsked(): Promise<Asked> {
  const clock = createTestClock()
  const chain = new MemoryChain(clock)
  const peer = { peerId: 'peer', kemPublicKey: new Uint8Array(1216), addresses: [] }
  chain.members = [
    { ...peer, operator, isActive: true },
    { ...peer, operator: suspended, isActive: false },
  ]
  const dataset = datasetIdOf(bytes32('5'), patientAddress)
  const descriptor = textHash('{}')
  const signature = await signMessage(patient, 'Anchor', { dataset, descriptor }, DEPLOYMENT)
  await chain.writer(operator).anchor(bytes32('5'), patientAddress, descriptor, signature)
  const request: AccessRequest = {
    dataset,
    patient: patientAddress,
    researcher,
    recipientKeyHash: bytes32('6'),
    termsHash: bytes32('7'),
    currency: NATIVE_COIN,
    price: 1_000n,
    relayFee: 10n,
    answerBySec: (await chain.ledger.chainTimeSec()) + 3_600,
    accessForSec: 86_400,
    nonce: bytes32('8'),
  }
  await chain.writer(researcher).request(request)
  return { chain, clock, request }
}

async function relay({ chain, request }: Asked, kind: AnswerKind, relayer: Address): Promise<void> {
  const message = { requestId: requestIdOf(request, DEPLOYMENT), statement: statementOf(kind, request) }
  const signature = await signMessage(patient, kind, message, DEPLOYMENT)
  await chain.writer(relayer).answer(kind, request, signature)
}

test('gives price and relay fee back after silence', async () => {
  const { chain, clock, request } = await openAsked()
  clock.skipSec(3_601)
  await chain.writer(researcher).refund(request)
  assert.is(chain.credit(researcher), 1_010n)
})

test('gives the price back after a refusal, and the relay fee to the active operator', async () => {
  const asked = await openAsked()
  await relay(asked, 'Decline', operator)
  await asked.chain.writer(researcher).refund(asked.request)
  assert.is(asked.chain.credit(researcher), 1_000n)
  assert.is(asked.chain.credit(operator), 10n)
})

test('pays no relay fee to who is no active operator, and gives it back in the end', async () => {
  for (const relayer of [suspended, patientAddress]) {
    const settled = await openAsked()
    await relay(settled, 'Grant', relayer)
    assert.is(settled.chain.credit(relayer), 0n)
    await settled.chain.writer(researcher).settle(settled.request)
    assert.is(settled.chain.credit(researcher), 10n)
    const refunded = await openAsked()
    await relay(refunded, 'Decline', relayer)
    await refunded.chain.writer(researcher).refund(refunded.request)
    assert.is(refunded.chain.credit(researcher), 1_010n)
  }
})

test('says how many deliveries settle', async () => {
  assert.is(await new MemoryChain(createTestClock(), 2).ledger.deliveryQuorum(), 2)
})

test.run()
