import { Worker } from 'node:worker_threads'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOfAsync } from '../../../test/claims/code-of.ts'
import type { ParserWorker } from '../src/index.ts'
import { answerParsing, createReader, openEngine, openParser } from '../src/index.ts'
import { bytesOf, contentKeys, openAgain, PUBLISHER_KEY, SEED, textOf } from './channel-fixture.ts'
import { createMemoryState } from './memory-state.ts'
import { createMemoryTangle } from './memory-tangle.ts'
import { shapeMessage } from './shaped-message.ts'

const test = suite('mam/parser')
const engine = await openEngine('simd')
/** Far above what anything takes on a busy machine, for tests that are not about the limits. */
const AMPLE = { timeLimitMs: 60_000, startLimitMs: 60_000 } as const
/** As long as a test waits for what hangs, and long enough on a busy machine for what is read after it. */
const HANGING = { ...AMPLE, timeLimitMs: 5000 } as const
const ROOT = engine.deriveTree(SEED, 0, 1).root

/** Makes workers, and counts them. */
function spawner(workerData: 'honest' | 'fragile' | 'never ready'): {
  readonly spawn: () => ParserWorker
  readonly count: () => number
} {
  let count = 0
  const entry = new URL('./parser-entry.ts', import.meta.url)
  return {
    count: () => count,
    spawn() {
      count++
      return new Worker(entry, { workerData })
    },
  }
}

function createMessage(text: string) {
  const tree = engine.deriveTree(SEED, 0, 1)
  const nextTree = engine.deriveTree(SEED, 1, 1)
  return engine.createMessage({ mode: 'private', tree, nextTree, trytes: text })
}

test('reads in a worker what the engine reads here, and refuses what it refuses', async () => {
  const { spawn, count } = spawner('honest')
  await using parser = await openParser(spawn, AMPLE)
  const { payload, root } = createMessage('HELLO')
  assert.equal(await parser.parseMessage(payload, root), engine.parseMessage(payload, root))
  const codes = [
    await codeOfAsync(() => parser.parseMessage('abc', root)),
    await codeOfAsync(() => parser.parseMessage('JUNK', root)),
    await codeOfAsync(() => parser.parseMessage(payload, SEED)),
    await codeOfAsync(() => parser.parseMessage(payload, root, 'KEY')),
    await codeOfAsync(() => parser.parseMessage(payload, root, 'not trytes')),
  ]
  assert.equal(codes, [
    'TRYTES_INVALID',
    'MESSAGE_MALFORMED',
    'NOT_FOR_KEY',
    'NOT_FOR_KEY',
    'SIDE_KEY_INVALID',
  ])
  assert.is(count(), 1)
})

test('ends a worker that hangs and reads on with another', async () => {
  const { spawn, count } = spawner('fragile')
  await using parser = await openParser(spawn, HANGING)
  const { payload, root } = createMessage('HELLO')
  assert.is(await codeOfAsync(() => parser.parseMessage('HANGHANGHANG', ROOT)), 'PARSE_TIMEOUT')
  assert.is((await parser.parseMessage(payload, root)).trytes, 'HELLO')
  assert.is(count(), 2)
})

for (const defect of ['DIEDIEDIEDIE', 'DEFECT'])
  test(`notices a worker that ends (${defect}), and reads on with another`, async () => {
    await using parser = await openParser(spawner('fragile').spawn, AMPLE)
    const { payload, root } = createMessage('HELLO')
    assert.is(await codeOfAsync(() => parser.parseMessage(defect, ROOT)), 'PARSER_DIED')
    assert.is((await parser.parseMessage(payload, root)).trytes, 'HELLO')
  })

test('takes nothing else that a worker says for the answer', async () => {
  await using parser = await openParser(spawner('fragile').spawn, AMPLE)
  assert.is(await codeOfAsync(() => parser.parseMessage('NONSENSE', ROOT)), 'MESSAGE_MALFORMED')
})

test('gives each of many callers their own answer', async () => {
  await using parser = await openParser(spawner('honest').spawn, AMPLE)
  const { payload, root } = createMessage('HELLO')
  const codes = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      codeOfAsync(() => parser.parseMessage(n % 2 === 0 ? payload : 'JUNK', root)),
    ),
  )
  assert.equal(
    codes,
    codes.map((_, n) => (n % 2 === 0 ? 'none' : 'MESSAGE_MALFORMED')),
  )
})

test('refuses more calls than may wait, and payloads that fit into no message, without a worker', async () => {
  await using parser = await openParser(spawner('honest').spawn, { ...AMPLE, maxWaiting: 1 })
  const codes = await Promise.all([1, 2].map(() => codeOfAsync(() => parser.parseMessage('JUNK', ROOT))))
  assert.equal(codes, ['MESSAGE_MALFORMED', 'QUEUE_FULL'])
  assert.is(await codeOfAsync(() => parser.parseMessage('9'.repeat(1e7), ROOT)), 'MESSAGE_MALFORMED')
})

test('says that a worker does not start: no file, never ready, no worker', async () => {
  const missing = () => new Worker(new URL('./no-such-entry.ts', import.meta.url))
  assert.is(await codeOfAsync(() => openParser(missing, AMPLE)), 'ENGINE_MISSING')
  const { spawn } = spawner('never ready')
  assert.is(await codeOfAsync(() => openParser(spawn, { startLimitMs: 500 })), 'ENGINE_MISSING')
  const refusing = () => {
    throw new Error('Refused to create a worker')
  }
  assert.is(await codeOfAsync(() => openParser(refusing, AMPLE)), 'ENGINE_MISSING')
})

test('refuses limits that no timer takes', async () => {
  for (const timeLimitMs of [0, Number.NaN, 2 ** 31, 0.5])
    assert.is(await codeOfAsync(() => openParser(spawner('honest').spawn, { timeLimitMs })), 'LIMIT_INVALID')
})

test('refuses what is no text, without a worker', async () => {
  await using parser = await openParser(spawner('honest').spawn, AMPLE)
  for (const nothing of [null, undefined, 7, {}])
    assert.is(
      await codeOfAsync(() => parser.parseMessage(nothing as unknown as string, ROOT)),
      'TRYTES_INVALID',
    )
})

test('answers in a worker that it failed, for throwing ends no worker of a browser', async () => {
  const told: unknown[] = []
  let ask: (message: unknown) => void = () => {}
  const { promise, resolve } = Promise.withResolvers<void>()
  const port = {
    on(_: string, listener: (message: unknown) => void) {
      ask = listener
    },
    postMessage: (message: unknown) => {
      if (told.push(message) === 2) resolve()
    },
  }
  const defective = { parseMessage: () => Promise.reject(new TypeError('a defect')) }
  answerParsing(port, defective)
  ask({ id: 3, payload: 'A', root: ROOT })
  await promise
  assert.equal(told, [
    { kind: 'ready', id: 0 },
    { kind: 'failed', id: 3 },
  ])
})

test('leaves nobody waiting when it is closed: not the one being read, nor those behind it', async () => {
  const { spawn, count } = spawner('fragile')
  const parser = await openParser(spawn, { ...AMPLE, timeLimitMs: 2 ** 31 - 1 })
  const payloads = ['HANGHANGHANG', 'JUNK', 'JUNK']
  const reading = payloads.map((payload) => codeOfAsync(() => parser.parseMessage(payload, ROOT)))
  await parser[Symbol.asyncDispose]()
  assert.equal(await Promise.all(reading), ['CHANNEL_CLOSED', 'CHANNEL_CLOSED', 'CHANNEL_CLOSED'])
  assert.is(count(), 1)
})

test('leaves nobody waiting when it is closed while another worker starts', async () => {
  const workers = [spawner('honest').spawn, spawner('never ready').spawn]
  const limits = { timeLimitMs: 2 ** 31 - 1, startLimitMs: 2 ** 31 - 1 }
  const spawned: ParserWorker[] = []
  const spawn = (): ParserWorker => {
    const worker = workers[spawned.length]?.() ?? spawner('never ready').spawn()
    spawned.push(worker)
    return worker
  }
  const parser = await openParser(spawn, limits)
  await spawned[0]?.terminate()
  const reading = codeOfAsync(() => parser.parseMessage('JUNK', ROOT))
  await Promise.resolve()
  await parser[Symbol.asyncDispose]()
  assert.is(await reading, 'CHANNEL_CLOSED')
})

/** A worker that answers nothing, and to which things happen; in a browser an error does not end one. */
function createIdleWorker() {
  const listeners = new Map<string, (value: unknown) => void>()
  let terminated = 0
  const worker: ParserWorker = {
    on: (event, listener) => listeners.set(event, listener),
    postMessage: () => {},
    terminate: () => void terminated++,
  }
  const happen = (event: string, value: unknown = null) => listeners.get(event)?.(value)
  const beReady = () => happen('message', { kind: 'ready', id: 0 })
  return { worker, happen, beReady, terminated: () => terminated }
}

test('ends a worker that fails while nothing is read, and leaves none behind', async () => {
  for (const event of ['error', 'messageerror', 'exit']) {
    const idle = createIdleWorker()
    const opening = openParser(() => idle.worker, AMPLE)
    idle.beReady()
    await using parser = await opening
    assert.type(parser.parseMessage, 'function')
    idle.happen(event)
    assert.is(idle.terminated(), 1, event)
  }
})

test('leaves nobody waiting when it is closed in the moment in which another worker is ready', async () => {
  const [first, second] = [createIdleWorker(), createIdleWorker()]
  const workers = [first.worker, second.worker]
  const opening = openParser(() => workers.shift() ?? second.worker, AMPLE)
  first.beReady()
  const parser = await opening
  first.happen('exit')
  const reading = codeOfAsync(() => parser.parseMessage('JUNK', ROOT))
  await Promise.resolve()
  second.beReady()
  await parser[Symbol.asyncDispose]()
  assert.is(await reading, 'CHANNEL_CLOSED')
})

test('reads nothing more when closed', async () => {
  const parser = await openParser(spawner('honest').spawn, AMPLE)
  await parser[Symbol.asyncDispose]()
  await parser[Symbol.asyncDispose]()
  assert.is(await codeOfAsync(() => parser.parseMessage('JUNK', ROOT)), 'CHANNEL_CLOSED')
})

test('lets a reader find the genuine message behind one that hangs its worker', async () => {
  const tangle = createMemoryTangle()
  await using channel = await openAgain({ engine, state: createMemoryState() })
  const position = await channel.nextPosition()
  const address = engine.addressOf(position.root, 'private')
  await using parser = await openParser(spawner('fragile').spawn, HANGING)
  const options = { position, mode: 'private', publisherKey: PUBLISHER_KEY, contentKeys } as const
  const reader = createReader({ engine, parser, lookup: tangle }, options)
  for (const text of ['DIEDIEDIEDIE', 'HANGHANGHANG']) tangle.attach(address, shapeMessage(text))
  assert.is(await codeOfAsync(() => reader.next()), 'PARSE_TIMEOUT')
  const { payload } = await channel.publish(bytesOf('5.1'))
  tangle.attach(address, payload)
  const { content, skipped } = await reader.next()
  assert.is(textOf(content), '5.1')
  assert.is(skipped.unparsed, 2)
})

test.run()
