import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { RefusedError } from '@halo/ports'
import { id as keccakOfText } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { TestPeer } from '../fixture/local-network.ts'
import { admitTestPeer, memorySink, startLocalNetwork, startTestPeer } from '../fixture/local-network.ts'
import { answerOf, askFresh, publishFresh } from './agreement.ts'
import {
  admitInsider,
  askAll,
  askPeer,
  askShards,
  memberOf,
  openStranger,
  outcomeOf,
  proofFor,
  until,
  untilMembers,
} from './asking.ts'

const test = suite('attack/revoked')

test('a withdrawal cuts running streams and closes every peer, before and after the chain has it', async () => {
  await using network = await startLocalNetwork()
  await using link = await openStranger()
  await using insider = await admitInsider(network)
  const { rpc } = network.ledger.connection
  const patient = await publishFresh(network, randomBytes(24 << 20))
  const { shards } = patient.placement
  const asker = await askFresh(network, patient)
  await patient.wallet.approve(asker.id)
  const grant = await answerOf(network, 'Grant', asker, patient.key, patient.holding.manifest)
  const prove = (peerId: string) => proofFor(network, asker.signer, asker.id, peerId)
  const [told, untold] = network.peers
  assert.ok(told && untold)
  const streams = [await startReading(told), await startReading(untold)] as const

  await rpc.send('evm_setAutomine', [false])
  const revoke = await answerOf(network, 'Revoke', asker, patient.key, null)
  const sinceMs = performance.now()
  const telling = outcomeOf(link.peer(await memberOf(network, told)).answer(revoke, {}))
  await until('the peer has taken the withdrawal', () => hasTaken(told))
  await assertCut(streams[0])
  assert.ok(performance.now() - sinceMs < 5000, 'cut within 5 s')
  assert.equal(await askPeer(network, link, told, asker.id, prove), ['WITHDRAWN', 'WITHDRAWN'])
  const own = shards.filter((shard) => shard.peerId === told.keys.peerId)
  assert.equal(await askShards(network, insider.link, asker.id, own), ['WITHDRAWN'])
  assert.is((await network.ledger.facts(asker.own.request)).consent, 'granted', 'the chain does not know yet')

  await rpc.send('evm_setAutomine', [true])
  await rpc.send('evm_mine', [])
  assert.is(await telling, 'GIVEN')
  await until('the chain shows the withdrawal', async () => {
    return (await network.ledger.facts(asker.own.request)).consent === 'revoked'
  })
  await until('the other peer heard of it from the chain', () => heardAnswers(untold, 2))
  await assertCut(streams[1])
  assert.equal(await askAll(network, link, asker.id, prove), ['WITHDRAWN'])
  assert.equal(await askShards(network, insider.link, asker.id, shards), ['WITHDRAWN'])

  for (const peer of network.peers)
    await outcomeOf(link.peer(await memberOf(network, peer)).answer(grant, {}))
  const replayed = asker.parts.writer.answer('Grant', asker.own.request, grant.signature)
  assert.is(await outcomeOf(replayed), 'WITHDRAWN', 'the contract takes no grant twice')
  assert.equal(await askAll(network, link, asker.id, prove), ['WITHDRAWN'], 'nor do the peers')

  /** A collection whose reader has taken one piece and waits. */
  async function startReading(peer: TestPeer): Promise<AsyncIterator<Uint8Array>> {
    const client = link.peer(await memberOf(network, peer))
    const delivery = await client.collect(await prove(peer.keys.peerId), {})
    const pieces = delivery.sealed[Symbol.asyncIterator]()
    assert.not.ok((await pieces.next()).done)
    return pieces
  }
})

test('a researcher who is collecting when the patient withdraws is left with nothing', async () => {
  await using network = await startLocalNetwork({ peers: 3, quorum: 2 })
  const options = { dataShards: 2, parityShards: 1, threshold: 2 }
  const patient = await publishFresh(network, randomBytes(16 << 20), options)
  const asker = await askFresh(network, patient)
  await patient.wallet.approve(asker.id)
  const sink = memorySink()
  let isWithdrawn = false
  const collecting = asker.research.collect(asker.id, async () => {
    const opened = await sink.open()
    return {
      ...opened,
      async write(piece) {
        if (!isWithdrawn) await patient.wallet.withdraw(asker.id)
        isWithdrawn = true
        await opened.write(piece)
      },
    }
  })
  assert.is(await outcomeOf(collecting), 'WITHDRAWN')
  assert.ok(isWithdrawn)
  assert.is(sink.committed(), null)
})

test('a withdrawal that comes while a peer reads the chain counts', async () => {
  await using network = await startLocalNetwork({ peers: 2, quorum: 2 })
  await using link = await openStranger()
  await using slowChain = await openSlowChain(network.anvil.rpcUrl)
  const chain = { rpcUrl: slowChain.url, deployment: network.deployment }
  const slow = await startTestPeer('slow', join(network.dir, 'slow'), chain)
  await using _ = { [Symbol.asyncDispose]: () => slow.stop() }
  await admitTestPeer(network.admin, network.deployment, slow)
  await untilMembers(network, 3)
  const options = { dataShards: 2, parityShards: 1, threshold: 2 }
  const patient = await publishFresh(network, randomBytes(20_000), options)
  const asker = await askFresh(network, patient)
  await patient.wallet.approve(asker.id)
  const client = link.peer(await memberOf(network, slow))
  const proof = await proofFor(network, asker.signer, asker.id, slow.keys.peerId)
  const revoke = await answerOf(network, 'Revoke', asker, patient.key, null)

  const gate = slowChain.hold(keccakOfText(FACTS_SIGNATURE).slice(0, 10))
  const asked = [outcomeOf(client.release(proof, {})), outcomeOf(client.collect(proof, {}))]
  await gate.untilHeld(2)
  const telling = outcomeOf(client.answer(revoke, {}))
  await until('the peer has taken the withdrawal', () => hasTaken(slow))
  gate.open()
  assert.equal(await Promise.all(asked), ['WITHDRAWN', 'WITHDRAWN'])
  await telling
})

const FACTS_SIGNATURE =
  'factsOf((bytes32,address,address,bytes32,bytes32,address,uint128,uint128,uint64,uint64,bytes32))'

/** A chain node's address that answers when it is let, for the calls that are held. */
async function openSlowChain(rpcUrl: string): Promise<
  AsyncDisposable & {
    readonly url: string
    /** Holds the answers of calls to one function until it is opened. */
    hold(selector: string): { untilHeld(count: number): Promise<void>; open(): void }
  }
> {
  let holding: { readonly selector: string; readonly opened: Promise<void>; held: number } | null = null
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString('utf8')
    const answer = await fetch(rpcUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    const text = await answer.text()
    if (holding !== null && body.includes(holding.selector)) {
      holding.held++
      await holding.opened
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold(selector) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const held = { selector, opened: promise, held: 0 }
      holding = held
      return {
        untilHeld: (count) => until(`${count} calls are held`, () => held.held >= count),
        open: resolve,
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Reads on until the peer breaks off; it must say why, well before the end. */
async function assertCut(pieces: AsyncIterator<Uint8Array>): Promise<void> {
  let readBytes = 0
  try {
    for (let next = await pieces.next(); !next.done; next = await pieces.next())
      readBytes += next.value.length
    assert.unreachable('the stream was read to its end')
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error
    assert.is(error.reason, 'WITHDRAWN')
    assert.ok(readBytes < 4 << 20, 'no more than what was under way')
  }
}

/** Whether a peer has checked and stored a withdrawal. */
function hasTaken(peer: TestPeer): boolean {
  return peer.log.some(({ event, fields }) => event === 'answer-taken' && fields['kind'] === 'Revoke')
}

/** Whether a peer has handled so many answers from the chain, by its own metrics. */
async function heardAnswers(peer: TestPeer, count: number): Promise<boolean> {
  const metrics = await (await fetch(`http://127.0.0.1:${peer.node?.statusPort}/metrics`)).text()
  const [, heard = '0'] = /^halo_chain_events_total\{kind="answered"\} (\d+)$/m.exec(metrics) ?? []
  return Number(heard) >= count
}

test.run()
