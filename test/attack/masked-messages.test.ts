import { randomBytes } from 'node:crypto'
import type {
  Channel,
  ChannelOptions,
  MamEngine,
  MamMode,
  MessageReader,
  PublishedMessage,
  ReaderOptions,
} from '@halo/mam'
import { createReader, deriveContentKey, openChannel, openEngine } from '@halo/mam'
import { createNoteSigner } from '@halo/proofs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createLightEngine } from '../../packages/mam/test/light-engine.ts'
import { createMemoryState } from '../../packages/mam/test/memory-state.ts'
import type { MemoryTangle } from '../../packages/mam/test/memory-tangle.ts'
import { createMemoryTangle } from '../../packages/mam/test/memory-tangle.ts'
import { shapeMessage } from '../../packages/mam/test/shaped-message.ts'
import { codeOfAsync } from '../claims/code-of.ts'

const test = suite('attack/masked-messages')
const TEXTS = ['5.1 mmol/L', '5.4 mmol/L', '6.0 mmol/L']
const SIDE_KEY = 'SIDEKEYOFALLREADERS'

/** A channel on a Tangle where anybody puts anything, with what its publisher and its readers know. */
interface Stream extends AsyncDisposable {
  readonly channel: Channel
  readonly tangle: MemoryTangle
  readonly seed: string
  /** What was published, in order; none of it is attached by itself. */
  readonly messages: readonly PublishedMessage[]
  attach(...messages: readonly PublishedMessage[]): void
  /** A reader from the beginning, with the keys of the stream. */
  reader(changes?: Partial<ReaderOptions>): MessageReader
}

/** Publishes the texts; `changes` are what another publisher does otherwise. */
async function publishAll(
  engine: MamEngine,
  mode: MamMode,
  { texts = TEXTS, ...changes }: Partial<ChannelOptions> & { readonly texts?: readonly string[] } = {},
): Promise<Stream> {
  const publisherSecretKey = changes.publisherSecretKey ?? randomBytes(32)
  const secret = randomBytes(32)
  const seed = changes.seed ?? randomTrytes()
  const tangle = createMemoryTangle()
  const sideKey = mode === 'restricted' ? { sideKey: SIDE_KEY } : {}
  const common = { mode, ...sideKey, contentKeys: changes.contentKeys ?? keysOf(secret) }
  const options = { seed, security: 1, publisherSecretKey, isNew: true, ...common, ...changes } as const
  const channel = await openChannel({ engine, state: createMemoryState() }, options)
  const position = await channel.nextPosition()
  const messages: PublishedMessage[] = []
  for (const text of texts) messages.push(await channel.publish(new TextEncoder().encode(text)))
  // Both are Ed25519 keys.
  const publisherKey = createNoteSigner('publisher', publisherSecretKey).verifier.publicKey
  return {
    channel,
    tangle,
    seed,
    messages,
    attach: (...all) => {
      for (const { address, payload } of all) tangle.attach(address, payload)
    },
    reader: (given = {}) =>
      createReader({ engine, lookup: tangle }, { position, publisherKey, ...common, ...given }),
    [Symbol.asyncDispose]: () => channel[Symbol.asyncDispose](),
  }
}

/** Content keys of a secret that the publisher and those it chose have; one for all channels of the test. */
function keysOf(secret: Uint8Array): (epoch: number) => Uint8Array {
  return (epoch) => deriveContentKey(secret, new Uint8Array(16), epoch)
}

/** One publisher with one set of keys, for several channels. */
function keysOfPublisher(): Pick<ChannelOptions, 'publisherSecretKey' | 'contentKeys'> {
  return { publisherSecretKey: randomBytes(32), contentKeys: keysOf(randomBytes(32)) }
}

function randomTrytes(): string {
  return Array.from(randomBytes(81), (byte) => '9ABCDEFGHIJKLMNOPQRSTUVWXYZ'[byte % 27]).join('')
}

async function readTexts(reader: MessageReader): Promise<readonly string[]> {
  const texts: string[] = []
  for await (const { content } of reader.readAll()) texts.push(new TextDecoder().decode(content))
  return texts
}

/** Puts something first at an address, where a node lists it before the genuine message. */
async function attachBefore(
  tangle: MemoryTangle,
  address: string,
  ...payloads: readonly string[]
): Promise<void> {
  const { found } = await tangle.find(address)
  tangle.lose(address)
  for (const payload of [...payloads, ...found]) tangle.attach(address, payload)
}

/** One tryte of a payload is another one. */
function alter(payload: string, at: number): string {
  return `${payload.slice(0, at)}${payload[at] === 'A' ? 'B' : 'A'}${payload.slice(at + 1)}`
}

test('a message counts at its place only: not again, not in another order, not in another channel', async () => {
  const engine = await openEngine('simd')
  for (const mode of ['public', 'private', 'restricted'] as const) {
    const keys = keysOfPublisher()
    await using stream = await publishAll(engine, mode, keys)
    await using other = await publishAll(engine, mode, { ...keys, texts: ['9.9 mmol/L', '9.8 mmol/L'] })
    for (const { address, payload: own } of stream.messages)
      for (const { payload } of [...stream.messages, ...other.messages])
        if (payload !== own) stream.tangle.attach(address, payload)
    const refused = mode === 'restricted' ? 'NOT_FOR_KEY' : 'MESSAGE_FORGED'
    assert.is(await codeOfAsync(() => stream.reader().next()), refused, mode)
    stream.attach(...stream.messages)
    assert.equal(await readTexts(stream.reader()), TEXTS, mode)
  }
})

test('who has broken MAM’s signature and mask altogether still leads no reader astray', async () => {
  // The engine signs with anybody's key and hides nothing: only the envelope is left.
  const engine = createLightEngine()
  const keys = keysOfPublisher()
  await using stream = await publishAll(engine, 'private', keys)
  await using other = await publishAll(engine, 'private', keys)
  const roots = stream.messages.map(({ root }) => root)
  for (const [at, { root, address, nextRoot }] of stream.messages.entries()) {
    const treeOf = (its: string) => ({ index: at, security: 1, root: its, wipe: () => {} }) as const
    const envelopes = [...stream.messages, ...other.messages].map(
      (message) => engine.parseMessage(message.payload, message.root).trytes,
    )
    const ends = [nextRoot, ...roots, ...other.messages.map((message) => message.root), 'E'.repeat(81)]
    const genuine = stream.messages[at]?.payload
    for (const trytes of envelopes)
      for (const end of ends) {
        const parts = { mode: 'private', tree: treeOf(root), nextTree: treeOf(end), trytes } as const
        const { payload } = engine.createMessage(parts)
        if (payload !== genuine) stream.tangle.attach(address, payload)
      }
  }
  const reader = stream.reader({ maxCandidates: 100 })
  assert.is(await codeOfAsync(() => reader.next()), 'MESSAGE_FORGED')
  stream.attach(...stream.messages)
  assert.equal(await readTexts(reader), TEXTS)
  assert.is(reader.position().root, stream.messages.at(-1)?.nextRoot)
})

test('who knows seed, side key and content keys, but is not the publisher, publishes nothing in its name', async () => {
  const engine = await openEngine('simd')
  for (const mode of ['private', 'restricted'] as const) {
    const contentKeys = keysOf(randomBytes(32))
    await using stream = await publishAll(engine, mode, { contentKeys })
    const { seed } = stream
    await using forger = await publishAll(engine, mode, { contentKeys, seed, texts: ['2.1 mmol/L'] })
    const [genuine, forged] = [stream.messages[0], forger.messages[0]]
    assert.ok(genuine && forged)
    assert.is(forged.address, genuine.address, 'the very place, under the very one-time key')
    forger.attach(forged)
    assert.equal(await readTexts(forger.reader()), ['2.1 mmol/L'], 'nothing but the name is wrong')
    stream.tangle.attach(forged.address, forged.payload)
    assert.is(await codeOfAsync(() => stream.reader().next()), 'MESSAGE_FORGED', mode)
    stream.attach(...stream.messages)
    assert.equal(await readTexts(stream.reader()), TEXTS)
  }
})

test('junk and spam at an address hide no message, however much comes before it', async () => {
  const engine = createLightEngine()
  await using stream = await publishAll(engine, 'private')
  stream.attach(...stream.messages)
  const shapeless = ['', 'JUNK', '9'.repeat(60_000), 'not trytes', '\0', ...ofLengths(400)]
  const shaped = Array.from({ length: 150 }, (_, n) => shapeMessage('J'.repeat(n + 1)))
  for (const { address, payload } of stream.messages)
    await attachBefore(stream.tangle, address, ...shapeless, ...shaped, shaped[0] ?? '', payload, payload)
  const reader = stream.reader({ maxCandidates: 40 })
  const texts: string[] = []
  for (let tries = 0; tries < 15 && texts.length < TEXTS.length; tries++) {
    const code = await codeOfAsync(async () => {
      texts.push(new TextDecoder().decode((await reader.next()).content))
    })
    assert.ok(code === 'none' || code === 'MESSAGE_FORGED', code)
  }
  assert.equal(texts, TEXTS, 'one that asks again comes to the genuine ones')
  assert.equal(await readTexts(stream.reader({ maxCandidates: 200 })), TEXTS)
})

test('an altered message is never told as "nothing there", and the genuine one is read when it comes', async () => {
  const engine = await openEngine('simd')
  for (const mode of ['public', 'private', 'restricted'] as const) {
    await using stream = await publishAll(engine, mode, { texts: TEXTS.slice(0, 1) })
    const [genuine] = stream.messages
    assert.ok(genuine)
    assert.is(await codeOfAsync(() => stream.reader().next()), 'MESSAGE_NONE', 'where there is nothing')
    const { length } = genuine.payload
    const places = Array.from({ length: 12 }, (_, n) => 40 + Math.floor((n * (length - 800)) / 12))
    for (const at of places) {
      stream.tangle.lose(genuine.address)
      stream.tangle.attach(genuine.address, alter(genuine.payload, at))
      const code = await codeOfAsync(() => stream.reader().next())
      assert.ok(['MESSAGE_FORGED', 'NOT_FOR_KEY'].includes(code), `${mode}, tryte ${at}: ${code}`)
      assert.is(await codeOfAsync(() => readTexts(stream.reader())), code)
    }
    stream.attach(genuine)
    assert.equal(await readTexts(stream.reader()), TEXTS.slice(0, 1))
  }
})

function ofLengths(count: number): readonly string[] {
  return Array.from({ length: count }, (_, n) => 'A'.repeat(n + 1))
}

test.run()
