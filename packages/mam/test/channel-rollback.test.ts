import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOfAsync } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import type { Channel, ChannelParts } from '../src/index.ts'
import { createReader } from '../src/index.ts'
import { bytesOf, contentKeys, openAgain, PUBLISHER_KEY, SEED, textOf } from './channel-fixture.ts'
import { createLightEngine, type KeyUses } from './light-engine.ts'
import { createMemoryState, createMemoryWitness } from './memory-state.ts'
import { createMemoryTangle, type MemoryTangle } from './memory-tangle.ts'

const test = suite('mam/channel-rollback')
const engine = createLightEngine()

/** Publishes, attaches and confirms. */
async function send(channel: Channel, tangle: MemoryTangle, text: string): Promise<void> {
  const { address, payload, sequence } = await channel.publish(bytesOf(text))
  tangle.attach(address, payload)
  await channel.confirm(sequence)
}

test('refuses a restored backup by its witness when it is opened', async () => {
  const parts = { engine, state: createMemoryState(), witness: createMemoryWitness() }
  const channel = await openAgain(parts)
  await channel.publish(bytesOf('a'))
  const backup = parts.state.backUp()
  await channel.publish(bytesOf('b'))
  await channel[Symbol.asyncDispose]()
  parts.state.restore(backup)
  assert.is(await codeOfAsync(() => openAgain(parts)), 'STATE_ROLLED_BACK')
  parts.state.restore(null)
  assert.is(await codeOfAsync(() => openAgain(parts, { isNew: false })), 'STATE_ROLLED_BACK')
  assert.is(await codeOfAsync(() => openAgain(parts, { isNew: true })), 'STATE_ROLLED_BACK')
})

test('notices a forgotten change of keys by its witness, though no message was published since', async () => {
  const parts = { engine, state: createMemoryState(), witness: createMemoryWitness() }
  const channel = await openAgain(parts)
  const backup = parts.state.backUp()
  await channel.startEpoch()
  await channel[Symbol.asyncDispose]()
  parts.state.restore(backup)
  assert.is(await codeOfAsync(() => openAgain(parts)), 'STATE_ROLLED_BACK')
})

test('refuses a witness that gives no number', async () => {
  for (const seen of [Number.NaN, -1, 0.5, Number.POSITIVE_INFINITY]) {
    const witness = { highestSeen: async () => seen, raise: async () => {} }
    const open = () => openAgain({ engine, state: createMemoryState(), witness })
    assert.is(await codeOfAsync(open), 'STATE_MALFORMED')
  }
})

test('goes on where a witness is behind, as after a crash before it was told', async () => {
  const parts = { engine, state: createMemoryState(), witness: createMemoryWitness() }
  const channel = await openAgain(parts)
  parts.witness.crashNext(true)
  await channel.publish(bytesOf('a')).catch(() => {})
  assert.is(await codeOfAsync(() => channel.publish(bytesOf('b'))), 'STATE_LOCKED')
  await using again = await openAgain(parts)
  assert.is((await again.listPending()).length, 1)
  assert.is((await again.publish(bytesOf('b'))).sequence, 1)
})

test('writes nothing more after a write that may have happened, until it is opened again', async () => {
  for (const at of ['before', 'after'] as const) {
    const parts = { engine, state: createMemoryState() }
    const channel = await openAgain(parts)
    parts.state.crashNext(at)
    await channel.publish(bytesOf('a')).catch(() => {})
    assert.is(await codeOfAsync(() => channel.publish(bytesOf('b'))), 'STATE_LOCKED')
    await using again = await openAgain(parts)
    assert.is((await again.publish(bytesOf('b'))).sequence, at === 'before' ? 0 : 1)
  }
})

test('refuses a restored backup by what is on the Tangle, before a key is used', async () => {
  const uses: KeyUses = new Map()
  const tangle = createMemoryTangle()
  const parts = { engine: createLightEngine(uses), state: createMemoryState(), lookup: tangle }
  const channel = await openAgain(parts)
  const backups = [parts.state.backUp()]
  for (const text of ['a', 'b', 'c']) {
    await send(channel, tangle, text)
    backups.push(parts.state.backUp())
  }
  await channel[Symbol.asyncDispose]()
  for (const backup of backups.slice(0, -1)) {
    parts.state.restore(backup)
    await using restored = await openAgain(parts)
    assert.is(await codeOfAsync(() => restored.publish(bytesOf('d'))), 'STATE_ROLLED_BACK')
  }
  parts.state.restore(null)
  await using renewed = await openAgain(parts)
  assert.is(await codeOfAsync(() => renewed.publish(bytesOf('d'))), 'STATE_ROLLED_BACK')
  assert.equal(
    [...uses.values()].map(({ size }) => size),
    [1, 1, 1],
  )
})

test('is not stopped by what others put at the next address', async () => {
  const tangle = createMemoryTangle()
  const parts = { engine, state: createMemoryState(), lookup: tangle }
  const channel = await openAgain(parts)
  await send(channel, tangle, 'a')
  const { root } = await channel.nextPosition()
  await channel[Symbol.asyncDispose]()
  const other = await openAgain(
    {
      engine: { ...engine, deriveTree: (s, i, l) => ({ ...engine.deriveTree(s, i, l), root }) },
      state: createMemoryState(),
    },
    { publisherSecretKey: new Uint8Array(32).fill(7) },
  )
  const forged = await other.publish(bytesOf('not of this publisher'))
  for (const payload of ['JUNK', '', '{', forged.payload])
    tangle.attach(engine.addressOf(root, 'private'), payload)
  await using again = await openAgain(parts)
  assert.is((await again.publish(bytesOf('b'))).sequence, 1)
})

test('cannot tell what does not open in restricted mode, and stops unless it has a witness', async () => {
  const tangle = createMemoryTangle()
  const options = { mode: 'restricted', sideKey: 'KEY' } as const
  const state = createMemoryState()
  const witness = createMemoryWitness()
  const channel = await openAgain({ engine, state, witness }, options)
  const backup = state.backUp()
  await channel.startEpoch('LATERKEY')
  await send(channel, tangle, 'a')
  await channel[Symbol.asyncDispose]()
  state.restore(backup)
  await using restored = await openAgain({ engine, state, lookup: tangle }, options)
  assert.is(await codeOfAsync(() => restored.publish(bytesOf('b'))), 'STATE_ROLLED_BACK')
  assert.is(
    await codeOfAsync(() => openAgain({ engine, state, lookup: tangle, witness }, options)),
    'STATE_ROLLED_BACK',
  )
})

test('publishes nothing while no node says whether the next address is free, and asks once', async () => {
  const tangle = createMemoryTangle()
  const parts = { engine, state: createMemoryState(), lookup: tangle }
  await using channel = await openAgain(parts)
  tangle.isDown = true
  assert.is(await codeOfAsync(() => channel.publish(bytesOf('a'))), 'NODE_UNREACHABLE')
  tangle.isDown = false
  await channel.publish(bytesOf('a'))
  await channel.publish(bytesOf('b'))
  assert.is(tangle.asked, 2)
})

test('gives up asking when told to, and has used no key', async () => {
  const lookup = { find: () => new Promise<never>(() => {}) }
  await using channel = await openAgain({ engine, state: createMemoryState(), lookup })
  const controller = new AbortController()
  const publishing = channel.publish(bytesOf('a'), { signal: controller.signal })
  controller.abort(new Error('closed the app'))
  assert.is(await publishing.then(null, (error: Error) => error.message), 'closed the app')
  assert.is((await channel.nextPosition()).sequence, 0)
})

test('can be closed while a node does not answer', async () => {
  const lookup = { find: () => new Promise<never>(() => {}) }
  const channel = await openAgain({ engine, state: createMemoryState(), lookup })
  const publishing = codeOfAsync(() => channel.publish(bytesOf('a')))
  await channel[Symbol.asyncDispose]()
  assert.is(await publishing, 'CHANNEL_CLOSED')
})

test('does not go on where an address is so full that a node cannot list it', async () => {
  const tangle = createMemoryTangle()
  await using channel = await openAgain({ engine, state: createMemoryState(), lookup: tangle })
  const address = engine.addressOf((await channel.nextPosition()).root, 'private')
  for (let n = 0; n < 1000; n++) tangle.attach(address, 'JUNK')
  assert.is(await codeOfAsync(() => channel.publish(bytesOf('a'))), 'NODE_UNREACHABLE')
})

test('lets the second of two that publish at once publish nothing', async () => {
  const uses: KeyUses = new Map()
  const parts = { engine: createLightEngine(uses), state: createMemoryState() }
  await using first = await openAgain(parts)
  await using second = await openAgain(parts)
  await first.publish(bytesOf('a'))
  assert.is(await codeOfAsync(() => second.publish(bytesOf('b'))), 'STATE_LOCKED')
  assert.is(await codeOfAsync(() => second.publish(bytesOf('b'))), 'STATE_LOCKED')
  assert.is((await first.publish(bytesOf('c'))).sequence, 1)
  assert.ok([...uses.values()].every(({ size }) => size === 1))
})

test('lets one of two new channels of a seed begin', async () => {
  const parts = { engine, state: createMemoryState() }
  const codes = await Promise.all([1, 2].map(() => codeOfAsync(() => openAgain(parts, { isNew: true }))))
  assert.equal(codes.sort(), ['STATE_LOCKED', 'none'])
})

/** A thousand take about a quarter of a minute of one core. */
const SCHEDULES = Number(process.env['HALO_MAM_SCHEDULES'] ?? 500)

/** What can happen to a publisher, in any order. */
const STEPS = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant('publish') },
    { weight: 3, arbitrary: fc.constant('attach') },
    { weight: 2, arbitrary: fc.constant('reopen') },
    { weight: 1, arbitrary: fc.constant('crash before the write') },
    { weight: 1, arbitrary: fc.constant('crash after the write') },
    { weight: 1, arbitrary: fc.constant('crash at the witness') },
    { weight: 1, arbitrary: fc.constant('crash after signing') },
    { weight: 1, arbitrary: fc.constant('crash before confirming') },
    { weight: 1, arbitrary: fc.constant('crash after confirming') },
    { weight: 1, arbitrary: fc.constant('second process') },
    { weight: 1, arbitrary: fc.constant('new epoch') },
    { weight: 1, arbitrary: fc.constant('back up') },
    { weight: 2, arbitrary: fc.constant('restore') },
  ),
  { minLength: 5, maxLength: 25 },
)

interface Life {
  readonly uses: KeyUses
  readonly tangle: MemoryTangle
  readonly parts: ChannelParts
  /** How often it failed. */
  readonly refused: number
}

/** A publisher that lives through steps, and starts anew from its stored state whenever it fails. */
async function live(steps: readonly string[], guard: 'witness' | 'tangle'): Promise<Life> {
  const uses: KeyUses = new Map()
  const tangle = createMemoryTangle()
  const state = createMemoryState()
  const witness = createMemoryWitness()
  const guards = guard === 'witness' ? { witness } : { lookup: tangle }
  const signing = createLightEngine(uses)
  let isCrashing = false
  const parts: ChannelParts = {
    engine: {
      ...signing,
      createMessage(input) {
        const message = signing.createMessage(input)
        if (!isCrashing) return message
        isCrashing = false
        throw new Error('crashed after signing')
      },
    },
    state,
    ...guards,
  }
  let backup = state.backUp()
  let refused = 0
  let number = 0

  async function attempt(work: (channel: Channel) => Promise<unknown>): Promise<void> {
    try {
      channel ??= await openAgain(parts)
      await work(channel)
    } catch {
      refused++
      channel = null
    }
  }

  const publish = (channel: Channel) => channel.publish(bytesOf(`reading ${number++}`))
  async function attach(channel: Channel): Promise<void> {
    for (const { address, payload, sequence } of await channel.listPending()) {
      tangle.attach(address, payload)
      await channel.confirm(sequence)
    }
  }

  let channel: Channel | null = null
  for (const step of steps) {
    if (step === 'publish') {
      await attempt(publish)
      // Without a witness, only what is on the Tangle can speak against an old state.
      if (guard === 'tangle') await attempt(attach)
    }
    if (step === 'attach') await attempt(attach)
    if (step === 'reopen') channel = null
    if (step === 'new epoch') await attempt((open) => open.startEpoch())
    if (step === 'back up') backup = state.backUp()
    if (step === 'restore') {
      state.restore(backup)
      channel = null
    }
    if (step === 'crash at the witness') {
      witness.crashNext(true)
      await attempt(publish)
      witness.crashNext(false)
      channel = null
    }
    if (step === 'crash after signing') {
      isCrashing = true
      await attempt(publish)
      isCrashing = false
      channel = null
    }
    if (step === 'crash before confirming' || step === 'crash after confirming') {
      await attempt(publish)
      state.crashNext(step === 'crash before confirming' ? 'before' : 'after')
      await attempt(attach)
      state.crashNext(null)
      channel = null
    }
    if (step === 'crash before the write' || step === 'crash after the write') {
      state.crashNext(step === 'crash before the write' ? 'before' : 'after')
      await attempt(publish)
      state.crashNext(null)
      channel = null
    }
    if (step === 'second process') {
      const own: Channel | null = channel
      channel = null
      await attempt(publish)
      channel = own
    }
  }
  return { uses, tangle, parts, refused }
}

test('never signs two messages with one key, whatever crashes, is restored or runs twice, with a witness', async () => {
  let refused = 0
  let signed = 0
  await holds(
    fc.asyncProperty(STEPS, async (steps) => {
      const life = await live(steps, 'witness')
      for (const messages of life.uses.values()) assert.is(messages.size, 1)
      refused += life.refused
      signed += life.uses.size
    }),
    SCHEDULES,
  )
  assert.ok(refused > SCHEDULES && signed > SCHEDULES, `only ${refused} refusals and ${signed} keys`)
})

test('leaves a chain that is followed to its end, whatever crashes or runs twice, once the pending are attached', async () => {
  let read = 0
  await holds(
    fc.asyncProperty(STEPS, async (steps) => {
      const { parts, tangle } = await live(
        steps.filter((step) => step !== 'restore'),
        'witness',
      )
      await using channel = await openAgain(parts)
      for (const { address, payload } of await channel.listPending()) tangle.attach(address, payload)
      const previousHash = new Uint8Array(32)
      const { root } = engine.deriveTree(SEED, 0, 1)
      const position = { channelId: channel.channelId, root, sequence: 0, previousHash }
      const options = { position, mode: 'private', publisherKey: PUBLISHER_KEY, contentKeys } as const
      const reader = createReader({ engine, lookup: tangle }, options)
      for await (const { sequence, content } of reader.readAll()) {
        assert.match(textOf(content), /^reading \d+$/)
        read = Math.max(read, sequence)
      }
      assert.is(reader.position().root, (await channel.nextPosition()).root)
    }),
    SCHEDULES / 4,
  )
  assert.ok(read > 5, `the longest chain had ${read + 1} messages`)
})

test('never signs two messages with one key that are on the Tangle, with nothing but the Tangle to go by', async () => {
  let refused = 0
  await holds(
    fc.asyncProperty(STEPS, async (steps) => {
      const { uses, tangle, refused: times } = await live(steps, 'tangle')
      refused += times
      for (const [root, messages] of uses) {
        const { found } = await tangle.find(engine.addressOf(root, 'private'))
        assert.ok(new Set(found).size <= 1, `${messages.size} messages were signed`)
      }
    }),
    SCHEDULES / 4,
  )
  assert.ok(refused > SCHEDULES / 8, `only ${refused} refusals`)
})

test.run()
