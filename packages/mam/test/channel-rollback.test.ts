import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOfAsync } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import type { Channel, ChannelParts, MamTree, MessageParser, WitnessMark } from '../src/index.ts'
import { createReader, MamError, openChannel, openEngine } from '../src/index.ts'
import {
  bytesOf,
  contentKeys,
  openAgain,
  optionsFor,
  PUBLISHER_KEY,
  SEED,
  textOf,
} from './channel-fixture.ts'
import { createLightEngine, type KeyUses } from './light-engine.ts'
import { forgeMessage } from './make-message.ts'
import { createMemoryState, createMemoryWitness } from './memory-state.ts'
import { createMemoryTangle, type MemoryTangle } from './memory-tangle.ts'
import { openCurl } from './open-curl.ts'
import { shapeMessage } from './shaped-message.ts'

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

test('refuses a witness that gives no mark of a state', async () => {
  const stateHash = new Uint8Array(32)
  const counters = [Number.NaN, -1, 0, 0.5, Number.POSITIVE_INFINITY].map((counter) => ({
    counter,
    stateHash,
  }))
  const marks = [...counters, { counter: 1, stateHash: new Uint8Array(31) }, { counter: 1 }, 1]
  for (const mark of marks as readonly WitnessMark[]) {
    const witness = { highestSeen: async () => mark, raise: async () => true }
    const open = () => openAgain({ engine, state: createMemoryState(), witness })
    assert.is(await codeOfAsync(open), 'WITNESS_MALFORMED')
  }
})

test('signs nothing from a state that was restored under an open channel, with a witness', async () => {
  const uses: KeyUses = new Map()
  const parts = {
    engine: createLightEngine(uses),
    state: createMemoryState(),
    witness: createMemoryWitness(),
  }
  await using first = await openAgain(parts)
  const backup = parts.state.backUp()
  await using second = await openAgain(parts)
  await second.publish(bytesOf('one'))
  parts.state.restore(backup)
  assert.is(await codeOfAsync(() => first.publish(bytesOf('two'))), 'STATE_LOCKED')
  assert.equal(parts.state.backUp(), backup)
  assert.is(await codeOfAsync(() => openAgain(parts)), 'STATE_ROLLED_BACK')
  assert.equal(
    [...uses.values()].map(({ size }) => size),
    [1],
  )
})

test('signs nothing when another state of the same number is remembered meanwhile, then or later', async () => {
  const uses: KeyUses = new Map()
  const state = createMemoryState()
  const witness = createMemoryWitness()
  const parts = { engine: createLightEngine(uses), state, witness }
  await using first = await openAgain(parts)
  await using second = await openAgain(parts)
  const backup = state.backUp()
  const overtaken = {
    ...state,
    async swap(expected: Uint8Array | null, next: Uint8Array) {
      await second.publish(bytesOf('one'))
      state.restore(backup)
      return await state.swap(expected, next)
    },
  }
  await using third = await openAgain({ ...parts, state: overtaken })
  assert.is(await codeOfAsync(() => third.publish(bytesOf('two'))), 'STATE_LOCKED')
  assert.is(await codeOfAsync(() => openAgain(parts)), 'STATE_ROLLED_BACK')
  assert.is(await codeOfAsync(() => first.publish(bytesOf('three'))), 'STATE_LOCKED')
  assert.equal(
    [...uses.values()].map(({ size }) => size),
    [1],
  )
})

test('tells the witness of a state it had missed before anything of it is signed', async () => {
  const uses: KeyUses = new Map()
  const parts = {
    engine: createLightEngine(uses),
    state: createMemoryState(),
    witness: createMemoryWitness(),
  }
  await using crashing = await openAgain(parts)
  const backup = parts.state.backUp()
  parts.witness.crashNext(true)
  await crashing.publish(bytesOf('a')).catch(() => {})
  await using again = await openAgain(parts)
  assert.is((await again.listPending()).length, 1)
  parts.state.restore(backup)
  assert.is(await codeOfAsync(() => openAgain(parts)), 'STATE_ROLLED_BACK')
  assert.is(uses.size, 1)
})

test('takes the witness for told where it remembered a mark though its answer was lost', async () => {
  const memory = createMemoryWitness()
  const witness = {
    ...memory,
    raise: async (id: Uint8Array, mark: WitnessMark) => (await memory.raise(id, mark)) && false,
  }
  await using channel = await openAgain({ engine, state: createMemoryState(), witness })
  assert.is((await channel.publish(bytesOf('a'))).sequence, 0)
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

test('knows its own messages of another line, and of another publisher key, by their one-time key', async () => {
  const uses: KeyUses = new Map()
  const tangle = createMemoryTangle()
  const parts = { engine: createLightEngine(uses), state: createMemoryState(), lookup: tangle }
  const channel = await openAgain(parts)
  const backup = parts.state.backUp()
  const { root } = await channel.nextPosition()
  for (const text of ['a', 'b', 'c']) await send(channel, tangle, text)
  await channel[Symbol.asyncDispose]()
  parts.state.restore(backup)
  const otherKey = { publisherSecretKey: new Uint8Array(32).fill(9) }
  await using rekeyed = await openAgain(parts, otherKey)
  assert.is(await codeOfAsync(() => rekeyed.publish(bytesOf('x'))), 'STATE_ROLLED_BACK')
  // Nodes forget the first, so that the line forks: what comes next still follows another message.
  tangle.lose(engine.addressOf(root, 'private'))
  {
    await using forked = await openAgain(parts)
    await send(forked, tangle, 'x')
  }
  await using again = await openAgain(parts)
  assert.is(await codeOfAsync(() => again.publish(bytesOf('y'))), 'STATE_ROLLED_BACK')
  assert.equal(
    [...uses.values()].map(({ size }) => size),
    [2, 1, 1],
  )
})

test('is not stopped by what others put at the next address', async () => {
  const simd = await openEngine('simd')
  const tangle = createMemoryTangle()
  const parts = { engine: simd, state: createMemoryState(), lookup: tangle }
  const channel = await openAgain(parts)
  const first = await channel.publish(bytesOf('a'))
  await channel.confirm(0)
  await channel[Symbol.asyncDispose]()
  const { nextRoot: root } = first
  // A reader knows the root and masks rightly, but signs with a key of its own.
  const seed = 'B'.repeat(81)
  const given = {
    seed,
    index: 0,
    mode: 'private',
    sideKey: undefined,
    security: 1,
    message: 'FORGED',
  } as const
  const forged = forgeMessage(openCurl(), given, root)
  const { trytes } = simd.parseMessage(first.payload, first.root)
  const own = { tree: simd.deriveTree(seed, 0, 1), nextTree: simd.deriveTree(seed, 1, 1) }
  const resent = simd.createMessage({ mode: 'private', ...own, trytes })
  const others = ['JUNK', '', '{', first.payload, forged.payload, resent.payload, shapeMessage('JUNK')]
  for (const payload of others) tangle.attach(simd.addressOf(root, 'private'), payload)
  tangle.attach(simd.addressOf(root, 'private'), null as unknown as string)
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

test('is not stopped by what does not open in restricted mode if it has a witness', async () => {
  const options = { mode: 'restricted', sideKey: 'KEY' } as const
  const tangle = createMemoryTangle()
  const parts = { engine, state: createMemoryState(), witness: createMemoryWitness(), lookup: tangle }
  await using channel = await openAgain(parts, options)
  const { root } = await channel.nextPosition()
  const [tree, nextTree] = [0, 1].map((index) => engine.deriveTree(SEED, index, 1)) as [MamTree, MamTree]
  const masked = { ...options, sideKey: 'OTHERKEY', tree, nextTree, trytes: 'JUNK' }
  const { address, payload } = createLightEngine().createMessage(masked)
  assert.is(tree.root, root)
  tangle.attach(address, payload)
  assert.is((await channel.publish(bytesOf('a'))).sequence, 0)
})

test('calls nothing rolled back because somebody else publishes while it is opened', async () => {
  const parts = { engine, state: createMemoryState(), witness: createMemoryWitness() }
  await using first = await openAgain(parts)
  const state = {
    ...parts.state,
    async load() {
      const stored = await parts.state.load()
      await first.publish(bytesOf('a'))
      return stored
    },
  }
  await using overtaken = await openChannel({ ...parts, state }, optionsFor({ isNew: false }))
  assert.is(await codeOfAsync(() => overtaken.publish(bytesOf('b'))), 'STATE_LOCKED')
  await using again = await openAgain(parts)
  assert.is((await again.publish(bytesOf('b'))).sequence, 1)
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

test('goes on where an address is so full that a node cannot list it only if it has a witness', async () => {
  for (const witness of [undefined, createMemoryWitness()]) {
    const tangle = createMemoryTangle()
    const parts = { engine, state: createMemoryState(), lookup: tangle, ...(witness && { witness }) }
    await using channel = await openAgain(parts)
    const address = engine.addressOf((await channel.nextPosition()).root, 'private')
    for (let n = 0; n < 1000; n++) tangle.attach(address, `JUNK${'A'.repeat(n)}`)
    const code = await codeOfAsync(() => channel.publish(bytesOf('a')))
    assert.is(code, witness === undefined ? 'NODE_UNREACHABLE' : 'none')
  }
})

test('goes on where something at the next address cannot be read only if it has a witness', async () => {
  for (const hasWitness of [false, true])
    for (const unread of ['PARSE_TIMEOUT', 'PARSER_DIED'] as const) {
      const tangle = createMemoryTangle()
      const witness = hasWitness ? { witness: createMemoryWitness() } : {}
      const parser = { parseMessage: () => Promise.reject(new MamError(unread, 'Not read.')) }
      const parts = { engine, parser, state: createMemoryState(), lookup: tangle }
      await using channel = await openAgain({ ...parts, ...witness })
      tangle.attach(engine.addressOf((await channel.nextPosition()).root, 'private'), shapeMessage('SLOW'))
      const code = await codeOfAsync(() => channel.publish(bytesOf('a')))
      assert.is(code, hasWitness ? 'none' : unread)
    }
})

test('gives up between one message at the next address and another, and has used no key', async () => {
  const tangle = createMemoryTangle()
  const controller = new AbortController()
  let asked = 0
  const parser: MessageParser = {
    parseMessage() {
      if (asked++ === 0) controller.abort(new Error('closed the app'))
      throw new MamError('MESSAGE_FORGED', 'Not ours.')
    },
  }
  await using channel = await openAgain({ engine, parser, state: createMemoryState(), lookup: tangle })
  const address = engine.addressOf((await channel.nextPosition()).root, 'private')
  for (let n = 1; n <= 9; n++) tangle.attach(address, shapeMessage('J'.repeat(n)))
  const publishing = channel.publish(bytesOf('a'), { signal: controller.signal })
  assert.is(await publishing.then(null, (error: Error) => error.message), 'closed the app')
  assert.is(asked, 1)
  assert.is((await channel.nextPosition()).sequence, 0)
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
    { weight: 1, arbitrary: fc.constant('restore under it') },
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
    // What a lookup is asked once after opening it cannot notice: for that there is the witness.
    if (step === 'restore under it' && guard === 'witness') state.restore(backup)
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
        steps.filter((step) => !step.startsWith('restore')),
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
