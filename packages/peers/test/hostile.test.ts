import type { ServeLimits } from '@halo/peers'
import { linkOver, openPeerLink, PROTOCOLS } from '@halo/peers'
import type { LogLevel } from '@halo/ports'
import { encode } from '@ipld/dag-cbor'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Channel } from '../src/channel.ts'
import { decodeGoAhead, encodeRequest } from '../src/wire/messages.ts'
import { endOf, openChannel, openRawStream, openStranger, prefixed, refusalOf } from './raw-stream.ts'
import { bytesOfSize, NOTICE, openPeer, REQUEST_ID, SIGNATURE, silent } from './service.ts'

const test = suite('peers/hostile')
const PATIENCE = { timeoutMs: 30_000 }
const STATUS = encodeRequest('status', { requestId: REQUEST_ID })

/** Sends bytes as they are and returns the refusal that comes back; then the stream must end. */
async function refusalFor(
  protocol: string,
  bytes: Uint8Array,
  limits: Partial<ServeLimits> = {},
): Promise<unknown> {
  await using peer = await openPeer({ limits })
  await using stranger = await openStranger()
  const stream = await openRawStream(stranger, peer, protocol)
  const closed = endOf(stream)
  const channel = new Channel(stream)
  if (bytes.length > 0) stream.send(bytes)
  const reply = decodeGoAhead(await channel.read(1000, PATIENCE))
  await closed
  assert.equal(peer.kept.callers, [], 'the service was not asked')
  return 'refused' in reply ? reply.refused : 'none'
}

const MALFORMED: Readonly<Record<string, Uint8Array>> = {
  'bytes that are no dag-cbor': prefixed(Uint8Array.of(0xff, 0xff)),
  'an empty message': prefixed(new Uint8Array()),
  'a message with an unknown key': prefixed(
    encode({ call: 'status', query: { requestId: new Uint8Array(32) }, more: 1 }),
  ),
  'a call of another protocol': prefixed(
    encode({
      call: 'release',
      query: { requestId: new Uint8Array(32), beforeSec: 1, signature: new Uint8Array(65) },
    }),
  ),
  'a length that is not canonical': Uint8Array.of(0x80 | STATUS.length, 0x00, ...STATUS),
}
for (const [what, bytes] of Object.entries(MALFORMED)) {
  test(`refuses ${what} as MALFORMED and ends the stream`, async () => {
    assert.is(await refusalFor(PROTOCOLS.request, bytes), 'MALFORMED')
  })
}

test('refuses a message longer than its protocol allows by its length alone', async () => {
  // 20 000 bytes are announced, none follows.
  assert.is(await refusalFor(PROTOCOLS.store, Uint8Array.of(0xa0, 0x9c, 0x01)), 'TOO_LARGE')
})

test('refuses a length of five bytes or more', async () => {
  assert.is(await refusalFor(PROTOCOLS.request, new Uint8Array(10).fill(0xff)), 'TOO_LARGE')
})

test('cuts a client that sends nothing', async () => {
  assert.is(await refusalFor(PROTOCOLS.request, new Uint8Array(), { requestTimeoutMs: 200 }), 'TIMED_OUT')
})

test('cuts a client that sends byte by byte', async () => {
  await using peer = await openPeer({ limits: { requestTimeoutMs: 1000 } })
  await using stranger = await openStranger()
  const stream = await openRawStream(stranger, peer, PROTOCOLS.request)
  const closed = endOf(stream)
  const message = prefixed(STATUS)
  let sent = 0
  const drip = setInterval(() => {
    if (stream.status === 'open' && sent < message.length - 1) stream.send(message.slice(sent, ++sent))
  }, 60)
  await closed
  clearInterval(drip)
  assert.ok(sent > 1 && sent < message.length - 1, `${sent} bytes were taken`)
  assert.equal(peer.kept.callers, [])
})

test('does not act on a request that breaks off', async () => {
  await using peer = await openPeer()
  await using stranger = await openStranger()
  const stream = await openRawStream(stranger, peer, PROTOCOLS.request)
  const closed = endOf(stream)
  stream.send(prefixed(STATUS).slice(0, -1))
  await stream.close()
  await closed
  assert.equal(peer.kept.callers, [])
})

test('cuts a client that stops in the middle of a deposit, and tells the service', async () => {
  const outcome = Promise.withResolvers<unknown>()
  await using peer = await openPeer({
    limits: { idleTimeoutMs: 200 },
    override: () => ({
      storeShard: async ({ units }) => {
        try {
          for await (const _unit of units);
        } catch (error) {
          outcome.resolve(error)
          throw error
        }
        throw new Error('not reached')
      },
    }),
  })
  await using stranger = await openStranger()
  const channel = await openChannel(stranger, peer, PROTOCOLS.store)
  const deposit = { id: bytesOfSize(16), sizeBytes: 10_000, unitBytes: 5000 }
  await channel.write([encodeRequest('storeShard', deposit)], PATIENCE)
  await channel.write([Uint8Array.of(1), bytesOfSize(5000)], PATIENCE)
  assert.is(((await outcome.promise) as { reason?: unknown }).reason, 'TIMED_OUT')
})

test('cuts a reader that pulls nothing', async () => {
  const ended = Promise.withResolvers<void>()
  const source = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield bytesOfSize(1000)
    } finally {
      ended.resolve()
    }
  }
  const frames = source()
  await frames.next()
  await using peer = await openPeer({
    limits: { idleTimeoutMs: 200 },
    override: () => ({
      collect: async () => ({ manifest: bytesOfSize(1), grant: SIGNATURE, sealedBytes: 9e9, sealed: frames }),
    }),
  })
  await using stranger = await openStranger()
  const stream = await openRawStream(stranger, peer, PROTOCOLS.collect)
  const closed = endOf(stream)
  stream.send(prefixed(encodeRequest('collect', { requestId: REQUEST_ID, beforeSec: 1, signature: '0xab' })))
  await closed
  await ended.promise
})

test('answers TIMED_OUT for a service that takes too long, and aborts it', async () => {
  const aborted = Promise.withResolvers<unknown>()
  await using peer = await openPeer({
    limits: { callTimeoutMs: 150 },
    override: () => ({
      status: (_query, { signal }) => {
        signal.addEventListener('abort', () => aborted.resolve(signal.reason))
        return new Promise(() => {})
      },
    }),
  })
  await using link = await openPeerLink({ log: silent })
  const refusal = await refusalOf(link.peer(peer.address).status({ requestId: REQUEST_ID }, {}))
  assert.equal([refusal.reason, refusal.peerId], ['TIMED_OUT', peer.address.peerId])
  assert.is(((await aborted.promise) as { name?: unknown }).name, 'TimeoutError')
})

test('an unknown failure is INTERNAL outside, and its message is in no log', async () => {
  const lines: { level: LogLevel; text: string }[] = []
  await using peer = await openPeer({
    log: (level, event, fields) => lines.push({ level, text: `${event} ${JSON.stringify(fields)}` }),
    override: () => ({ status: () => Promise.reject(new TypeError('glucose 5.4 of Jane')) }),
  })
  await using link = await openPeerLink({ log: silent })
  const refusal = await refusalOf(link.peer(peer.address).status({ requestId: REQUEST_ID }, {}))
  assert.is(refusal.reason, 'INTERNAL')
  assert.not.match(refusal.message, /Jane/)
  assert.equal(
    lines.filter(({ level }) => level === 'error'),
    [{ level: 'error', text: 'call-failed {"call":"status","code":"TypeError"}' }],
  )
  assert.not.ok(lines.some(({ text }) => text.includes('Jane') || text.includes(link.peerId)))
})

test("an answer that does not fit the wire is the peer's own failure", async () => {
  await using peer = await openPeer({ override: () => ({ pending: async () => Array(65).fill(NOTICE) }) })
  await using link = await openPeerLink({ log: silent })
  assert.is((await refusalOf(link.peer(peer.address).pending({ datasets: [] }, {}))).reason, 'INTERNAL')
})

test('one stranger gets so many calls at once and BUSY beyond; another still gets through', async () => {
  const going = Promise.withResolvers<void>()
  await using peer = await openPeer({
    limits: { callsPerStranger: 3 },
    override: (service) => ({
      status: async (query, caller) => {
        await going.promise
        return service.status(query, caller)
      },
    }),
  })
  await using link = await openPeerLink({ log: silent })
  await using other = await openPeerLink({ log: silent })
  const client = link.peer(peer.address)
  const ask = (from: typeof client): Promise<unknown> =>
    from.status({ requestId: REQUEST_ID }, {}).then(() => 'ok')
  const outcomes = Array.from({ length: 5 }, () =>
    ask(client).catch((error: { reason?: unknown }) => error.reason),
  )
  assert.is(await Promise.race(outcomes), 'BUSY')
  const others = ask(other.peer(peer.address))
  going.resolve()
  assert.is(await others, 'ok')
  assert.equal((await Promise.all(outcomes)).sort(), ['BUSY', 'BUSY', 'ok', 'ok', 'ok'])
  assert.is(await ask(client), 'ok', 'the slots are free again')
})

test('strangers do not use up the slots of members', async () => {
  await using member = await openStranger()
  const going = Promise.withResolvers<void>()
  const waiting = Promise.withResolvers<void>()
  await using peer = await openPeer({
    members: new Set([member.peerId]),
    limits: { callsOfStrangers: 1 },
    override: (service) => ({
      status: async (query, caller) => {
        if (!caller.isMember) {
          waiting.resolve()
          await going.promise
        }
        return service.status(query, caller)
      },
    }),
  })
  await using link = await openPeerLink({ log: silent })
  await using another = await openPeerLink({ log: silent })
  const query = { requestId: REQUEST_ID }
  const held = link.peer(peer.address).status(query, {})
  await waiting.promise
  assert.is((await refusalOf(another.peer(peer.address).status(query, {}))).reason, 'BUSY')
  assert.ok((await linkOver(member.libp2p, { log: silent }).peer(peer.address).status(query, {})).isNoticed)
  going.resolve()
  await held
})

test.run()
