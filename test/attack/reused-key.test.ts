import { randomBytes } from 'node:crypto'
import type { Channel, ChannelParts, MamEngine, MamTree, PublishedMessage } from '@halo/mam'
import { openChannel, openEngine } from '@halo/mam'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { MemoryState } from '../../packages/mam/test/memory-state.ts'
import { createMemoryState, createMemoryWitness } from '../../packages/mam/test/memory-state.ts'
import type { MemoryTangle } from '../../packages/mam/test/memory-tangle.ts'
import { createMemoryTangle } from '../../packages/mam/test/memory-tangle.ts'
import { codeOfAsync } from '../claims/code-of.ts'

const test = suite('attack/reused-key')
const genuine = await openEngine('simd')

/** What every one-time key has signed: different payloads, by root. */
type Signatures = Map<string, Set<string>>

/** Where a publisher keeps what it has to remember, and what its keys signed. */
interface Publisher {
  readonly state: MemoryState
  readonly witness: ReturnType<typeof createMemoryWitness>
  readonly tangle: MemoryTangle
  readonly signatures: Signatures
  /** Opens the channel, as a process does that starts; with nothing stored it says that the seed is new. */
  open(parts?: Partial<ChannelParts>): Promise<Channel>
}

type Guard = 'witness' | 'lookup'

function createPublisher(...guards: readonly Guard[]): Publisher {
  const [state, tangle, witness] = [createMemoryState(), createMemoryTangle(), createMemoryWitness()]
  const signatures: Signatures = new Map()
  const secret = randomBytes(32)
  const options = {
    seed: Array.from(randomBytes(81), (byte) => 'ABCDEFGHI'[byte % 9]).join(''),
    mode: 'private',
    security: 1,
    publisherSecretKey: randomBytes(32),
    contentKeys: () => secret,
  } as const
  const parts = {
    engine: watch(signatures),
    state,
    ...(guards.includes('witness') ? { witness } : {}),
    ...(guards.includes('lookup') ? { lookup: tangle } : {}),
  }
  return {
    state,
    witness,
    tangle,
    signatures,
    async open(given = {}) {
      const isNew = (await state.load()) === null
      return await openChannel({ ...parts, ...given }, { ...options, isNew })
    },
  }
}

/** An engine that writes down what it signs: who sees two payloads under one root has broken the key. */
function watch(signatures: Signatures): MamEngine {
  return {
    ...genuine,
    createMessage(input) {
      const message = genuine.createMessage(input)
      const { root, payload } = message
      signatures.set(root, (signatures.get(root) ?? new Set()).add(payload))
      return message
    },
  }
}

function publish(channel: Channel, text: string): Promise<PublishedMessage> {
  return channel.publish(new TextEncoder().encode(text))
}

/** Publishes, attaches and confirms. */
async function send(channel: Channel, tangle: MemoryTangle, text: string): Promise<void> {
  const { address, payload, sequence } = await publish(channel, text)
  tangle.attach(address, payload)
  await channel.confirm(sequence)
}

/** So many keys have signed, each of them one message. */
function assertSignedOnce({ signatures }: Publisher, keys: number): void {
  assert.equal(
    Array.from(signatures.values(), ({ size }) => size),
    Array.from({ length: keys }, () => 1),
  )
}

test('a restored backup signs nothing with a used key, whether it is opened or brought back under an open channel', async () => {
  const publisher = createPublisher('witness')
  const { state, tangle } = publisher
  const backups = [state.backUp()]
  const channel = await publisher.open()
  for (const text of ['a', 'b', 'c']) {
    backups.push(state.backUp())
    await send(channel, tangle, text)
  }
  const newest = state.backUp()
  for (const backup of backups) {
    state.restore(backup)
    assert.is(await codeOfAsync(() => publisher.open()), 'STATE_ROLLED_BACK')
  }
  state.restore(newest)
  // The second process reads the newest state, and the backup comes back when it is about to write.
  await using overtaken = await publisher.open()
  await using ahead = await publisher.open()
  await publish(ahead, 'd')
  state.restore(newest)
  assert.is(await codeOfAsync(() => publish(overtaken, 'another')), 'STATE_LOCKED')
  assert.equal(state.backUp(), newest, 'nor is anything stored over it')
  assert.is(await codeOfAsync(() => publisher.open()), 'STATE_ROLLED_BACK')
  assertSignedOnce(publisher, 4)
})

test('a restored backup is found out by what is on the Tangle alone, before a key is used', async () => {
  const publisher = createPublisher('lookup')
  const { state, tangle } = publisher
  const channel = await publisher.open()
  const backups: (Uint8Array | null)[] = []
  for (const text of ['a', 'b', 'c']) {
    backups.push(state.backUp())
    await send(channel, tangle, text)
  }
  const newest = state.backUp()
  for (const backup of [null, ...backups]) {
    state.restore(backup)
    await using restored = await publisher.open()
    assert.is(await codeOfAsync(() => publish(restored, 'another')), 'STATE_ROLLED_BACK')
    tangle.isDown = true
    await using offline = await publisher.open()
    assert.is(await codeOfAsync(() => publish(offline, 'another')), 'NODE_UNREACHABLE')
    tangle.isDown = false
  }
  assertSignedOnce(publisher, 3)
  state.restore(newest)
  await using again = await publisher.open()
  assert.is((await publish(again, 'd')).sequence, 3, 'the newest state goes on')
  assertSignedOnce(publisher, 4)
})

test('of two processes on one state only one signs with each key, whichever comes first', async () => {
  const publisher = createPublisher()
  await using first = await publisher.open()
  await using second = await publisher.open()
  const both = await Promise.allSettled([publish(first, 'a'), publish(second, 'b')])
  assert.equal(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  const [winner, loser] = both[0].status === 'fulfilled' ? [first, second] : [second, first]
  for (const text of ['c', 'd']) assert.is(await codeOfAsync(() => publish(loser, text)), 'STATE_LOCKED')
  assert.is((await publish(winner, 'e')).sequence, 1)
  await using third = await publisher.open()
  assert.equal(
    (await third.listPending()).map(({ sequence }) => sequence),
    [0, 1],
  )
  assert.is((await publish(third, 'f')).sequence, 2)
  assert.is(await codeOfAsync(() => publish(winner, 'g')), 'STATE_LOCKED')
  assertSignedOnce(publisher, 3)
})

/** Every place where a process that publishes may end: what it was about to do, and whether it was done. */
const CRASHES = [
  'before the write',
  'after the write',
  'at the witness',
  'while signing',
  'after signing',
] as const
type Crash = (typeof CRASHES)[number]

test('a process that ends at any step goes on with the same message or with none, under each key', async () => {
  for (const crash of CRASHES) await assertRecovers(crash)
})

async function assertRecovers(crash: Crash): Promise<void> {
  const publisher = createPublisher('witness', 'lookup')
  const { state, witness, tangle } = publisher
  const before = await publisher.open()
  await send(before, tangle, 'a')
  await before[Symbol.asyncDispose]()
  const doomed = await publisher.open(crashing(publisher, crash))
  if (crash === 'before the write') state.crashNext('before')
  if (crash === 'after the write') state.crashNext('after')
  if (crash === 'at the witness') witness.crashNext(true)
  assert.is.not(await outcomeOf(publish(doomed, 'b')), 'none', crash)
  await using again = await publisher.open()
  const pending = await again.listPending()
  assert.is(pending.length, crash === 'before the write' ? 0 : 1, crash)
  for (const { address, payload } of pending) tangle.attach(address, payload)
  await using next = await publisher.open()
  assert.equal(await next.listPending(), pending, 'the very same each time')
  await publish(next, 'c')
  assert.is.not(await outcomeOf(publish(doomed, 'd')), 'none', 'nor does it come back')
  assertSignedOnce(publisher, 2 + pending.length)
}

async function outcomeOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => 'none',
    (error: Error) => error.message,
  )
}

/** Parts with which a process ends at one place. */
function crashing({ signatures }: Publisher, crash: Crash): Partial<ChannelParts> {
  const engine = watch(signatures)
  if (crash === 'while signing' || crash === 'after signing')
    return {
      engine: {
        ...engine,
        createMessage(input) {
          if (crash === 'after signing') engine.createMessage(input)
          throw new Error(`ended ${crash}`)
        },
      },
    }
  return {}
}

test('a tree signs once, whatever a caller asks of the engine', async () => {
  const seed = 'A'.repeat(81)
  for (const kind of ['simd', 'mam.js'] as const) {
    const engine = await openEngine(kind)
    const [tree, second, third] = engine.deriveTrees(seed, 0, 3, 1)
    assert.ok(tree && second && third)
    const make = (trytes: string, used: MamTree, nextTree: MamTree) =>
      codeOfAsync(async () => engine.createMessage({ mode: 'private', tree: used, nextTree, trytes }))
    assert.is(await make('FIRST', tree, second), 'none', kind)
    assert.is(await make('SECOND', tree, second), 'TREE_USED', kind)
    assert.is(await make('SECOND', { ...tree }, second), 'TREE_INVALID', kind)
    second.wipe()
    assert.is(await make('THIRD', second, third), 'TREE_USED', kind)
  }
})

test.run()
