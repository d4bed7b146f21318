import { gasOf, transactionsOf } from '@halo/chain'
import { requestIdOf } from '@halo/consent'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  anchorDataset,
  COMMITMENT,
  draftRequest,
  firstOf,
  makeRequest,
  signAnswer,
  signDeliveries,
  startHalo,
} from './local-halo.ts'

const test = suite('chain/transactions')

test('names each transaction of a request in order, with the gas and hash its sender was told', async () => {
  await using halo = await startHalo()
  const dataset = await anchorDataset(halo)
  const request = await draftRequest(halo, dataset)
  const { writer } = firstOf(halo.operators)
  const requested = await halo.researcher.request(request, COMMITMENT)
  const granted = await writer.answer('Grant', request, await signAnswer(halo, 'Grant', request))
  const settled = await writer.settleWithDeliveries(request, await signDeliveries(halo, request, 2))
  await makeRequest(halo)
  const id = requestIdOf(request, halo.deployment)
  assert.equal(await transactionsOf(halo.ledger, [id]), [
    { name: 'request', gas: requested.gas, hash: requested.hash },
    { name: 'grant', gas: granted.tx?.gas, hash: granted.tx?.hash },
    { name: 'settle', gas: settled.gas, hash: settled.hash },
  ])
  assert.is(await gasOf(halo.ledger, requested.hash), requested.gas)
})

test('tells refusals, withdrawals and refunds apart, and nothing of what was not asked for', async () => {
  await using halo = await startHalo()
  const { writer } = firstOf(halo.operators)
  const [declined, revoked] = [await makeRequest(halo), await makeRequest(halo)]
  await writer.answer('Decline', declined, await signAnswer(halo, 'Decline', declined))
  await writer.answer('Grant', revoked, await signAnswer(halo, 'Grant', revoked))
  await writer.answer('Revoke', revoked, await signAnswer(halo, 'Revoke', revoked))
  await writer.refund(declined)
  await writer.refund(revoked)
  const namesOf = async (request: typeof declined): Promise<readonly string[]> =>
    (await transactionsOf(halo.ledger, [requestIdOf(request, halo.deployment)])).map(({ name }) => name)
  assert.equal(await namesOf(declined), ['request', 'decline', 'refund'])
  assert.equal(await namesOf(revoked), ['request', 'grant', 'revoke', 'refund'])
  assert.equal(await transactionsOf(halo.ledger, []), [])
})

test.run()
