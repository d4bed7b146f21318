import { linkOver, openPeerLink, PROTOCOLS, WIRE_LIMITS } from '@halo/peers'
import { RefusedError } from '@halo/ports'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { encodeRequest } from '../src/wire/messages.ts'
import { openChannel, openStranger, refusalOf } from './raw-stream.ts'
import { bytesOfSize, joined, openPeer, REQUEST_ID, SIGNATURE, silent, unitsOf } from './service.ts'

const test = suite('peers/streams')
const MIB = 1 << 20
const ID = bytesOfSize(16)
const PROOF = { requestId: REQUEST_ID, beforeSec: 1, signature: '0xab' } as const
const PATIENCE = { timeoutMs: 30_000 }

/** Lets everything that is under way happen: turns of the event loop, no time. */
async function settle(turns = 200): Promise<void> {
  for (let at = 0; at < turns; at++) await new Promise((resolve) => setImmediate(resolve))
}

test('stores and collects 20 MiB whole', async () => {
  await using peer = await openPeer()
  await using link = await openPeerLink({ log: silent })
  const client = link.peer(peer.address)
  const shard = bytesOfSize(20 * MIB)
  const deposit = { id: ID, sizeBytes: shard.length, unitBytes: MIB, units: unitsOf(shard, MIB) }
  assert.is((await client.storeShard(deposit, {})).sizeBytes, shard.length)
  const delivery = await client.collect(PROOF, {})
  assert.is(Buffer.compare(await joined(delivery.sealed), shard), 0)
})

test('a slow reader of 20 MiB never has more than the window under way', async () => {
  let produced = 0
  const source = async function* (): AsyncGenerator<Uint8Array> {
    while (produced < 20) yield new Uint8Array(MIB).fill(produced++)
  }
  await using peer = await openPeer({
    override: () => ({
      collect: async () => ({ manifest: ID, grant: SIGNATURE, sealedBytes: 20 * MIB, sealed: source() }),
    }),
  })
  await using link = await openPeerLink({ log: silent })
  const { sealed } = await link.peer(peer.address).collect(PROOF, {})
  let read = 0
  let most = 0
  for await (const frame of sealed) {
    assert.is(frame[0], read)
    read++
    await settle()
    most = Math.max(most, produced - read)
  }
  assert.is(read, 20)
  assert.ok(most >= 2 && most <= WIRE_LIMITS.windowFrames, `${most} frames under way`)
})

test('a peer that is slow to write 20 MiB never has more than the window under way', async () => {
  let produced = 0
  let read = 0
  let most = 0
  const units = async function* (): AsyncGenerator<Uint8Array> {
    while (produced < 20) yield new Uint8Array(MIB).fill(produced++)
  }
  await using peer = await openPeer({
    override: (service) => ({
      storeShard: async (deposit, caller) => {
        for await (const unit of deposit.units) {
          assert.is(unit[0], read)
          read++
          await settle()
          most = Math.max(most, produced - read)
        }
        return service.storeShare({ id: ID, sealed: ID }, caller)
      },
    }),
  })
  await using link = await openPeerLink({ log: silent })
  await link
    .peer(peer.address)
    .storeShard({ id: ID, sizeBytes: 20 * MIB, unitBytes: MIB, units: units() }, {})
  assert.is(read, 20)
  assert.ok(most >= 2 && most <= WIRE_LIMITS.windowFrames, `${most} frames under way`)
})

test('a refusal half-way through a deposit reaches the client and stops it', async () => {
  let produced = 0
  const units = async function* (): AsyncGenerator<Uint8Array> {
    while (produced++ < 50) yield new Uint8Array(5000)
  }
  await using peer = await openPeer({
    override: () => ({
      storeShard: async ({ units: incoming }) => {
        for await (const _unit of incoming) throw new RefusedError('STORE_CONFLICT')
        throw new Error('not reached')
      },
    }),
  })
  await using link = await openPeerLink({ log: silent })
  const deposit = { id: ID, sizeBytes: 250_000, unitBytes: 5000, units: units() }
  const refusal = await refusalOf(link.peer(peer.address).storeShard(deposit, {}))
  assert.equal([refusal.reason, refusal.peerId], ['STORE_CONFLICT', peer.address.peerId])
  assert.ok(produced <= WIRE_LIMITS.windowFrames + 1, `${produced} units were taken`)
})

test('a deposit that is refused at once is not read at all', async () => {
  let isRead = false
  const units = async function* (): AsyncGenerator<Uint8Array> {
    isRead = true
    yield ID
  }
  await using peer = await openPeer({
    override: () => ({ storeShard: () => Promise.reject(new RefusedError('STORE_CONFLICT')) }),
  })
  await using link = await openPeerLink({ log: silent })
  const deposit = { id: ID, sizeBytes: 16, unitBytes: 16, units: units() }
  assert.is((await refusalOf(link.peer(peer.address).storeShard(deposit, {}))).reason, 'STORE_CONFLICT')
  assert.not(isRead)
})

test('what the own source of a deposit throws reaches the caller, and the peer keeps nothing', async () => {
  await using peer = await openPeer()
  await using link = await openPeerLink({ log: silent })
  const failing = async function* (): AsyncGenerator<Uint8Array> {
    yield bytesOfSize(5000)
    throw new RangeError('own')
  }
  const deposit = { id: ID, sizeBytes: 10_000, unitBytes: 5000, units: failing() }
  await link
    .peer(peer.address)
    .storeShard(deposit, {})
    .then(
      () => assert.unreachable(),
      (error: unknown) => assert.instance(error, RangeError),
    )
  assert.is(peer.kept.shards.size, 0)
})

for (const [what, sizes] of [
  ['shorter than announced', [5000, 5000]],
  ['longer than announced', [5000, 5000, 5000, 5000]],
  ['with a short unit inside', [5000, 2500, 5000, 2500]],
  ['with a unit larger than announced', [5001, 5000, 4999]],
] as const) {
  test(`refuses a deposit ${what} as MALFORMED`, async () => {
    await using peer = await openPeer()
    await using link = await openPeerLink({ log: silent })
    const units = async function* (): AsyncGenerator<Uint8Array> {
      for (const size of sizes) yield bytesOfSize(size)
    }
    const deposit = { id: ID, sizeBytes: 15_000, unitBytes: 5000, units: units() }
    assert.is((await refusalOf(link.peer(peer.address).storeShard(deposit, {}))).reason, 'MALFORMED')
    assert.is(peer.kept.shards.size, 0)
  })
}

test('a delivery that fails half-way ends with the reason, never as a short success', async () => {
  const failing = async function* (): AsyncGenerator<Uint8Array> {
    yield bytesOfSize(1000)
    throw new RefusedError('SHARDS_TOO_FEW')
  }
  await using peer = await openPeer({
    override: () => ({
      collect: async () => ({ manifest: ID, grant: SIGNATURE, sealedBytes: 2000, sealed: failing() }),
    }),
  })
  await using link = await openPeerLink({ log: silent })
  const { sealed } = await link.peer(peer.address).collect(PROOF, {})
  const refusal = await refusalOf(joined(sealed))
  assert.equal([refusal.reason, refusal.peerId], ['SHARDS_TOO_FEW', peer.address.peerId])
})

for (const [what, sizes] of [
  ['fewer', [1000]],
  ['more', [1000, 1000, 1000]],
] as const) {
  test(`a delivery of ${what} bytes than announced fails`, async () => {
    const source = async function* (): AsyncGenerator<Uint8Array> {
      for (const size of sizes) yield bytesOfSize(size)
    }
    await using peer = await openPeer({
      override: () => ({
        collect: async () => ({ manifest: ID, grant: SIGNATURE, sealedBytes: 2000, sealed: source() }),
      }),
    })
    await using link = await openPeerLink({ log: silent })
    const { sealed } = await link.peer(peer.address).collect(PROOF, {})
    assert.is((await refusalOf(joined(sealed))).reason, 'MALFORMED')
  })
}

test('a reader that has seen enough ends the source at the peer', async () => {
  const ended = Promise.withResolvers<void>()
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield bytesOfSize(1000)
    } finally {
      ended.resolve()
    }
  }
  await using peer = await openPeer({
    override: () => ({
      collect: async () => ({ manifest: ID, grant: SIGNATURE, sealedBytes: 1e9, sealed: endless() }),
    }),
  })
  await using link = await openPeerLink({ log: silent })
  const { sealed } = await link.peer(peer.address).collect(PROOF, {})
  for await (const _frame of sealed) break
  await ended.promise
})

test('an aborted reader gets its own reason and the peer stops', async () => {
  const gone = Promise.withResolvers<void>()
  const controller = new AbortController()
  await using peer = await openPeer({
    override: () => ({
      collect: async (_proof, { signal }) => {
        signal.addEventListener('abort', () => gone.resolve())
        return { manifest: ID, grant: SIGNATURE, sealedBytes: 2000, sealed: silence() }
      },
    }),
  })
  const silence = async function* (): AsyncGenerator<Uint8Array> {
    yield bytesOfSize(1000)
    await new Promise(() => {})
  }
  await using link = await openPeerLink({ log: silent })
  const { sealed } = await link.peer(peer.address).collect(PROOF, { signal: controller.signal })
  const reading = joined(sealed)
  controller.abort(new RangeError('enough'))
  await reading.then(
    () => assert.unreachable(),
    (error: unknown) => assert.instance(error, RangeError),
  )
  await gone.promise
})

test('members read a shard from any unit on', async () => {
  await using stranger = await openStranger()
  await using peer = await openPeer({ members: new Set([stranger.peerId]) })
  const link = linkOver(stranger.libp2p, { log: silent })
  const shard = bytesOfSize(2500)
  peer.kept.shards.set(Buffer.from(ID).toString('hex'), shard)
  const units = await link.peer(peer.address).readShard({ requestId: REQUEST_ID, id: ID, fromUnit: 1 }, {})
  assert.equal(await joined(units), shard.slice(1000))
  assert.ok(peer.kept.callers.every(({ isMember }) => isMember))
  const missing = { requestId: REQUEST_ID, id: bytesOfSize(16, 9), fromUnit: 0 }
  assert.is((await refusalOf(link.peer(peer.address).readShard(missing, {}))).reason, 'NOT_HELD')
})

test('a sender that does not wait to be pulled is cut once the buffer is full', async () => {
  const gone = Promise.withResolvers<unknown>()
  await using peer = await openPeer({
    override: () => ({
      storeShard: (_deposit, { signal }) => {
        signal.addEventListener('abort', () => gone.resolve(signal.reason))
        return new Promise(() => {})
      },
    }),
  })
  await using sender = await openStranger()
  const channel = await openChannel(sender, peer, PROTOCOLS.store)
  await channel.write(
    [encodeRequest('storeShard', { id: ID, sizeBytes: 20 * MIB, unitBytes: MIB })],
    PATIENCE,
  )
  const flood = async (): Promise<void> => {
    for (let at = 0; at < 20; at++) await channel.write([Uint8Array.of(1), bytesOfSize(MIB)], PATIENCE)
  }
  await flood().then(
    () => assert.unreachable(),
    () => {},
  )
  assert.is(((await gone.promise) as { code?: unknown }).code, 'STREAM_CUT')
})

test.run()
