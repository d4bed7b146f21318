import type { AccessRequest, Address, AnswerKind, Bytes32 } from '@halo/consent'
import {
  datasetIdOf,
  NATIVE_COIN,
  parseAddress,
  parseBytes32,
  requestIdOf,
  signMessage,
  statementOf,
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

async function reasonFor(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'nothing failed',
    (error: { readonly reason?: unknown }) => error.reason,
  )
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
  const request: AccessRequest = {
    dataset: datasetIdOf(bytes32('5'), patientAddress),
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
  await chain.writer(researcher).request(request, bytes32('5'))
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

test('takes no request whose data set is not what commitment and patient make', async () => {
  const { chain, request } = await openAsked()
  const writer = chain.writer(researcher)
  const again = { ...request, nonce: bytes32('9') }
  assert.is(await reasonFor(writer.request(again, bytes32('4'))), 'REQUEST_MISMATCH')
  assert.is(
    await reasonFor(writer.request({ ...again, patient: operator }, bytes32('5'))),
    'REQUEST_MISMATCH',
  )
  await writer.request(again, bytes32('5'))
})

test('anchors roots of a log that only grows, for active operators', async () => {
  const { chain } = await openAsked()
  const writer = chain.writer(operator)
  await writer.anchorRoot(2, bytes32('a'))
  await writer.anchorRoot(2, bytes32('a'))
  assert.is(await reasonFor(writer.anchorRoot(2, bytes32('b'))), 'CHAIN_REFUSED')
  assert.is(await reasonFor(writer.anchorRoot(1, bytes32('c'))), 'CHAIN_REFUSED')
  assert.is(await reasonFor(chain.writer(suspended).anchorRoot(9, bytes32('a'))), 'NOT_A_MEMBER')
  const rootStart = `0x${'a'.repeat(36)}`
  assert.equal(await chain.ledger.anchoredHead(operator), { size: 2, rootStart })
  assert.is(await chain.ledger.anchoredHead(suspended), null)
  assert.ok(await chain.ledger.rootAnchor(operator, 2, bytes32('a')))
  assert.is(await chain.ledger.rootAnchor(operator, 2, bytes32('b')), null)
  assert.is(await chain.ledger.rootAnchor(suspended, 2, bytes32('a')), null)
})

test('has the head of before again when a block is taken back', async () => {
  const { chain } = await openAsked()
  const writer = chain.writer(operator)
  for (const [size, digit] of [
    [2, 'a'],
    [5, 'b'],
    [7, 'c'],
  ] as const)
    await writer.anchorRoot(size, bytes32(digit))
  chain.dropRoot(operator, 7, bytes32('c'))
  assert.is((await chain.ledger.anchoredHead(operator))?.size, 5)
  await writer.anchorRoot(7, bytes32('d'))
  assert.is((await chain.ledger.anchoredHead(operator))?.size, 7)
})

test('says how many deliveries settle', async () => {
  assert.is(await new MemoryChain(createTestClock(), 2).ledger.deliveryQuorum(), 2)
})

test.run()
