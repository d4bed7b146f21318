import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createMemoryStore, nowSec } from '../src/index.ts'

const test = suite('ports/state')
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

test('gives back what was put, and null for what was not', async () => {
  const store = createMemoryStore()
  await store.put('a/1', bytes(1))
  await store.put('a/1', bytes(2))
  assert.equal(await store.get('a/1'), bytes(2))
  assert.is(await store.get('a'), null)
  await store.delete('a/1')
  assert.is(await store.get('a/1'), null)
  await store.delete('a/1')
})

test('takes a key once, whoever is second', async () => {
  const store = createMemoryStore()
  const taken = await Promise.all([store.putNew('k', bytes(1)), store.putNew('k', bytes(2))])
  assert.equal(taken, [true, false])
  assert.equal(await store.get('k'), bytes(1))
})

test('lists by prefix, in key order, after a key, up to a limit', async () => {
  const store = createMemoryStore()
  for (const key of ['a/3', 'a/1', 'b/1', 'a/2', 'a', 'ab/1']) await store.put(key, bytes(key.length))
  const keys = async (...args: Parameters<typeof store.list>): Promise<string[]> =>
    (await store.list(...args)).map((entry) => entry.key)
  assert.equal(await keys('a/'), ['a/1', 'a/2', 'a/3'])
  assert.equal(await keys('a/', { after: 'a/1' }), ['a/2', 'a/3'])
  assert.equal(await keys('a/', { limit: 2 }), ['a/1', 'a/2'])
  assert.equal(await keys('a/', { limit: 1, after: 'a/2' }), ['a/3'])
  assert.equal(await keys('c/'), [])
  assert.is((await keys('')).length, 6)
})

test('keeps its own copy: a caller may wipe what it put or got', async () => {
  const store = createMemoryStore()
  const value = bytes(7)
  await store.put('k', value)
  value.fill(0)
  ;(await store.get('k'))?.fill(0)
  ;(await store.list('k'))[0]?.value.fill(0)
  assert.equal(await store.get('k'), bytes(7))
})

test('counts whole seconds', () => {
  assert.is(nowSec({ nowMs: () => 1_999 }), 1)
  assert.is(nowSec({ nowMs: () => 2_000 }), 2)
})

test.run()
