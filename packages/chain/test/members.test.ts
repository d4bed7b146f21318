import type { ChainLedger } from '@halo/chain'
import {
  admitPeer,
  announceAddresses,
  ChainError,
  changePeer,
  openAccount,
  readAdmissions,
} from '@halo/chain'
import type { Hex } from '@halo/consent'
import { parseAddress } from '@halo/consent'
import { concat, id, toBeHex, zeroPadBytes } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { errorOf, keyOf, profile, startHalo } from './local-halo.ts'

const test = suite('chain/members')

test('lists peers in order of admission with their profiles, suspended ones too', async () => {
  await using halo = await startHalo()
  const members = await halo.ledger.members()
  const expected = halo.operators.map(({ writer }, index) => ({
    operator: writer.account,
    ...profile(index),
    isActive: true,
  }))
  assert.equal(members, expected)
  const [first, second] = halo.operators
  assert.ok(first && second)
  await changePeer(halo.admin, halo.deployment, 'suspend', first.writer.account)
  assert.equal(
    (await halo.ledger.members()).map(({ isActive }) => isActive),
    [false, true, true],
  )
  await changePeer(halo.admin, halo.deployment, 'remove', first.writer.account)
  await admitPeer(halo.admin, halo.deployment, { operator: first.writer.account, ...profile(0) })
  const peerIds = (await halo.ledger.members()).map(({ peerId }) => peerId)
  assert.equal(
    peerIds,
    [1, 2, 0].map((index) => profile(index).peerId),
  )
})

test('follows a peer that moves twice, also within the cache of earlier answers', async () => {
  await using halo = await startHalo()
  await halo.ledger.members()
  await using peer = await openAccount({ rpcUrl: halo.anvil.rpcUrl, signer: keyOf(halo.anvil, 3) })
  const moved = ['/ip4/127.0.0.1/tcp/9999', '/ip4/127.0.0.1/tcp/9998/ws']
  await announceAddresses(peer, halo.deployment, ['/ip4/127.0.0.1/tcp/1'])
  await announceAddresses(peer, halo.deployment, moved)
  const members = await halo.ledger.members()
  assert.equal(members.find(({ operator }) => operator === peer.address)?.addresses, moved)
  assert.equal(members[0]?.addresses, profile(0).addresses)
})

test('leaves out a peer that announced what is no text, and nobody else', async () => {
  await using halo = await startHalo()
  await using peer = await openAccount({ rpcUrl: halo.anvil.rpcUrl, signer: keyOf(halo.anvil, 3) })
  const { registry } = halo.deployment
  const words = [32n, 1n, 32n, 1n].map((word) => toBeHex(word, 32))
  const data = concat([id('announce(string[])').slice(0, 10), ...words, zeroPadBytes('0xff', 32)]) as Hex
  await peer.send({ name: 'announce', to: registry, data })
  const operators = (await halo.ledger.members()).map(({ operator }) => operator)
  assert.equal(
    operators,
    halo.operators.map(({ writer }) => writer.account).filter((operator) => operator !== peer.address),
  )
  await announceAddresses(peer, halo.deployment, ['/ip4/127.0.0.1/tcp/1'])
  assert.is((await halo.ledger.members()).length, halo.operators.length)
})

test('remembers by the events whom the registry forgot, once for each admission', async () => {
  await using halo = await startHalo()
  const [first, second, third] = halo.operators.map(({ writer }) => writer.account)
  assert.ok(first && second && third)
  for (const operator of [first, third]) await changePeer(halo.admin, halo.deployment, 'remove', operator)
  await admitPeer(halo.admin, halo.deployment, { operator: first, ...profile(7) })
  const { admissions, completeUntilSec } = await readAdmissions(halo.ledger)
  assert.equal(
    admissions.map(({ operator, peerId }) => [operator, peerId]),
    [
      [first, profile(0).peerId],
      [second, profile(1).peerId],
      [third, profile(2).peerId],
      [first, profile(7).peerId],
    ],
  )
  assert.is(completeUntilSec, await halo.ledger.chainTimeSec())
})

test('reads the events in halves where a node finds them too many, and says where its logs lack some', async () => {
  await using halo = await startHalo()
  const { connection } = halo.ledger
  const head = await connection.headBlock()
  let asked = 0
  const narrow: ChainLedger['connection'] = {
    ...connection,
    logs: async (filter, options) => {
      asked += 1
      if (filter.toBlock > filter.fromBlock) throw new ChainError('CHAIN_ANSWER_BAD', 'too many blocks')
      return connection.logs(filter, options)
    },
  }
  const whole = await readAdmissions(halo.ledger)
  assert.equal(await readAdmissions({ ...halo.ledger, connection: narrow }), whole)
  assert.ok(asked > 3)
  const forgetful: ChainLedger['connection'] = {
    ...connection,
    logs: (filter, options) => connection.logs({ ...filter, fromBlock: head }, options),
  }
  const { admissions, completeUntilSec } = await readAdmissions({ ...halo.ledger, connection: forgetful })
  assert.equal([admissions.length, completeUntilSec], [1, null])
})

test('takes no list for whole that lacks whoever was admitted last and removed, nor where nobody counts for it', async () => {
  await using halo = await startHalo()
  const { connection } = halo.ledger
  const [, , last] = halo.operators.map(({ writer }) => writer.account)
  assert.ok(last)
  await changePeer(halo.admin, halo.deployment, 'remove', last)
  const nowSec = await halo.ledger.chainTimeSec()
  const readWith = async (changes: Partial<ChainLedger['connection']>): Promise<readonly unknown[]> => {
    const ledger = { ...halo.ledger, connection: { ...connection, ...changes } }
    const { admissions, completeUntilSec } = await readAdmissions(ledger)
    return [admissions.length, completeUntilSec]
  }
  const logs: typeof connection.logs = async (filter, options) =>
    (await connection.logs(filter, options)).slice(0, 2)
  assert.equal(await readWith({}), [3, nowSec])
  assert.equal(await readWith({ logs }), [2, null])
  // Gateways refuse a method that they do not offer by an error of JSON-RPC, or by one of HTTP.
  for (const code of ['CHAIN_ANSWER_BAD', 'CHAIN_UNREACHABLE'] as const) {
    const storage: typeof connection.storage = async () => {
      throw new ChainError(code, 'no such method')
    }
    assert.equal(await readWith({ storage }), [3, null])
  }

  for (const { writer } of halo.operators.slice(0, 2))
    await changePeer(halo.admin, halo.deployment, 'remove', writer.account)
  assert.equal(
    await readWith({}),
    [3, await halo.ledger.chainTimeSec()],
    'its number outlives all who had one',
  )
  assert.equal(await readWith({ logs }), [2, null])
  assert.equal(await readWith({ logs: async () => [], storage: async () => 0n }), [0, null])
})

test('refuses admission by anyone but the admin, and an announcement by no member', async () => {
  await using halo = await startHalo()
  await using stranger = await openAccount({ rpcUrl: halo.anvil.rpcUrl, signer: keyOf(halo.anvil, 1) })
  const self = { operator: parseAddress(stranger.address), ...profile(9) }
  assert.is((await errorOf(admitPeer(stranger, halo.deployment, self)))['reason'], 'CHAIN_REFUSED')
  const announced = announceAddresses(stranger, halo.deployment, [])
  assert.is((await errorOf(announced))['reason'], 'NOT_A_MEMBER')
  const twice = admitPeer(halo.admin, halo.deployment, { ...self, ...profile(0) })
  assert.is((await errorOf(twice))['reason'], 'STORE_CONFLICT')
})

test('wires the contracts as Ignition does: the escrow and the consent registry know each other for good', async () => {
  await using halo = await startHalo()
  const { connection, deployment } = halo.ledger
  const read = async (contract: 'escrow' | 'consent' | 'anchor', getter: string): Promise<unknown> =>
    (await connection.call(contract, deployment[contract], getter, []))[0]
  assert.is(await read('escrow', 'registry'), deployment.registry)
  assert.is(await read('anchor', 'registry'), deployment.registry)
  assert.is(await read('escrow', 'consentRegistry'), deployment.consent)
  assert.is(await read('escrow', 'accessToken'), deployment.token)
  assert.is(await read('consent', 'escrow'), deployment.escrow)
  assert.is(await read('consent', 'registry'), deployment.registry)
  assert.is(await read('escrow', 'deliveryQuorum'), 2n)
})

test.run()
