import { ChainError, openAccount, openLedger, openWriter } from '@halo/chain'
import { NATIVE_COIN, parseAddress, parseBytes32 } from '@halo/consent'
import { hexlify, randomBytes, Wallet } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  anchorDataset,
  COMMITMENT,
  draftRequest,
  errorOf,
  firstOf,
  keyOf,
  makeRequest,
  startHalo,
} from './local-halo.ts'

const test = suite('chain/refusals')

test('says that the chain is unreachable, without naming its address', async () => {
  await using halo = await startHalo()
  const { deployment, anvil } = halo
  const secretUrl = 'http://127.0.0.1:1/secret-key'
  const error = await errorOf(openLedger({ rpcUrl: secretUrl, deployment }))
  assert.is(error['code'], 'CHAIN_UNREACHABLE')
  assert.is(error['reason'], 'CHAIN_UNREACHABLE')
  assert.not.match(String(error['message']), 'secret-key')
  await anvil[Symbol.asyncDispose]()
  assert.is((await errorOf(halo.ledger.members()))['code'], 'CHAIN_UNREACHABLE')
})

test('refuses a node of another chain, missing contracts and contracts that do not belong together', async () => {
  await using halo = await startHalo()
  const { deployment } = halo
  const { rpcUrl } = halo.anvil
  const wrong = openLedger({ rpcUrl, deployment: { ...deployment, chainId: 1n } })
  assert.is((await errorOf(wrong))['code'], 'CHAIN_WRONG')
  const nowhere = parseAddress(Wallet.createRandom().address)
  const missing = await errorOf(openLedger({ rpcUrl, deployment: { ...deployment, token: nowhere } }))
  assert.equal([missing['code'], missing['details']], ['CONTRACT_MISSING', { contract: 'token' }])
  const mixed = openLedger({ rpcUrl, deployment: { ...deployment, token: deployment.consent } })
  assert.is((await errorOf(mixed))['code'], 'DEPLOYMENT_WRONG')
})

test('says what is missing when an account cannot pay, and sends nothing', async () => {
  await using halo = await startHalo()
  const poor = await openWriter(halo.ledger, hexlify(randomBytes(32)))
  const dataset = await anchorDataset(halo)
  const request = await draftRequest(halo, dataset, { researcher: poor.account })
  const block = await halo.ledger.connection.headBlock()
  const error = await errorOf(poor.request(request, COMMITMENT))
  assert.is(error['code'], 'INSUFFICIENT_FUNDS')
  assert.match(String(error['message']), /price and relay fee of request: it owns 0 wei/)
  const free = await draftRequest(halo, dataset, { researcher: poor.account, price: 0n, relayFee: 0n })
  assert.match(String((await errorOf(poor.request(free, COMMITMENT)))['message']), /transaction fee/)
  assert.is(await halo.ledger.connection.headBlock(), block)
})

test('says in words what the contracts refuse', async () => {
  await using halo = await startHalo()
  const request = await makeRequest(halo)
  assert.is((await errorOf(halo.researcher.request(request, COMMITMENT)))['reason'], 'STORE_CONFLICT')
  const unknown = await draftRequest(halo, request.dataset)
  assert.is((await errorOf(halo.researcher.refund(unknown)))['reason'], 'REQUEST_UNKNOWN')
  const other = { ...unknown, dataset: request.recipientKeyHash as unknown as typeof request.dataset }
  assert.is((await errorOf(halo.researcher.request(other, COMMITMENT)))['reason'], 'REQUEST_MISMATCH')
  const thief = { ...unknown, patient: halo.researcher.account }
  assert.is((await errorOf(halo.researcher.request(thief, COMMITMENT)))['reason'], 'REQUEST_MISMATCH')
  assert.is((await errorOf(halo.researcher.settle(request)))['reason'], 'NOT_ANSWERED')
  const nothing = await errorOf(halo.researcher.withdraw(halo.researcher.account, NATIVE_COIN))
  assert.match(String(nothing['message']), 'nothing to withdraw')
  const late = await draftRequest(halo, request.dataset, { answerBySec: 1 })
  assert.match(String((await errorOf(halo.researcher.request(late, COMMITMENT)))['message']), '90 days')
})

test('keeps a private key out of the error about it', async () => {
  await using halo = await startHalo()
  const key = `${keyOf(halo.anvil, 0)}ff`
  const error = await errorOf(openAccount({ rpcUrl: halo.anvil.rpcUrl, signer: key }))
  assert.is(error['code'], 'SIGNER_BAD')
  assert.not.match(`${error['message']} ${JSON.stringify(error)}`, key.slice(2, 20))
})

test('stops when its caller does', async () => {
  await using halo = await startHalo()
  const reason = new Error('enough')
  const error = await errorOf(halo.ledger.members({ signal: AbortSignal.abort(reason) }))
  assert.is(error as unknown, reason)
  assert.not.instance(error, ChainError)
})

test('sends twenty transactions at once, and goes on after one that failed', async () => {
  await using halo = await startHalo()
  const dataset = await anchorDataset(halo)
  const drafts = await Promise.all(Array.from({ length: 20 }, () => draftRequest(halo, dataset)))
  const txs = await Promise.all(drafts.map((draft) => halo.researcher.request(draft, COMMITMENT)))
  assert.is(new Set(txs.map(({ hash }) => hash)).size, 20)
  await errorOf(halo.researcher.request(await draftRequest(halo, dataset, { accessForSec: 1 }), COMMITMENT))
  await halo.researcher.request(await draftRequest(halo, dataset), COMMITMENT)
  // Another process with the same key takes a nonce in between.
  const twin = await openWriter(halo.ledger, keyOf(halo.anvil, 1))
  await twin.request(await draftRequest(halo, dataset), COMMITMENT)
  await halo.researcher.request(await draftRequest(halo, dataset), COMMITMENT)
})

test('anchors roots of a log that only grows, and tells where and when each is on chain', async () => {
  await using halo = await startHalo()
  const { ledger } = halo
  const { writer } = firstOf(halo.operators)
  const [one, two] = [parseBytes32(`0x${'1'.repeat(64)}`), parseBytes32(`0x${'2'.repeat(64)}`)]
  assert.is(await ledger.anchoredHead(writer.account), null)
  const tx = await writer.anchorRoot(3, one)
  const anchored = await ledger.rootAnchor(writer.account, 3, one)
  const header = await ledger.connection.header(tx.block)
  assert.equal(anchored, { atSec: header?.timeSec, block: tx.block, txHash: tx.hash })
  await writer.anchorRoot(3, one)
  assert.equal(await ledger.rootAnchor(writer.account, 3, one), anchored)
  const fork = await errorOf(writer.anchorRoot(3, two))
  assert.equal([fork['reason'], fork['details']], ['CHAIN_REFUSED', { error: 'RootConflict' }])
  assert.match(String((await errorOf(writer.anchorRoot(2, two)))['message']), 'newer copy')
  assert.is(await ledger.rootAnchor(writer.account, 3, two), null)
  assert.is(await ledger.rootAnchor(halo.researcher.account, 3, one), null)
  assert.is((await errorOf(halo.researcher.anchorRoot(1, one)))['reason'], 'NOT_A_MEMBER')
  await writer.anchorRoot(4, two)
  const head = await ledger.anchoredHead(writer.account)
  assert.equal(head, { size: 4, rootStart: `0x${'2'.repeat(36)}` })
  assert.ok((await ledger.headBlock()) > tx.block)
})

test.run()
