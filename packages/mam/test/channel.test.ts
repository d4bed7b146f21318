import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf, codeOfAsync } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import type { ChannelOptions, MamEngine, MamTree, PublishedMessage } from '../src/index.ts'
import { createReader, deriveChannelId, maxContentBytes, openChannel, openEngine } from '../src/index.ts'
import { type ChannelState, createStateSeal } from '../src/state.ts'
import { decodeState, encodeState } from '../src/state-wire.ts'
import {
  bytesOf,
  contentKeys,
  openAgain,
  optionsFor,
  PUBLISHER_KEY,
  PUBLISHER_SECRET,
  SEED,
  textOf,
} from './channel-fixture.ts'
import { createLightEngine } from './light-engine.ts'
import { createMemoryState } from './memory-state.ts'
import { createMemoryTangle } from './memory-tangle.ts'

const test = suite('mam/channel')
const engine = createLightEngine()
const random = (sizeBytes: number): Uint8Array => crypto.getRandomValues(new Uint8Array(sizeBytes))

/** A state in which nothing was published. */
const FRESH: ChannelState = {
  mode: 'private',
  security: 1,
  counter: 1,
  nextIndex: 0,
  epoch: 0,
  previousHash: new Uint8Array(32),
  sideKey: '',
  pending: [],
}

async function publishAll(texts: readonly string[]): Promise<readonly PublishedMessage[]> {
  await using channel = await openChannel({ engine, state: createMemoryState() }, optionsFor())
  const published: PublishedMessage[] = []
  for (const text of texts) published.push(await channel.publish(bytesOf(text)))
  return published
}

test('leads from each message to the next', async () => {
  const published = await publishAll(['a', 'b', 'c'])
  assert.equal(
    published.map(({ sequence }) => sequence),
    [0, 1, 2],
  )
  assert.is(published[1]?.root, published[0]?.nextRoot)
  assert.is(published[2]?.root, published[1]?.nextRoot)
  assert.is(new Set(published.map(({ address }) => address)).size, 3)
})

test('serves calls one after the other, in their order', async () => {
  await using channel = await openChannel({ engine, state: createMemoryState() }, optionsFor())
  const published = await Promise.all(['a', 'b', 'c', 'd'].map((text) => channel.publish(bytesOf(text))))
  assert.equal(
    published.map(({ sequence }) => sequence),
    [0, 1, 2, 3],
  )
})

for (const kind of ['Uint8Array', 'Buffer'] as const)
  test(`publishes what content, associated data and key were when they were given, each as ${kind}`, async () => {
    const copy = (bytes: Uint8Array) => (kind === 'Buffer' ? Buffer.from(bytes) : Uint8Array.from(bytes))
    const tangle = createMemoryTangle()
    const publisherSecretKey = copy(PUBLISHER_SECRET)
    const [content, associatedData] = [copy(bytesOf('5.1')), copy(bytesOf('air'))]
    const opening = openChannel({ engine, state: createMemoryState() }, optionsFor({ publisherSecretKey }))
    publisherSecretKey.fill(0)
    await using channel = await opening
    const position = await channel.nextPosition()
    const publishing = channel.publish(content, { associatedData })
    content.fill(0)
    associatedData.fill(0)
    const { address, payload } = await publishing
    tangle.attach(address, payload)
    const reading = { position, mode: 'private', publisherKey: PUBLISHER_KEY, contentKeys } as const
    const given = { ...reading, associatedData: bytesOf('air') }
    const reader = createReader({ engine, lookup: tangle }, given)
    const read = reader.next().then(
      ({ content }) => textOf(content),
      ({ code }) => code,
    )
    assert.is(await read, '5.1')
  })

test('leaves the caller its own key when closed, and overwrites its copy and the key of the state', async () => {
  const publisherSecretKey = Buffer.from(PUBLISHER_SECRET)
  const channel = await openChannel(
    { engine, state: createMemoryState() },
    optionsFor({ publisherSecretKey }),
  )
  const info = concatBytes(bytesOf('halo/mam/state/1\0'), channel.channelId)
  const stateKey = hkdf(sha256, bytesOf(SEED), undefined, info, 32)
  const overwritten = await watchOverwriting(() => channel[Symbol.asyncDispose]())
  assert.ok(overwritten.has(bytesToHex(PUBLISHER_SECRET)), 'the copy of the key was left')
  assert.ok(overwritten.has(bytesToHex(stateKey)), 'the key of the state was left')
  assert.equal([...publisherSecretKey], [...PUBLISHER_SECRET])
})

test('overwrites its copy of the key and the key of the state also where it does not open', async () => {
  const info = concatBytes(bytesOf('halo/mam/state/1\0'), deriveChannelId(SEED))
  const stateKey = hkdf(sha256, bytesOf(SEED), undefined, info, 32)
  const parts = { engine, state: createMemoryState() }
  const overwritten = await watchOverwriting(async () =>
    assert.is(await codeOfAsync(() => openChannel(parts, optionsFor({ isNew: false }))), 'STATE_ROLLED_BACK'),
  )
  assert.ok(overwritten.has(bytesToHex(PUBLISHER_SECRET)), 'the copy of the key was left')
  assert.ok(overwritten.has(bytesToHex(stateKey)), 'the key of the state was left')
})

/** What was in the buffers that were filled with zeros meanwhile, in hexadecimal. */
async function watchOverwriting(work: () => PromiseLike<unknown>): Promise<ReadonlySet<string>> {
  const arrays = Object.getPrototypeOf(Uint8Array.prototype)
  const { fill } = arrays
  const overwritten = new Set<string>()
  arrays.fill = function (this: Uint8Array, value: number, ...range: number[]) {
    if (value === 0 && range.length === 0) overwritten.add(bytesToHex(Uint8Array.from(this)))
    return fill.call(this, value, ...range)
  }
  try {
    await work()
  } finally {
    arrays.fill = fill
  }
  return overwritten
}

test('gives nobody a hold on what it keeps', async () => {
  await using channel = await openChannel({ engine, state: createMemoryState() }, optionsFor())
  await channel.publish(bytesOf('a'))
  const before = await channel.nextPosition()
  const kept = structuredClone(before)
  for (const bytes of [before.previousHash, before.channelId, channel.channelId]) bytes.fill(7)
  assert.equal(await channel.nextPosition(), kept)
})

test('refuses to publish when its one-time keys are used up, and not before', async () => {
  const channelId = deriveChannelId(SEED)
  const state = createMemoryState()
  const last = { ...FRESH, counter: 9, nextIndex: 2 ** 32 - 2 }
  state.restore(createStateSeal(SEED, channelId, random).seal(last))
  await using channel = await openAgain({ engine, state })
  assert.is((await channel.publish(bytesOf('last'))).sequence, 2 ** 32 - 2)
  assert.is(await codeOfAsync(() => channel.publish(bytesOf('more'))), 'CHANNEL_FULL')
  await using again = await openAgain({ engine, state })
  assert.is((await again.listPending()).length, 1)
})

test('goes on with the next key after it was closed', async () => {
  const state = createMemoryState()
  const first = await openAgain({ engine, state })
  const { nextRoot } = await first.publish(bytesOf('a'))
  await first[Symbol.asyncDispose]()
  await using second = await openAgain({ engine, state })
  assert.is((await second.publish(bytesOf('b'))).root, nextRoot)
})

test('lists what is not confirmed, the very same, until it is', async () => {
  const state = createMemoryState()
  const first = await openAgain({ engine, state })
  const published = [await first.publish(bytesOf('a')), await first.publish(bytesOf('b'))]
  await first[Symbol.asyncDispose]()
  await using second = await openAgain({ engine, state })
  assert.equal(await second.listPending(), published)
  await second.confirm(0)
  await second.confirm(0)
  await second.confirm(77)
  assert.equal(await second.listPending(), published.slice(1))
})

test('makes a pending message again with the side key it was made with', async () => {
  const state = createMemoryState()
  const options = { mode: 'restricted', sideKey: 'OLDKEY' } as const
  const first = await openAgain({ engine, state }, options)
  const message = await first.publish(bytesOf('a'))
  assert.is(await first.startEpoch('NEWKEY'), 1)
  await first[Symbol.asyncDispose]()
  await using second = await openAgain({ engine, state }, { mode: 'restricted' })
  assert.equal(await second.listPending(), [message])
  const { payload, root } = await second.publish(bytesOf('b'))
  assert.is(
    codeOf(() => engine.parseMessage(payload, root, 'OLDKEY')),
    'NOT_FOR_KEY',
  )
  assert.is(
    codeOf(() => engine.parseMessage(payload, root, 'NEWKEY')),
    'none',
  )
})

test('makes a pending message again byte for byte after a crash, whichever engine does', async () => {
  const engines = [await openEngine('simd'), await openEngine('mam.js')]
  const state = createMemoryState()
  const options = { mode: 'restricted', sideKey: 'MADEUPSIDEKEY', isNew: true } as const
  const crashing = await openAgain({ engine: engines[0] ?? engine, state }, options)
  const message = await crashing.publish(bytesOf('5.1'))
  for (const again of engines) {
    await using channel = await openAgain({ engine: again, state }, { mode: 'restricted' })
    assert.equal(await channel.listPending(), [message])
  }
})

test('refuses more messages than may wait, and goes on when one is confirmed', async () => {
  await using channel = await openChannel(
    { engine, state: createMemoryState() },
    optionsFor({ maxPending: 2 }),
  )
  await channel.publish(bytesOf('a'))
  await channel.publish(bytesOf('b'))
  assert.is(await codeOfAsync(() => channel.publish(bytesOf('c'))), 'QUEUE_FULL')
  await channel.confirm(0)
  assert.is((await channel.publish(bytesOf('c'))).sequence, 2)
})

test('refuses more calls at once than may wait', async () => {
  await using channel = await openChannel(
    { engine, state: createMemoryState() },
    optionsFor({ maxWaiting: 2 }),
  )
  const codes = await Promise.all([1, 2, 3].map(() => codeOfAsync(() => channel.nextPosition())))
  assert.equal(codes, ['none', 'none', 'QUEUE_FULL'])
})

for (const security of [1, 2, 3] as const)
  test(`takes content up to its limit at level ${security}, and uses no key for more`, async () => {
    const real = await openEngine('simd')
    await using channel = await openChannel(
      { engine: real, state: createMemoryState() },
      optionsFor({ security }),
    )
    const most = maxContentBytes(security)
    assert.is(await codeOfAsync(() => channel.publish(new Uint8Array(most + 1))), 'MESSAGE_TOO_LONG')
    assert.is((await channel.publish(new Uint8Array(most).fill(255))).sequence, 0)
  })

test('refuses to publish when closed or aborted, and then has used no key', async () => {
  const channel = await openChannel({ engine, state: createMemoryState() }, optionsFor())
  const signal = AbortSignal.abort(new Error('stop'))
  let reason = ''
  await channel.publish(bytesOf('a'), { signal }).catch((error: Error) => {
    reason = error.message
  })
  assert.is(reason, 'stop')
  assert.is((await channel.nextPosition()).sequence, 0)
  await channel[Symbol.asyncDispose]()
  await channel[Symbol.asyncDispose]()
  assert.is(await codeOfAsync(() => channel.publish(bytesOf('a'))), 'CHANNEL_CLOSED')
})

test('gives up publishing when told to, also while it waits for a call before it, and then has used no key', async () => {
  const gate = Promise.withResolvers<void>()
  const lookup = {
    async find() {
      await gate.promise
      return { found: [] }
    },
  }
  const parts = { engine, state: createMemoryState(), lookup }
  await using channel = await openChannel(parts, optionsFor({ maxWaiting: 3 }))
  const hanging = channel.publish(bytesOf('a'))
  const controller = new AbortController()
  const waiting = ['b', 'c'].map((text) =>
    channel.publish(bytesOf(text), { signal: controller.signal }).then(null, (error: Error) => error.message),
  )
  assert.is(await codeOfAsync(() => channel.publish(bytesOf('d'))), 'QUEUE_FULL')
  controller.abort(new Error('stop'))
  assert.equal(await Promise.all(waiting), ['stop', 'stop'])
  const behind = channel.publish(bytesOf('d'))
  gate.resolve()
  assert.equal([(await hanging).sequence, (await behind).sequence], [0, 1])
  assert.is((await channel.listPending()).length, 2)
})

test('hears no signal any more once the state is being written, and says what was published', async () => {
  const state = createMemoryState()
  const controller = new AbortController()
  const stopping: typeof state = {
    ...state,
    async swap(expected, next) {
      controller.abort(new Error('stop'))
      await Promise.resolve()
      return await state.swap(expected, next)
    },
  }
  await (await openAgain({ engine, state }))[Symbol.asyncDispose]()
  await using channel = await openAgain({ engine, state: stopping })
  const { signal } = controller
  assert.is((await channel.publish(bytesOf('a'), { signal })).sequence, 0)
  assert.ok(signal.aborted)
  assert.is((await channel.nextPosition()).sequence, 1)
})

const IMPOSSIBLE: readonly (readonly [string, Partial<ChannelOptions>, string])[] = [
  ['a short seed', { seed: 'A'.repeat(80) }, 'SEED_INVALID'],
  ['a seed of other characters', { seed: 'a'.repeat(81) }, 'SEED_INVALID'],
  ['an unknown mode', { mode: 'secret' as 'private' }, 'MODE_INVALID'],
  ['an unknown level', { security: 4 as 3 }, 'SECURITY_INVALID'],
  ['a side key outside restricted mode', { sideKey: 'KEY' }, 'MODE_INVALID'],
  ['restricted mode without a side key', { mode: 'restricted' }, 'SIDE_KEY_INVALID'],
  ['an empty side key', { mode: 'restricted', sideKey: '' }, 'SIDE_KEY_INVALID'],
  ['a long side key', { mode: 'restricted', sideKey: 'A'.repeat(82) }, 'SIDE_KEY_INVALID'],
  ['a side key of 9s, which is none', { mode: 'restricted', sideKey: '999' }, 'SIDE_KEY_INVALID'],
  ['a short secret key', { publisherSecretKey: new Uint8Array(31) }, 'KEY_INVALID'],
  ['no pending messages', { maxPending: 0 }, 'LIMIT_INVALID'],
  ['more pending messages than the state counts', { maxPending: 256 }, 'LIMIT_INVALID'],
  ['half a tree', { maxPrepared: 0.5 }, 'LIMIT_INVALID'],
]
for (const [what, changes, code] of IMPOSSIBLE)
  test(`refuses ${what}`, async () => {
    const open = () => openChannel({ engine, state: createMemoryState() }, optionsFor(changes))
    assert.is(await codeOfAsync(open), code)
  })

test('refuses a channel that hides nothing by mistake: only public mode goes without content keys', async () => {
  const { contentKeys: _, ...options } = optionsFor()
  assert.is(
    await codeOfAsync(() => openChannel({ engine, state: createMemoryState() }, options)),
    'KEY_INVALID',
  )
})

test('refuses to publish in an epoch for which it has no key, and stores nothing', async () => {
  const only0 = (epoch: number) => (epoch === 0 ? contentKeys(0) : null)
  await using channel = await openChannel(
    { engine, state: createMemoryState() },
    optionsFor({ contentKeys: only0 }),
  )
  assert.is(await codeOfAsync(() => channel.startEpoch()), 'KEY_INVALID')
  assert.is((await channel.publish(bytesOf('a'))).sequence, 0)
})

test('refuses a new side key that is the current one, also with 9s at its end', async () => {
  const options = optionsFor({ mode: 'restricted', sideKey: 'KEY' })
  await using channel = await openChannel({ engine, state: createMemoryState() }, options)
  for (const sideKey of ['KEY', 'KEY99', undefined, '9'])
    assert.is(await codeOfAsync(() => channel.startEpoch(sideKey)), 'SIDE_KEY_INVALID')
})

test('refuses to open a channel with another mode, level, side key or seed than it has', async () => {
  const state = createMemoryState()
  const own = { mode: 'restricted', sideKey: 'KEY' } as const
  await (await openAgain({ engine, state }, own))[Symbol.asyncDispose]()
  const wrong: readonly (readonly [Partial<ChannelOptions>, string])[] = [
    [{ ...optionsFor(), isNew: false }, 'MODE_INVALID'],
    [{ ...own, security: 2 }, 'SECURITY_INVALID'],
    [{ ...own, sideKey: 'OTHER' }, 'SIDE_KEY_INVALID'],
    [{ ...own, seed: 'B'.repeat(81) }, 'STATE_MALFORMED'],
    [{ ...own, isNew: true }, 'STATE_EXISTS'],
  ]
  for (const [changes, code] of wrong)
    assert.is(await codeOfAsync(() => openAgain({ engine, state }, changes)), code)
})

test('derives trees that it needs together in one go, and none twice', async () => {
  const derived: (readonly [from: number, count: number])[] = []
  const counting: MamEngine = {
    ...engine,
    deriveTree: (seed, index, security) => {
      derived.push([index, 1])
      return engine.deriveTree(seed, index, security)
    },
    deriveTrees: (seed, from, count, security) => {
      derived.push([from, count])
      return engine.deriveTrees(seed, from, count, security)
    },
  }
  const options = optionsFor({ maxPrepared: 40 })
  await using channel = await openChannel({ engine: counting, state: createMemoryState() }, options)
  await channel.publish(bytesOf('a'))
  await channel.publish(bytesOf('b'))
  await channel.prepare()
  assert.equal(derived, [
    [0, 2],
    [2, 1],
    [3, 16],
    [19, 16],
    [35, 7],
  ])
})

test('prepares no more trees than it may keep, and wipes what it no longer needs', async () => {
  let held = 0
  let most = 0
  const countTree = (tree: MamTree): MamTree => {
    held++
    most = Math.max(most, held)
    let isWiped = false
    const wipe = (): void => {
      if (!isWiped) held--
      isWiped = true
    }
    return { ...tree, wipe }
  }
  const counting: MamEngine = {
    ...engine,
    deriveTree: (seed, index, security) => countTree(engine.deriveTree(seed, index, security)),
    deriveTrees: (seed, from, count, security) =>
      engine.deriveTrees(seed, from, count, security).map(countTree),
  }
  const state = createMemoryState()
  const channel = await openChannel({ engine: counting, state }, optionsFor({ maxPrepared: 3 }))
  for (let n = 0; n < 10; n++) {
    await channel.prepare()
    await channel.publish(bytesOf(`${n}`))
    await channel.listPending()
  }
  assert.ok(most >= 3 && most <= 6, `${most} trees were held at once`)
  await channel[Symbol.asyncDispose]()
  assert.is(held, 0)
})

test('keeps states so that only the seed opens them, and any change is noticed', async () => {
  const channelId = deriveChannelId(SEED)
  const seal = createStateSeal(SEED, channelId, random)
  const text = fc.string({ unit: fc.constantFrom(...'9ABC'), maxLength: 81 })
  const pending = fc.array(fc.record({ sideKey: text, envelope: fc.uint8Array({ maxLength: 300 }) }), {
    maxLength: 5,
  })
  const states = fc.record({ sideKey: text, pending, counter: fc.maxSafeNat(), gap: fc.nat(3) })
  await holds(
    fc.property(states, fc.nat(), ({ sideKey, pending, counter, gap }, place) => {
      const state: ChannelState = {
        mode: 'restricted',
        security: 3,
        counter,
        nextIndex: pending.length + gap,
        epoch: gap,
        previousHash: new Uint8Array(32).fill(counter),
        sideKey,
        pending: pending.map((message, index) => ({ index, ...message })),
      }
      const sealed = seal.seal(state)
      assert.equal(seal.open(sealed), state)
      const changed = sealed.slice()
      changed[place % sealed.length] = (changed[place % sealed.length] ?? 0) ^ 1
      const cut = sealed.slice(0, place % sealed.length)
      for (const bytes of [changed, cut])
        assert.is(
          codeOf(() => seal.open(bytes)),
          'STATE_MALFORMED',
        )
      assert.is(
        codeOf(() => createStateSeal('B'.repeat(81), channelId, random).open(sealed)),
        'STATE_MALFORMED',
      )
    }),
  )
})

test('refuses a state whose pending messages are not in order, or not before the next', () => {
  const seal = createStateSeal(SEED, deriveChannelId(SEED), random)
  const open = (indices: readonly number[], nextIndex: number): string => {
    const pending = indices.map((index) => ({ index, sideKey: '', envelope: new Uint8Array(101) }))
    return codeOf(() => seal.open(seal.seal({ ...FRESH, nextIndex, pending })))
  }
  assert.is(open([3, 5, 6], 7), 'none')
  for (const indices of [[5, 3], [3, 3], [7], [3, 8]]) assert.is(open(indices, 7), 'STATE_MALFORMED')
})

test('refuses a state that has a byte more than it says, or one less', () => {
  const pending = [{ index: 0, sideKey: '', envelope: new Uint8Array(101) }]
  const bytes = encodeState({ ...FRESH, nextIndex: 1, pending })
  assert.is(
    codeOf(() => decodeState(bytes)),
    'none',
  )
  for (const other of [concatBytes(bytes, Uint8Array.of(0)), bytes.subarray(0, -1)])
    assert.is(
      codeOf(() => decodeState(other)),
      'STATE_MALFORMED',
    )
})

test('seals no two states under one nonce, also where the random source repeats itself or gives too little', async () => {
  const state = createMemoryState()
  const same = (sizeBytes: number): Uint8Array => new Uint8Array(sizeBytes).fill(7)
  await using channel = await openAgain({ engine, state, random: same })
  const nonces = new Set<string>()
  for (let written = 1; written <= 3; written++) {
    nonces.add(bytesToHex(state.backUp()?.subarray(1, 25) ?? new Uint8Array()))
    await channel.startEpoch()
  }
  assert.is(nonces.size, 3)
  const short = openAgain({ engine, state: createMemoryState(), random: () => new Uint8Array(15) })
  assert.is(await short.then(null, (error: Error) => error.name), 'TypeError')
})

test('shows no side key in the stored state', async () => {
  const state = createMemoryState()
  const sideKey = 'SIDEKEYTHATNOBODYSEES'
  await (await openAgain({ engine, state }, { mode: 'restricted', sideKey }))[Symbol.asyncDispose]()
  assert.not.ok(textOf(state.backUp() ?? new Uint8Array()).includes(sideKey))
})

test.run()
