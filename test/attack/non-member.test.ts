import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { changePeer, openWriter } from '@halo/chain'
import type { Hex } from '@halo/consent'
import { hexOf } from '@halo/consent'
import { openHeliaBlockStore } from '@halo/ipfs'
import type { PeerKey } from '@halo/peers'
import { createPeerKey, linkOver, openHost } from '@halo/peers'
import { parseEther, Wallet } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { LocalNetwork } from '../fixture/local-network.ts'
import { startLocalNetwork } from '../fixture/local-network.ts'
import { answerOf, askAgain, askFresh, publishFresh } from './agreement.ts'
import { admitInsider, askShards, openStranger, untilMembers } from './asking.ts'

const test = suite('attack/non-member')
const SMALL = { dataShards: 2, parityShards: 1, threshold: 2 }

test('strangers and suspended members get no shard by the protocol and none over bitswap', async () => {
  await using network = await startLocalNetwork({ peers: 3, quorum: 2 })
  await using stranger = await openStranger()
  await using insider = await admitInsider(network)
  // Its own identity: peers answer over any connection to an id, and a link does not speak bitswap.
  await using swapper = await admitInsider(network)
  const patient = await publishFresh(network, randomBytes(50_000), SMALL)
  const asker = await askFresh(network, patient)
  await patient.wallet.approve(asker.id)
  const { shards } = patient.placement
  const [first, second] = shards
  assert.ok(first && second)

  await using asStranger = await openSwap(network, 'stranger', await createPeerKey())
  await using asMember = await openSwap(network, 'member', swapper.keys.peerKey)
  assert.equal(await askShards(network, stranger, asker.id, shards), ['NOT_A_MEMBER'])
  assert.is(await asStranger.fetch(first.cid), 'SHARD_UNREACHABLE')
  assert.equal(await askShards(network, insider.link, asker.id, shards), ['GIVEN'], 'a member is served')
  assert.is(
    await asMember.fetch(first.cid),
    'SHARD_UNREACHABLE',
    'bitswap knows no rule, so it serves nobody',
  )

  for (const { keys } of [insider, swapper])
    await changePeer(network.admin, network.deployment, 'suspend', keys.operator)
  await untilMembers(network, 3)
  assert.equal(await askShards(network, insider.link, asker.id, shards), ['NOT_A_MEMBER'])
  assert.is(await asMember.fetch(second.cid), 'SHARD_UNREACHABLE', 'over the node that was served before')
  await asMember[Symbol.asyncDispose]()
  await using again = await openSwap(network, 'member-again', swapper.keys.peerKey)
  assert.is(await again.fetch(second.cid), 'SHARD_UNREACHABLE')
})

test('who is not an active operator earns nothing by relaying an answer', async () => {
  await using network = await startLocalNetwork({ peers: 3, quorum: 2 })
  await using insider = await admitInsider(network)
  await changePeer(network.admin, network.deployment, 'suspend', insider.keys.operator)
  await untilMembers(network, 3)
  const patient = await publishFresh(network, randomBytes(20_000), SMALL)
  const { research, signer, own, id, parts } = await askFresh(network, patient, { relayFee: 1000n })
  const second = await askAgain(research, patient, { relayFee: 1000n })
  const outsiders = [hexOf(randomBytes(32)), insider.keys.operatorKey] as const
  const asked = [{ own, id }, second] as const

  for (const [at, key] of outsiders.entries()) {
    const request = asked[at]
    assert.ok(request)
    const account = await fund(network, key)
    const writer = await openWriter(network.ledger, key)
    const grant = await answerOf(network, 'Grant', request, patient.key, null)
    const relayed = await writer.answer('Grant', request.own.request, grant.signature)
    assert.ok(relayed.isFirst, 'an answer may come through anybody')
    const { currency, researcher } = request.own.request
    assert.is(await network.ledger.creditOf(account, currency), 0n)
    const before = await network.ledger.creditOf(researcher, currency)
    await parts.writer.settle(request.own.request)
    assert.is((await network.ledger.creditOf(researcher, currency)) - before, 1000n, 'the fee goes back')
  }
  const third = await askAgain(research, patient, { relayFee: 1000n })
  await patient.wallet.approve(third.id)
  const credits = network.peers.map((peer) =>
    network.ledger.creditOf(peer.keys.operator, third.own.request.currency),
  )
  const earned = (await Promise.all(credits)).reduce((sum, credit) => sum + credit, 0n)
  assert.is(earned, 1000n, 'one registered peer earns it, once')
  assert.is(signer.address, third.own.request.researcher)
})

async function fund(network: LocalNetwork, key: Hex): Promise<typeof network.admin.address> {
  const address = new Wallet(key).address as typeof network.admin.address
  await network.admin.send({ name: 'fund', to: address, data: '0x', value: parseEther('1') })
  return address
}

/** A node with its own blocks, connected to every peer, which asks them over bitswap. */
async function openSwap(
  network: LocalNetwork,
  name: string,
  privateKey: PeerKey,
): Promise<AsyncDisposable & { fetch(cid: string): Promise<string> }> {
  await using opening = new AsyncDisposableStack()
  const host = opening.use(await openHost({ privateKey, listen: [], isMember: () => true }))
  const link = linkOver(host.libp2p, { log: () => undefined })
  const dir = join(network.dir, `swap-${name}`)
  const log = (): void => undefined
  const blocks = opening.use(
    await openHeliaBlockStore({ dir, libp2p: host.libp2p, log, fetchTimeoutMs: 3000 }),
  )
  const connect = async (): Promise<void> => {
    const peers = (await network.ledger.members()).filter((member) => member.addresses.length > 0)
    for (const peer of peers) await link.peer(peer).catalogue({ after: null, limit: 1 }, {})
  }
  await connect()
  const running = opening.move()
  return {
    async fetch(cid) {
      await connect()
      try {
        await blocks.fetchShard(cid)
        return 'FETCHED'
      } catch (error) {
        return (error as { readonly code: string }).code
      }
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

test.run()
