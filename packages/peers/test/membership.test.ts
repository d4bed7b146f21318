import type { Host } from '@halo/peers'
import { createPeerKey, linkOver, openHost, openPeerLink, PROTOCOLS, peerIdOf } from '@halo/peers'
import type { MultiaddrConnection } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Channel } from '../src/channel.ts'
import { gateConnections } from '../src/membership.ts'
import { openChannel, openStranger, refusalOf } from './raw-stream.ts'
import { bytesOfSize, openPeer, REQUEST_ID, silent } from './service.ts'

const test = suite('peers/membership')
const PATIENCE = { timeoutMs: 30_000 }
const ANSWER = Uint8Array.of(1, 2, 3)
const IDS = await Promise.all([1, 2, 3].map(async () => peerIdOf(await createPeerKey())))
const QUERY = { requestId: REQUEST_ID, id: bytesOfSize(16), fromUnit: 0 }

test("a stranger's shard query is refused before it is read", async () => {
  await using peer = await openPeer()
  await using stranger = await openStranger()
  const client = linkOver(stranger.libp2p, { log: silent }).peer(peer.address)
  peer.kept.shards.set(Buffer.from(QUERY.id).toString('hex'), bytesOfSize(10))
  const refusal = await refusalOf(client.readShard(QUERY, {}))
  assert.equal([refusal.reason, refusal.peerId], ['NOT_A_MEMBER', peer.address.peerId])
  assert.equal(peer.kept.callers, [])
})

for (const isListed of [true, false]) {
  test(`a protocol that is not Halo's, such as bitswap, is ${isListed ? 'open to members' : 'shut to strangers'}`, async () => {
    await using asker = await openStranger()
    await using peer = await openPeer({ members: new Set(isListed ? [asker.peerId] : []) })
    await peer.host.libp2p.handle('/ipfs/bitswap/1.2.0', (stream) =>
      new Channel(stream).write([ANSWER], PATIENCE),
    )
    const channel = await openChannel(asker, peer, '/ipfs/bitswap/1.2.0')
    const outcome = await channel.read(10, PATIENCE).catch((error: { code?: unknown }) => error.code)
    assert.equal(outcome, isListed ? ANSWER : 'STREAM_CUT')
  })
}

test('a handler runs once for each stream, however many came before', async () => {
  await using asker = await openStranger()
  await using peer = await openPeer({ members: new Set([asker.peerId]) })
  let runs = 0
  await peer.host.libp2p.handle('/test/1', (stream) =>
    new Channel(stream).write([Uint8Array.of(++runs)], PATIENCE),
  )
  for (let at = 1; at <= 4; at++) {
    const channel = await openChannel(asker, peer, '/test/1')
    assert.equal(await channel.read(10, PATIENCE), Uint8Array.of(at))
    channel.reset()
  }
})

test('who is admitted or suspended is treated so at the next call', async () => {
  await using asker = await openStranger()
  const members = new Set<string>()
  await using peer = await openPeer({ members })
  peer.kept.shards.set(Buffer.from(QUERY.id).toString('hex'), bytesOfSize(10))
  const client = linkOver(asker.libp2p, { log: silent }).peer(peer.address)
  assert.is((await refusalOf(client.readShard(QUERY, {}))).reason, 'NOT_A_MEMBER')
  members.add(asker.peerId)
  assert.is((await refusalOf(client.readShard(QUERY, {}))).reason, 'none')
  members.delete(asker.peerId)
  assert.is((await refusalOf(client.readShard(QUERY, {}))).reason, 'NOT_A_MEMBER')
})

test('a suspended member that is hung up loses what runs, and comes back as a stranger', async () => {
  await using asker = await openStranger()
  const members = new Set([asker.peerId])
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    for (;;) yield bytesOfSize(1000)
  }
  await using peer = await openPeer({ members, override: () => ({ readShard: async () => endless() }) })
  const client = linkOver(asker.libp2p, { log: silent }).peer(peer.address)
  const units = (await client.readShard(QUERY, {}))[Symbol.asyncIterator]()
  assert.is((await units.next()).value.length, 1000)
  members.delete(asker.peerId)
  await peer.host.hangUp(asker.peerId)
  const drain = async (): Promise<void> => {
    while ((await units.next()).done !== true);
  }
  assert.is((await refusalOf(drain())).reason, 'TIMED_OUT')
  assert.is((await refusalOf(client.readShard(QUERY, {}))).reason, 'NOT_A_MEMBER')
})

test('a peer dials members only', async () => {
  await using other = await openPeer()
  const members = new Set<string>()
  await using peer = await openPeer({ members })
  const client = linkOver(peer.host.libp2p, { log: silent }).peer(other.address)
  const refusal = await refusalOf(client.status({ requestId: REQUEST_ID }, {}))
  assert.equal([refusal.reason, refusal.peerId], ['NOT_A_MEMBER', other.address.peerId])
  assert.equal(other.host.libp2p.getConnections(), [])
  members.add(other.address.peerId)
  assert.ok((await client.status({ requestId: REQUEST_ID }, {})).isNoticed)
})

for (const [claim, limits] of [
  ['strangers leave room for members', { maxStrangers: 2 }],
  ['strangers at one address leave room for those at others', { maxStrangersPerAddress: 2 }],
] as const) {
  test(claim, async () => {
    await using member = await openStranger()
    await using host = await openHost({
      privateKey: await createPeerKey(),
      listen: ['/ip4/127.0.0.1/tcp/0'],
      isMember: (peerId) => peerId === member.peerId,
      ...limits,
    })
    const [address = ''] = host.addresses
    await using first = await openStranger()
    await using second = await openStranger()
    await using third = await openStranger()
    await dialSeen(first, host, address)
    await dialSeen(second, host, address)
    // The one who is denied may see the connection open before it is cut.
    const closed = new Promise<void>((resolve) => {
      third.libp2p.addEventListener('connection:close', () => resolve(), { once: true })
    })
    await third.libp2p.dial(multiaddr(address)).then(
      () => closed,
      () => {},
    )
    await dialSeen(member, host, address)
    const connected = host.libp2p.getPeers().map(String).sort()
    assert.equal(connected, [first.peerId, second.peerId, member.peerId].sort())
  })
}

test('counts the strangers at each address apart', () => {
  const connectionOf = (peerId: string, address: string) => ({
    remotePeer: peerIdFromString(peerId),
    remoteAddr: multiaddr(address),
  })
  const [member = '', one = '', two = ''] = IDS
  const connections = [
    connectionOf(member, '/ip4/192.0.2.1/tcp/1'),
    connectionOf(one, '/ip4/192.0.2.1/tcp/2'),
    connectionOf(one, '/ip6/2001:db8::1/tcp/2'),
  ]
  const isMember = (peerId: string): boolean => peerId === member
  const deny = (peerId: string, address: string, limits: { total: number; perAddress: number }): unknown =>
    gateConnections(isMember, limits, () => connections).denyInboundEncryptedConnection?.(
      peerIdFromString(peerId),
      connectionOf(peerId, address) as unknown as MultiaddrConnection,
    )
  const limits = { total: 3, perAddress: 1 }
  assert.ok(deny(two, '/ip4/192.0.2.1/tcp/9', limits), 'the address has its one')
  assert.ok(deny(two, '/ip6/2001:db8::2/tcp/9', limits), 'the same /64')
  assert.not(deny(two, '/ip4/192.0.2.2/tcp/9', limits), 'another address')
  assert.not(deny(member, '/ip4/192.0.2.1/tcp/9', limits), 'a member')
  assert.ok(deny(two, '/ip4/192.0.2.2/tcp/9', { total: 2, perAddress: 1 }), 'in total')
})

/** Connects and waits until the other side counts the connection too. */
async function dialSeen(from: Host, to: Host, address: string): Promise<void> {
  const seen = new Promise<void>((resolve) => {
    to.libp2p.addEventListener('peer:connect', () => resolve(), { once: true })
  })
  await from.libp2p.dial(multiaddr(address))
  await seen
}

test('a client tells nothing of itself: it speaks no protocol and has a fresh id', async () => {
  await using peer = await openPeer()
  await using link = await openPeerLink({ log: silent })
  await using again = await openPeerLink({ log: silent })
  assert.is.not(link.peerId, again.peerId)
  await link.peer(peer.address).status({ requestId: REQUEST_ID }, {})
  const [caller] = peer.host.libp2p.getPeers()
  if (caller === undefined) throw new Error('Nobody is connected.')
  const known = await peer.host.libp2p.peerStore.get(caller)
  assert.equal(
    known.protocols.filter((protocol) => protocol !== PROTOCOLS.request),
    [],
  )
  assert.is(known.metadata.get('AgentVersion'), undefined)
})

test.run()
