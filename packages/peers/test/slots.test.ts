import type { ServeLimits } from '@halo/peers'
import { openPeerLink } from '@halo/peers'
import type { PeerClient, PeerLink } from '@halo/ports'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { SlotPools } from '../src/slots.ts'
import { refusalOf } from './raw-stream.ts'
import type { TestPeer } from './service.ts'
import { bytesOfSize, openPeer, REQUEST_ID, SIGNATURE, silent } from './service.ts'

const test = suite('peers/slots')
const MANY = { perPeer: 99, perAddress: 99, total: 99 }
const ID = bytesOfSize(16)
const UNIT_BYTES = 4096

test('counts per peer, per address and in total, and takes back', () => {
  const pools = new SlotPools({ calls: { perPeer: 1, perAddress: 2, total: 3 }, streams: MANY })
  const enter = (peerId: string, source: string) => pools.enter({ peerId, source })
  const first = enter('a', 'here')
  assert.is(enter('a', 'there'), null, 'per peer')
  const second = enter('b', 'here')
  assert.is(enter('c', 'here'), null, 'per address')
  const third = enter('c', 'there')
  assert.is(enter('d', 'elsewhere'), null, 'in total')
  assert.ok(first && second && third)
  for (const slot of [first, second, third]) slot[Symbol.dispose]()
  // Giving back twice must not make room that is not there.
  first[Symbol.dispose]()
  assert.ok(enter('a', 'here') && enter('b', 'here') && enter('c', 'there'))
  assert.is(enter('d', 'elsewhere'), null)
})

test('a byte stream gives its slot among the short calls back, and keeps it when there is none for streams', () => {
  const one = { perPeer: 1, perAddress: 1, total: 1 }
  const pools = new SlotPools({ calls: one, streams: one })
  const taker = { peerId: 'a', source: 'here' }
  const stream = pools.enter(taker)
  assert.ok(stream)
  assert.ok(stream.changeToStream())
  const call = pools.enter(taker)
  assert.ok(call)
  assert.not(call.changeToStream())
  assert.is(pools.enter(taker), null)
  call[Symbol.dispose]()
  stream[Symbol.dispose]()
  assert.ok(pools.enter(taker)?.changeToStream())
})

/** A peer whose deposits last, and a promise for when so many of them run. */
async function openBusyPeer(
  limits: Partial<ServeLimits>,
  deposits: number,
): Promise<{ readonly peer: TestPeer; readonly running: Promise<void> }> {
  const running = Promise.withResolvers<void>()
  let count = 0
  const peer = await openPeer({
    limits,
    override: () => ({
      storeShard: ({ units }) => {
        if (++count === deposits) running.resolve()
        return drained(units)
      },
    }),
  })
  return { peer, running: running.promise }
}

async function drained(units: AsyncIterable<Uint8Array>): Promise<never> {
  for await (const _unit of units);
  throw new Error('not reached')
}

/** Starts a deposit whose units never come; ends with the link. */
function deposit(client: PeerClient): Promise<unknown> {
  const never = async function* (): AsyncGenerator<Uint8Array> {
    await new Promise(() => {})
    yield ID
  }
  const query = { id: ID, sizeBytes: 10 * UNIT_BYTES, unitBytes: UNIT_BYTES, units: never() }
  return refusalOf(client.storeShard(query, {})).then(({ reason }) => reason)
}

function openLinks(count: number): Promise<readonly PeerLink[]> {
  return Promise.all(Array.from({ length: count }, () => openPeerLink({ log: silent })))
}

const REVOKE = { kind: 'Revoke', requestId: REQUEST_ID, signature: '0xab', manifest: null } as const

test('who holds every byte stream of a peer cannot keep a patient from withdrawing', async () => {
  const { peer, running } = await openBusyPeer(
    { streamsOfStrangers: 8, streamsPerStranger: 4, callsOfStrangers: 2, callsPerStranger: 2 },
    8,
  )
  await using _peer = peer
  await using links = new AsyncDisposableStack()
  const [phone, ...attackers] = (await openLinks(3)).map((link) => links.use(link).peer(peer.address))
  assert.ok(phone)
  for (const attacker of attackers)
    for (let at = 0; at < 4; at++) {
      // One after another: each needs a short call's slot until its request is read.
      void deposit(attacker)
      await attacker.status({ requestId: REQUEST_ID }, {})
    }
  await running
  assert.is(await deposit(phone), 'BUSY')
  assert.equal(await phone.answer(REVOKE, {}), { txHash: null })
  assert.equal((await phone.pending({ datasets: [] }, {})).length, 1)
})

test('one address gets so many byte streams, however many ids it has', async () => {
  const { peer, running } = await openBusyPeer({ streamsPerAddress: 3 }, 3)
  await using _peer = peer
  await using links = new AsyncDisposableStack()
  const clients = (await openLinks(5)).map((link) => links.use(link).peer(peer.address))
  const outcomes = clients.map((client) => deposit(client))
  await running
  // Two of the five are refused; the others run on until their links close.
  const refused = await Promise.race([
    Promise.all(outcomes.map((outcome) => outcome.then((reason) => reason === 'BUSY'))),
    firstTwo(outcomes),
  ])
  assert.equal(refused, ['BUSY', 'BUSY'])
})

/** What the first two of some promises resolve with. */
function firstTwo(outcomes: readonly Promise<unknown>[]): Promise<readonly unknown[]> {
  const found: unknown[] = []
  return new Promise((resolve) => {
    for (const outcome of outcomes)
      void outcome.then((value) => {
        if (found.push(value) === 2) resolve(found)
      })
  })
}

test('one address gets so many short calls, however many ids it has', async () => {
  const going = Promise.withResolvers<void>()
  await using peer = await openPeer({
    limits: { callsPerAddress: 2 },
    override: (service) => ({
      status: async (query, caller) => {
        await going.promise
        return service.status(query, caller)
      },
    }),
  })
  await using links = new AsyncDisposableStack()
  const clients = (await openLinks(4)).map((link) => links.use(link).peer(peer.address))
  const outcomes = clients.map((client) =>
    refusalOf(client.status({ requestId: REQUEST_ID }, {})).then(({ reason }) => reason),
  )
  assert.equal(await firstTwo(outcomes), ['BUSY', 'BUSY'])
  going.resolve()
  assert.equal((await Promise.all(outcomes)).sort(), ['BUSY', 'BUSY', 'none', 'none'])
})

test('a sender that drips units is cut by its rate, long before the idle limit and its own end', async () => {
  const { peer } = await openBusyPeer({ streamLeastBytesPerSecond: 1 << 20, streamGraceMs: 2000 }, 1)
  await using _peer = peer
  await using link = await openPeerLink({ log: silent })
  let sent = 0
  const drip = async function* (): AsyncGenerator<Uint8Array> {
    for (;;) {
      yield new Uint8Array(UNIT_BYTES).fill(++sent)
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
  }
  const query = { id: ID, sizeBytes: 2000 * UNIT_BYTES, unitBytes: UNIT_BYTES, units: drip() }
  const refusal = await refusalOf(link.peer(peer.address).storeShard(query, {}))
  assert.equal([refusal.reason, refusal.peerId], ['TIMED_OUT', peer.address.peerId])
  assert.ok(sent > 1 && sent < 1000, `${sent} units were taken`)
})

test('a reader that pulls too slowly is cut by its rate; one whose peer is slow is not', async () => {
  const slow = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < 5; at++) {
      await new Promise((resolve) => setTimeout(resolve, 600))
      yield bytesOfSize(1000)
    }
  }
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    for (;;) yield bytesOfSize(1000)
  }
  let source = slow
  await using peer = await openPeer({
    limits: { streamLeastBytesPerSecond: 1 << 20, streamGraceMs: 2000 },
    override: () => ({
      collect: async () => ({
        manifest: ID,
        grant: SIGNATURE,
        sealedBytes: source === slow ? 5000 : 1e9,
        sealed: source(),
      }),
    }),
  })
  await using link = await openPeerLink({ log: silent })
  const proof = { requestId: REQUEST_ID, beforeSec: 1, signature: '0xab' } as const
  const read = async (pauseMs: number): Promise<void> => {
    const { sealed } = await link.peer(peer.address).collect(proof, {})
    for await (const _frame of sealed) await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  assert.is((await refusalOf(read(0))).reason, 'none')
  source = endless
  assert.is((await refusalOf(read(30))).reason, 'TIMED_OUT')
})

test.run()
