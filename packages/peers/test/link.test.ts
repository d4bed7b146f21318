import { createServer } from 'node:net'
import { createPeerKey, linkOver, openPeerLink, peerIdOf, seedOf } from '@halo/peers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openStranger, refusalOf } from './raw-stream.ts'
import { bytesOfSize, joined, openPeer, REQUEST_ID, SIGNATURE, silent } from './service.ts'

const test = suite('peers/link')
const QUERY = { requestId: REQUEST_ID }
const PROOF = { requestId: REQUEST_ID, beforeSec: 1, signature: '0xab' } as const

test('names peer and remedy when a peer cannot be reached', async () => {
  await using link = await openPeerLink({ log: silent })
  const address = await (async () => {
    await using peer = await openPeer()
    return peer.address
  })()
  const refusal = await refusalOf(link.peer(address).status(QUERY, {}))
  assert.equal([refusal.reason, refusal.peerId], ['TIMED_OUT', address.peerId])
  assert.match(refusal.message, `Peer ${address.peerId} cannot be reached. Check its addresses`)
})

test('gives up connecting in time when nobody answers at the address', async () => {
  const mute = createServer(() => {})
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
  const { port } = mute.address() as { port: number }
  await using link = await openPeerLink({ log: silent, connectTimeoutMs: 300 })
  const peerId = peerIdOf(await createPeerKey())
  const refusal = await refusalOf(
    link.peer({ peerId, addresses: [`/ip4/127.0.0.1/tcp/${port}`] }).status(QUERY, {}),
  )
  mute.close()
  assert.equal([refusal.reason, refusal.peerId], ['TIMED_OUT', peerId])
})

for (const [what, addresses] of [
  ['no address', []],
  ['an address that is none', ['nonsense']],
] as const) {
  test(`refuses a peer with ${what}`, async () => {
    await using link = await openPeerLink({ log: silent })
    const peerId = peerIdOf(await createPeerKey())
    assert.is((await refusalOf(link.peer({ peerId, addresses }).status(QUERY, {}))).reason, 'TIMED_OUT')
  })
}

test('does not talk to another peer that listens at the address', async () => {
  await using peer = await openPeer()
  await using link = await openPeerLink({ log: silent })
  const peerId = peerIdOf(await createPeerKey())
  const addresses = peer.address.addresses.map((address) => address.replace(/\/p2p\/.*/, ''))
  assert.is((await refusalOf(link.peer({ peerId, addresses }).status(QUERY, {}))).reason, 'TIMED_OUT')
  assert.equal(peer.kept.callers, [])
})

test('tries the other addresses when one is dead and one is none', async () => {
  await using peer = await openPeer()
  await using link = await openPeerLink({ log: silent })
  const { peerId, addresses } = peer.address
  const client = link.peer({ peerId, addresses: ['nonsense', '/ip4/127.0.0.1/tcp/1', ...addresses] })
  assert.ok((await client.status(QUERY, {})).isNoticed)
})

test('keeps one connection for many calls', async () => {
  await using peer = await openPeer()
  await using link = await openPeerLink({ log: silent })
  const client = link.peer(peer.address)
  await Promise.all(Array.from({ length: 5 }, () => client.status(QUERY, {})))
  await client.status(QUERY, {})
  assert.is(peer.host.libp2p.getConnections().length, 1)
})

test('a peer that is killed in the middle of a delivery is an error with a reason', async () => {
  const peer = await openPeer({
    override: () => ({
      collect: async () => ({
        manifest: bytesOfSize(1),
        grant: SIGNATURE,
        sealedBytes: 3000,
        sealed: half(),
      }),
    }),
  })
  const half = async function* (): AsyncGenerator<Uint8Array> {
    yield bytesOfSize(1000)
    await new Promise(() => {})
  }
  await using link = await openPeerLink({ log: silent })
  const { sealed } = await link.peer(peer.address).collect(PROOF, {})
  const frames = sealed[Symbol.asyncIterator]()
  assert.is((await frames.next()).value.length, 1000)
  const reading = refusalOf(frames.next())
  for (const connection of peer.host.libp2p.getConnections()) connection.abort(new Error('killed'))
  await peer[Symbol.asyncDispose]()
  const refusal = await reading
  assert.equal([refusal.reason, refusal.peerId], ['TIMED_OUT', peer.address.peerId])
  assert.match(refusal.message, /broke off before the end/)
})

test('a peer that is stopped in the middle of a call is an error with a reason', async () => {
  const asked = Promise.withResolvers<void>()
  const peer = await openPeer({
    override: () => ({
      status: () => {
        asked.resolve()
        return new Promise(() => {})
      },
    }),
  })
  await using link = await openPeerLink({ log: silent })
  const refusal = refusalOf(link.peer(peer.address).status(QUERY, {}))
  await asked.promise
  await peer[Symbol.asyncDispose]()
  assert.equal([(await refusal).reason, (await refusal).peerId], ['BUSY', peer.address.peerId])
})

test('connects again after the peer was restarted at the same address', async () => {
  const key = await createPeerKey()
  const first = await openPeer({ key, listen: ['/ip4/127.0.0.1/tcp/0'] })
  const { address } = first
  await using link = await openPeerLink({ log: silent })
  const client = link.peer(address)
  await client.status(QUERY, {})
  await first[Symbol.asyncDispose]()
  assert.is((await refusalOf(client.status(QUERY, {}))).reason, 'TIMED_OUT')
  const again = await createPeerKey(seedOf(key))
  const listen = address.addresses.map((text) => text.replace(/\/p2p\/.*/, ''))
  await using _second = await openPeer({ key: again, listen })
  assert.ok((await client.status(QUERY, {})).isNoticed)
})

test('gives up on a peer that does not answer', async () => {
  await using peer = await openPeer({ override: () => ({ status: () => new Promise(() => {}) }) })
  await using link = await openPeerLink({ log: silent, timeoutMs: 1000 })
  const refusal = await refusalOf(link.peer(peer.address).status(QUERY, {}))
  assert.equal([refusal.reason, refusal.peerId], ['TIMED_OUT', peer.address.peerId])
  assert.match(refusal.message, /did not answer in time/)
})

test("an aborted call rejects with the caller's reason, before it connects too", async () => {
  await using peer = await openPeer({ override: () => ({ status: () => new Promise(() => {}) }) })
  await using link = await openPeerLink({ log: silent })
  const reason = new RangeError('enough')
  const client = link.peer(peer.address)
  for (const signal of [AbortSignal.abort(reason), abortSoon(reason)])
    await client.status(QUERY, { signal }).then(
      () => assert.unreachable(),
      (error: unknown) => assert.is(error, reason),
    )
})

function abortSoon(reason: unknown): AbortSignal {
  const controller = new AbortController()
  setImmediate(() => controller.abort(reason))
  return controller.signal
}

test('what does not fit the wire is not sent', async () => {
  await using peer = await openPeer()
  await using link = await openPeerLink({ log: silent })
  const share = { id: bytesOfSize(15), sealed: bytesOfSize(10) }
  assert.is((await refusalOf(link.peer(peer.address).storeShare(share, {}))).reason, 'MALFORMED')
  assert.equal(peer.host.libp2p.getConnections(), [])
})

test("a link over a peer's own node is that peer, and disposing it leaves the node running", async () => {
  await using peer = await openPeer()
  await using host = await openStranger()
  {
    await using link = linkOver(host.libp2p, { log: silent })
    assert.is(link.peerId, host.peerId)
    await link.peer(peer.address).status(QUERY, {})
  }
  assert.is(host.libp2p.status, 'started')
  assert.is(peer.kept.callers[0]?.peerId, host.peerId)
})

test('collects nothing of a peer that holds nothing', async () => {
  await using peer = await openPeer()
  await using link = await openPeerLink({ log: silent })
  const { sealed, sealedBytes } = await link.peer(peer.address).collect(PROOF, {})
  assert.is(sealedBytes, 0)
  assert.is((await joined(sealed)).length, 0)
})

test.run()
