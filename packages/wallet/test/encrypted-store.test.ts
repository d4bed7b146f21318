import { createMemoryStore } from '@halo/ports'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { encryptStore, WalletError } from '../src/index.ts'

const test = suite('wallet/encrypted-store')
const seed = Date.now() & 0x7fffffff
const KEY = Uint8Array.from({ length: 32 }, (_, at) => at)
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    assert.instance(error, WalletError)
    return (error as WalletError).code
  }
  return 'nothing failed'
}

test('leaves nothing readable in the inner store but the first word of a name', async () => {
  const inner = createMemoryStore()
  const store = await encryptStore(inner, KEY)
  await store.put('holding/0xCANARYNAME', text('CANARYVALUE mg/dL'))
  const entries = await inner.list('')
  assert.is(entries.length, 1)
  for (const { key, value } of entries) {
    assert.match(key, /^holding\/0x[0-9a-f]{64}$/)
    const all = `${key} ${Buffer.from(value).toString('latin1')} ${Buffer.from(value).toString('hex')}`
    assert.not.ok(all.includes('CANARY'))
    assert.not.ok(all.includes(Buffer.from('CANARY').toString('hex')))
  }
})

test('seals equal values to different bytes, under any name and again under the same', async () => {
  const inner = createMemoryStore()
  const store = await encryptStore(inner, KEY)
  const seen = new Set<string>()
  for (const name of ['a/1', 'a/2', 'a/1', 'a/1']) {
    await store.put(name, text('same'))
    for (const { value } of await inner.list('')) seen.add(Buffer.from(value).toString('hex'))
  }
  assert.is(seen.size, 4)
})

test(`gives back what was put (seed ${seed})`, async () => {
  const name = fc.string({ minLength: 1, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(name, fc.uint8Array({ maxLength: 300 }), async (rest, value) => {
      const store = await encryptStore(createMemoryStore(), KEY)
      await store.put(`x/${rest}`, value)
      assert.equal(await store.get(`x/${rest}`), value)
      assert.equal(await store.list('x/'), [{ key: `x/${rest}`, value }])
      assert.is(await store.get(`x/${rest}!`), null)
    }),
    { seed, numRuns: 50 },
  )
})

test('refuses every value with a turned bit, a cut end, or none at all', async () => {
  const inner = createMemoryStore()
  const store = await encryptStore(inner, KEY)
  await store.put('a/1', text('value'))
  const [entry] = await inner.list('')
  assert.ok(entry)
  for (let at = 0; at < entry.value.length; at++) {
    const turned = entry.value.slice()
    turned[at] = (turned[at] ?? 0) ^ 1
    await inner.put(entry.key, turned)
    assert.is(await codeOf(store.get('a/1')), 'STATE_DAMAGED', `byte ${at}`)
    await inner.put(entry.key, entry.value.slice(0, at))
    assert.is(await codeOf(store.get('a/1')), 'STATE_DAMAGED', `${at} bytes`)
  }
  await inner.put(entry.key, new Uint8Array(100))
  assert.is(await codeOf(store.list('a/')), 'STATE_DAMAGED')
})

test('refuses a value that was moved to another name', async () => {
  const inner = createMemoryStore()
  const store = await encryptStore(inner, KEY)
  await store.put('a/1', text('one'))
  const [one] = await inner.list('')
  await store.put('a/2', text('two'))
  const two = (await inner.list('')).find((entry) => entry.key !== one?.key)
  assert.ok(one && two)
  await inner.put(two.key, one.value)
  assert.is(await codeOf(store.get('a/2')), 'STATE_DAMAGED')
  assert.equal(await store.get('a/1'), text('one'))
})

test('opens with no other key, and names of one key say nothing to another', async () => {
  const inner = createMemoryStore()
  await (await encryptStore(inner, KEY)).put('a/1', text('value'))
  const other = await encryptStore(inner, new Uint8Array(32))
  assert.is(await other.get('a/1'), null)
  assert.is(await codeOf(other.list('a/')), 'STATE_DAMAGED')
})

test('needs its key no longer once it is open', async () => {
  const inner = createMemoryStore()
  const key = KEY.slice()
  const store = await encryptStore(inner, key)
  key.fill(0)
  await store.put('a/1', text('value'))
  assert.equal(await (await encryptStore(inner, KEY)).get('a/1'), text('value'))
})

test('takes a name once, and lists by prefix, in order of names, after one, up to a limit', async () => {
  const store = await encryptStore(createMemoryStore(), KEY)
  for (const name of ['a/3', 'a/1', 'b/1', 'a/2', 'a/1/x']) await store.put(name, text(name))
  assert.is(await store.putNew('a/3', text('other')), false)
  assert.is(await store.putNew('a/4', text('a/4')), true)
  const keys = async (...args: Parameters<typeof store.list>): Promise<string[]> =>
    (await store.list(...args)).map((entry) => entry.key)
  assert.equal(await keys('a/'), ['a/1', 'a/1/x', 'a/2', 'a/3', 'a/4'])
  assert.equal(await keys('a/1'), ['a/1', 'a/1/x'])
  assert.equal(await keys('a/', { after: 'a/1/x', limit: 2 }), ['a/2', 'a/3'])
  await store.delete('a/2')
  assert.equal(await keys('a/', { after: 'a/1/x' }), ['a/3', 'a/4'])
})

test.run()
