import { readFile } from 'node:fs/promises'
import type { Address, Hex } from '@halo/consent'
import { Interface } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { LocalHalo } from './local-halo.ts'
import {
  anchorDataset,
  COMMITMENT,
  draftRequest,
  errorOf,
  firstOf,
  signAnswer,
  startHalo,
} from './local-halo.ts'

const test = suite('chain/erc20')
const MINT = new Interface(['function mint(address to, uint256 amount)'])

/** Deploys the test token and gives the researcher some of it. */
async function deployToken(halo: LocalHalo, amount: bigint): Promise<Address> {
  const text = await readFile(new URL('plain-token.json', import.meta.url), 'utf8')
  const { bytecode }: { readonly bytecode: Hex } = JSON.parse(text)
  const { created } = await halo.admin.send({ name: 'deploy', to: null, data: bytecode })
  if (created === null) throw new Error('not created')
  const data = MINT.encodeFunctionData('mint', [halo.researcher.account, amount]) as Hex
  await halo.admin.send({ name: 'mint', to: created, data })
  return created
}

test('pays a request in an ERC-20, allows exactly its cost, and pays it out', async () => {
  await using halo = await startHalo()
  const currency = await deployToken(halo, 1_000n)
  const request = await draftRequest(halo, await anchorDataset(halo), {
    currency,
    price: 600n,
    relayFee: 40n,
  })
  await halo.researcher.request(request, COMMITMENT)
  assert.is(await halo.ledger.balanceOf(halo.researcher.account, currency), 360n)
  const args = [halo.researcher.account, halo.deployment.escrow]
  assert.is((await halo.ledger.connection.call('erc20', currency, 'allowance', args))[0], 0n)
  const { writer } = firstOf(halo.operators)
  await writer.answer('Grant', request, await signAnswer(halo, 'Grant', request))
  await halo.researcher.settle(request)
  await writer.withdraw(request.patient, currency)
  await writer.withdraw(writer.account, currency)
  assert.is(await halo.ledger.balanceOf(request.patient, currency), 600n)
  assert.is(await halo.ledger.balanceOf(writer.account, currency), 40n)
})

test('says how much of the token is missing, and sends nothing', async () => {
  await using halo = await startHalo()
  const currency = await deployToken(halo, 10n)
  const request = await draftRequest(halo, await anchorDataset(halo), { currency, price: 11n, relayFee: 0n })
  const block = await halo.ledger.connection.headBlock()
  const error = await errorOf(halo.researcher.request(request, COMMITMENT))
  assert.is(error['code'], 'INSUFFICIENT_FUNDS')
  assert.match(String(error['message']), /owns 10 units .* needs 11/)
  assert.is(await halo.ledger.connection.headBlock(), block)
})

test.run()
