import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Stripe } from '../src/index.ts'
import { shardStreams } from '../src/index.ts'
import { failureOf } from './streams.ts'

const test = suite('vault/shard-streams')

interface Source {
  readonly stripes: AsyncIterable<Stripe>
  readonly seen: { pulled: number; isClosed: boolean }
}

/** `count` stripes of `shards` units: unit s of stripe n is [n, s]. */
function source(count: number, shards: number): Source {
  const seen = { pulled: 0, isClosed: false }
  async function* make(): AsyncGenerator<Stripe> {
    try {
      for (let stripe = 0; stripe < count; stripe++) {
        seen.pulled++
        yield { stripe, units: Array.from({ length: shards }, (_, shard) => Uint8Array.of(stripe, shard)) }
      }
    } finally {
      seen.isClosed = true
    }
  }
  return { stripes: make(), seen }
}

async function read(stream: AsyncIterable<Uint8Array> | undefined): Promise<number[][]> {
  const units: number[][] = []
  for await (const unit of stream ?? []) units.push([...unit])
  return units
}

const iterate = (stream: AsyncIterable<Uint8Array> | undefined): AsyncIterator<Uint8Array> => {
  assert.ok(stream)
  return stream[Symbol.asyncIterator]()
}

test('gives each shard its own units in stripe order', async () => {
  const { stripes, seen } = source(20, 3)
  const shards = await Promise.all(shardStreams(stripes, 3).map(read))
  shards.forEach((units, shard) => {
    assert.equal(
      units,
      Array.from({ length: 20 }, (_, stripe) => [stripe, shard]),
    )
  })
  assert.is(seen.isClosed, true)
})

test('runs at most a window ahead of the slowest reader', async () => {
  const { stripes, seen } = source(100, 2)
  const [fast, slow] = shardStreams(stripes, 2, { windowStripes: 3 })
  const quick = iterate(fast)
  for (let turn = 0; turn < 3; turn++) assert.is((await quick.next()).done, false)
  const held = quick.next()
  await new Promise((resolve) => setImmediate(resolve))
  assert.is(seen.pulled, 3)
  const lazy = iterate(slow)
  await lazy.next()
  assert.equal([...((await held).value ?? [])], [3, 0])
  assert.ok(seen.pulled <= 4)
})

test('holds nobody back once a slow reader has left', async () => {
  const { stripes } = source(50, 3)
  const [first, second, third] = shardStreams(stripes, 3, { windowStripes: 2 })
  const leaving = iterate(third)
  await leaving.next()
  const others = Promise.all([read(first), read(second)])
  await leaving.return?.()
  const [a, b] = await others
  assert.is(a.length, 50)
  assert.is(b.length, 50)
  assert.equal(await leaving.next(), { done: true, value: undefined })
})

test('holds nobody back once a reader has left before its first unit', async () => {
  const { stripes } = source(50, 2)
  const [first, second] = shardStreams(stripes, 2, { windowStripes: 2 })
  await iterate(second).return?.()
  assert.is((await read(first)).length, 50)
})

test('lets a reader leave while it waits for a slower one', async () => {
  const { stripes } = source(50, 2)
  const [first] = shardStreams(stripes, 2, { windowStripes: 1 })
  const reader = iterate(first)
  await reader.next()
  const waiting = reader.next()
  await reader.return?.()
  assert.equal(await waiting, { done: true, value: undefined })
})

test('lets the source go when all readers have left', async () => {
  const { stripes, seen } = source(50, 2)
  const [first, second] = shardStreams(stripes, 2)
  const [a, b] = [iterate(first), iterate(second)]
  await a.next()
  await a.return?.()
  assert.is(seen.isClosed, false)
  await b.return?.()
  assert.is(seen.isClosed, true)
  assert.ok(seen.pulled <= 5)
})

test('passes an error of the source to every reader', async () => {
  async function* broken(): AsyncGenerator<Stripe> {
    yield { stripe: 0, units: [Uint8Array.of(0), Uint8Array.of(1)] }
    throw new RangeError('sealing failed')
  }
  const outcomes = await Promise.allSettled(shardStreams(broken(), 2).map(read))
  for (const outcome of outcomes)
    assert.is(outcome.status === 'rejected' && (outcome.reason as Error).message, 'sealing failed')
})

test('ends every reader by its signal, the waiting ones too', async () => {
  const { stripes, seen } = source(50, 2)
  const stop = new AbortController()
  const [first, second] = shardStreams(stripes, 2, { windowStripes: 1, signal: stop.signal })
  const reader = iterate(first)
  await reader.next()
  const waiting = reader.next().catch((error: unknown) => error)
  const reason = new Error('stopped')
  stop.abort(reason)
  assert.is(await waiting, reason)
  assert.is(await read(second).catch((error: unknown) => error), reason)
  assert.is(seen.isClosed, true)
  const [late] = shardStreams(source(1, 1).stripes, 1, { signal: stop.signal })
  assert.is(await read(late).catch((error: unknown) => error), reason)
})

test('refuses a second reading, stripes of another width, and bounds out of range', async () => {
  const [only] = shardStreams(source(1, 1).stripes, 1)
  await read(only)
  assert.equal(await failureOf(() => read(only)), { code: 'ALREADY_READ' })
  const wide = source(9, 3)
  const [wrong] = shardStreams(wide.stripes, 2)
  assert.equal(await failureOf(() => read(wrong)), { code: 'SHAPE_INVALID', field: 'units' })
  assert.is(wide.seen.isClosed, true)
  const { stripes } = source(1, 1)
  const none = await failureOf(() => shardStreams(stripes, 0))
  assert.equal(none, { code: 'SHAPE_INVALID', field: 'shards' })
  const noWindow = await failureOf(() => shardStreams(stripes, 1, { windowStripes: 0 }))
  assert.equal(noWindow, { code: 'SHAPE_INVALID', field: 'windowStripes' })
})

test.run()
