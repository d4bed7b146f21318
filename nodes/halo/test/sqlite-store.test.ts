import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openSqliteStore } from '@halo/node'
import type { KeyValueStore } from '@halo/ports'
import { createMemoryStore } from '@halo/ports'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openScratchDir } from './scratch-dir.ts'

const test = suite('node/sqlite-store')

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

async function keysOf(store: KeyValueStore, ...query: Parameters<KeyValueStore['list']>): Promise<string[]> {
  return (await store.list(...query)).map((entry) => entry.key)
}

/** What the port promises, for every store. */
function testStore(
  name: string,
  withStore: (act: (store: KeyValueStore) => Promise<void>) => Promise<void>,
): void {
  test(`${name}: gives back the bytes that were put last, and null for none`, () =>
    withStore(async (store) => {
      assert.is(await store.get('a'), null)
      await store.put('a', bytes('one'))
      await store.put('a', bytes('two'))
      assert.equal(new Uint8Array((await store.get('a')) ?? []), bytes('two'))
      await store.put('empty', new Uint8Array())
      assert.is((await store.get('empty'))?.length, 0)
    }))

  test(`${name}: keeps its own copy of what it is given and gives out`, () =>
    withStore(async (store) => {
      const given = bytes('mine')
      await store.put('a', given)
      given.fill(0)
      ;(await store.get('a'))?.fill(0)
      for (const entry of await store.list('a')) entry.value.fill(0)
      assert.equal(new Uint8Array((await store.get('a')) ?? []), bytes('mine'))
    }))

  test(`${name}: puts a new entry once`, () =>
    withStore(async (store) => {
      assert.is(await store.putNew('a', bytes('first')), true)
      assert.is(await store.putNew('a', bytes('second')), false)
      assert.equal(new Uint8Array((await store.get('a')) ?? []), bytes('first'))
      await store.delete('a')
      await store.delete('a')
      assert.is(await store.putNew('a', bytes('third')), true)
    }))

  test(`${name}: lists by prefix in key order, after a key, up to a limit`, () =>
    withStore(async (store) => {
      for (const key of ['b/2', 'a/1', 'b/1', 'b', 'b/10', 'c/1', 'b%', 'b/\u{1f600}'])
        await store.put(key, bytes(key))
      assert.equal(await keysOf(store, 'b/'), ['b/1', 'b/10', 'b/2', 'b/\u{1f600}'])
      assert.equal(await keysOf(store, 'b/', { after: 'b/1', limit: 2 }), ['b/10', 'b/2'])
      assert.equal(await keysOf(store, 'b/', { after: 'c' }), [])
      assert.equal(await keysOf(store, 'b/', { limit: 0 }), [])
      assert.is((await store.list('')).length, 8)
      assert.equal(new Uint8Array((await store.list('a/'))[0]?.value ?? []), bytes('a/1'))
    }))
}

testStore('in memory', (act) => act(createMemoryStore()))
testStore('on disk', async (act) => {
  await using dir = await openScratchDir()
  using store = openSqliteStore(join(dir.path, 'state.sqlite'))
  await act(store)
})

test('answers as the store in memory does, whatever is asked', async () => {
  await using dir = await openScratchDir()
  using disk = openSqliteStore(join(dir.path, 'state.sqlite'))
  const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', '0', 'é'), minLength: 1, maxLength: 4 })
  const value = fc.uint8Array({ maxLength: 8 })
  const limit = fc.nat(4)
  const step = fc.oneof(
    fc.tuple(fc.constantFrom('put' as const, 'putNew' as const), key, value),
    fc.tuple(fc.constantFrom('get' as const, 'delete' as const), key),
    fc.tuple(fc.constant('list' as const), key, key, limit),
  )
  const seed = Math.trunc(Math.random() * 2 ** 31)
  process.stdout.write(`seed ${seed}\n`)
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const memory = createMemoryStore()
      for (const { key: old } of await disk.list('')) await disk.delete(old)
      const answer = async (
        store: KeyValueStore,
        [call, ...given]: (typeof steps)[number],
      ): Promise<unknown> => {
        const [name, second, third] = given as readonly [string, unknown, number]
        if (call === 'put' || call === 'putNew') return store[call](name, second as Uint8Array)
        if (call === 'list') return store.list(name, { after: second as string, limit: third })
        return store[call](name)
      }
      for (const given of steps) {
        const [expected, found] = [await answer(memory, given), await answer(disk, given)]
        assert.equal(JSON.stringify(found), JSON.stringify(expected))
      }
    }),
    { seed, numRuns: 30 },
  )
})

test('still has, after SIGKILL, whatever put had returned', async () => {
  await using dir = await openScratchDir()
  const path = join(dir.path, 'state.sqlite')
  const code = `
    import { openSqliteStore } from '@halo/node'
    const store = openSqliteStore(${JSON.stringify(path)})
    for (let n = 0; ; n++) {
      await store.put('entry/' + String(n).padStart(6, '0'), new Uint8Array(100).fill(n % 256))
      process.stdout.write(n + '\\n')
    }`
  const args = ['--conditions=@halo/source', '--disable-warning=ExperimentalWarning', '--input-type=module']
  const child = spawn(process.execPath, [...args, '-e', code], { cwd: import.meta.dirname })
  let printed = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk
    if (printed.includes('\n50\n')) child.kill('SIGKILL')
  })
  await once(child, 'close')
  const acknowledged = printed.split('\n').length - 1
  assert.ok(acknowledged > 50)
  using store = openSqliteStore(path)
  const kept = await store.list('entry/')
  assert.ok(kept.length >= acknowledged, `${kept.length} kept of ${acknowledged}`)
  kept.forEach((entry, n) => {
    assert.is(entry.key, `entry/${String(n).padStart(6, '0')}`)
    assert.equal([...new Set(entry.value)], [n % 256])
  })
})

test('overwrites what is deleted, so that it is in none of its files', async () => {
  await using dir = await openScratchDir()
  const path = join(dir.path, 'state.sqlite')
  {
    using store = openSqliteStore(path)
    await store.put('secret', bytes('canary-canary-canary'))
    await store.delete('secret')
    assert.is(await store.get('secret'), null)
  }
  assert.not.ok((await readFile(path)).includes('canary-canary'))
})

test.run()
