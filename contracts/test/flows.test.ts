import { id, Wallet } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ESCROW_BYTECODE } from '../../packages/chain/src/generated/escrow.ts'
import { HALO_REGISTRY_BYTECODE } from '../../packages/chain/src/generated/halo-registry.ts'
import { LOG_ANCHOR_BYTECODE } from '../../packages/chain/src/generated/log-anchor.ts'
import type { Contract, Fields, LocalContracts } from './local-contracts.ts'
import {
  answerArgs,
  COMMITMENT,
  call,
  datasetOf,
  draft,
  makeRequest,
  sign,
  startContracts,
} from './local-contracts.ts'

const test = suite('contracts/flows')

/** The name of the contract error a promise ends in. */
async function refusalOf(contract: Contract, promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    const text = String((error as Error).message)
    const name = /custom error '(\w+)\(/.exec(text)?.[1]
    if (name !== undefined) return name
    const data = (error as { data?: unknown }).data
    return (typeof data === 'string' && contract.interface.parseError(data)?.name) || text
  }
  throw new Error('did not fail')
}

async function open(halo: LocalContracts, changes: Fields = {}): Promise<Fields> {
  const request = draft(halo, changes)
  await makeRequest(halo, request)
  return request
}

test('is wired for good by Ignition, from the very code that the chain package deploys', async () => {
  await using halo = await startContracts()
  const { escrow, consent, registry, anchor, token, ethers } = halo
  assert.is(await escrow.getFunction('registry')(), await registry.getAddress())
  assert.is(await anchor.getFunction('registry')(), await registry.getAddress())
  assert.is(await escrow.getFunction('consentRegistry')(), await consent.getAddress())
  assert.is(await escrow.getFunction('accessToken')(), await token.getAddress())
  assert.is(await consent.getFunction('escrow')(), await escrow.getAddress())
  assert.is(await consent.getFunction('registry')(), await registry.getAddress())
  assert.is(await escrow.getFunction('deliveryQuorum')(), 2n)
  const bytecode = async (name: string): Promise<string> => (await ethers.getContractFactory(name)).bytecode
  assert.is(await bytecode('Escrow'), ESCROW_BYTECODE)
  assert.is(await bytecode('HaloRegistry'), HALO_REGISTRY_BYTECODE)
  assert.is(await bytecode('LogAnchor'), LOG_ANCHOR_BYTECODE)
})

test('lets one of five relayers in the same block win; the others neither revert nor earn', async () => {
  await using halo = await startContracts(5)
  const request = await open(halo)
  const args = await answerArgs(halo, 'Grant', request)
  await halo.ethers.provider.send('evm_setAutomine', [false])
  const sent = []
  for (const operator of halo.operators) {
    const consent = halo.consent.connect(operator) as Contract
    sent.push(await consent.getFunction('grant')(...args, { gasLimit: 300_000 }))
  }
  await halo.ethers.provider.send('evm_mine', [])
  const receipts = await Promise.all(sent.map((tx) => tx.wait()))
  assert.equal(
    receipts.map(({ status }) => status),
    [1, 1, 1, 1, 1],
  )
  assert.is(new Set(receipts.map(({ blockNumber }) => blockNumber)).size, 1)
  assert.is(receipts.filter(({ logs }) => logs.length > 0).length, 1)
  const credits = await Promise.all(
    halo.operators.map(({ address }) => halo.escrow.getFunction('creditOf')(address, request['currency'])),
  )
  assert.equal(
    credits.filter((credit) => credit > 0n),
    [request['relayFee']],
  )
})

test('pays no relay fee to an account that is no member, and gives it back to the researcher', async () => {
  await using halo = await startContracts()
  const request = await open(halo)
  await call(halo.consent, halo.stranger, 'grant', await answerArgs(halo, 'Grant', request))
  await call(halo.escrow, halo.researcher, 'settle', [request])
  const creditOf = halo.escrow.getFunction('creditOf')
  assert.is(await creditOf(halo.stranger.address, request['currency']), 0n)
  assert.is(await creditOf(halo.researcher.address, request['currency']), request['relayFee'])
})

test('refuses a consent that was signed for another deployment or another chain', async () => {
  await using halo = await startContracts()
  const request = await open(halo)
  const requestId: string = await halo.escrow.getFunction('requestIdOf')(request)
  const value = { requestId, statement: 'I allow it.' }
  const factory = await halo.ethers.getContractFactory('Escrow')
  const other = await factory.deploy(await halo.registry.getAddress(), 2)
  const otherConsent = halo.consent.attach(await other.getFunction('consentRegistry')()) as Contract
  const elsewhere = [
    await sign(halo, halo.patient, otherConsent, 'Grant', value),
    await sign({ chainId: halo.chainId + 1n }, halo.patient, halo.consent, 'Grant', value),
  ]
  for (const signature of elsewhere) {
    const relayed = call(halo.consent, halo.stranger, 'grant', [request, id('I allow it.'), signature])
    assert.is(await refusalOf(halo.consent, relayed), 'AnswerNotSigned')
  }
})

test('refuses a consent replayed on another request, and one of another signer', async () => {
  await using halo = await startContracts()
  const [one, two] = [await open(halo), await open(halo, { nonce: id('another nonce') })]
  const [, , signature] = await answerArgs(halo, 'Grant', one)
  const replayed = call(halo.consent, halo.stranger, 'grant', [two, id('I allow it.'), signature])
  assert.is(await refusalOf(halo.consent, replayed), 'AnswerNotSigned')
  const forged = await answerArgs(halo, 'Grant', one, new Wallet(id('somebody')))
  assert.is(
    await refusalOf(halo.consent, call(halo.consent, halo.stranger, 'grant', forged)),
    'AnswerNotSigned',
  )
})

test('takes the consent of a smart account as a patient', async () => {
  await using halo = await startContracts()
  const factory = await halo.ethers.getContractFactory('SmartAccount')
  const account = await (await factory.deploy(halo.patient.address)).getAddress()
  const request = await open(halo, { dataset: datasetOf(account), patient: account })
  await call(halo.consent, halo.stranger, 'grant', await answerArgs(halo, 'Grant', request))
  const tokenId = BigInt(await halo.escrow.getFunction('requestIdOf')(request))
  assert.is(await halo.token.getFunction('isLive')(tokenId), true)
})

test('refuses a currency that keeps a part of what is paid', async () => {
  await using halo = await startContracts()
  const currency = await (await halo.ethers.getContractFactory('FeeToken')).deploy()
  const address = await currency.getAddress()
  await call(currency, halo.stranger, 'mint', [halo.researcher.address, 10n ** 19n])
  await call(currency, halo.researcher, 'approve', [await halo.escrow.getAddress(), 10n ** 19n])
  const paid = call(halo.escrow, halo.researcher, 'request', [draft(halo, { currency: address }), COMMITMENT])
  assert.is(await refusalOf(halo.escrow, paid), 'WrongPayment')
})

test('frees the money of a request whose answer came too late', async () => {
  await using halo = await startContracts()
  const request = await open(halo)
  const args = await answerArgs(halo, 'Grant', request)
  await halo.mineAt(Number(request['answerBySec']) + 1)
  assert.is(await refusalOf(halo.consent, call(halo.consent, halo.stranger, 'grant', args)), 'AnswerTooLate')
  await call(halo.escrow, halo.stranger, 'refund', [request])
  const before = await halo.ethers.provider.getBalance(halo.researcher.address)
  await call(halo.escrow, halo.stranger, 'withdraw', [halo.researcher.address, request['currency']])
  const after = await halo.ethers.provider.getBalance(halo.researcher.address)
  assert.is(after - before, BigInt(request['price'] ?? 0) + BigInt(request['relayFee'] ?? 0))
})

test.run()
