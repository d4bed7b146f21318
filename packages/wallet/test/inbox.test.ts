import { createMemoryStore } from '@halo/ports'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { noise } from '../../halo/test/memory-halo.ts'
import { createTestClock } from '../../ports/test/memory-chain.ts'
import { takeKeyIndex } from '../src/holdings.ts'
import { dropInboxRecord, findInboxRecord, keepRecord, listInbox, readInboxRecord } from '../src/inbox.ts'
import { encryptStore, type WalletError } from '../src/index.ts'
import type { WalletContext } from '../src/parts.ts'

const test = suite('wallet/inbox')
const SUMMARY = { kind: 'test', format: 'bytes', readings: 3, days: 1 }
const METADATA = Uint8Array.of(1, 2)

/** As much of a wallet as keeping records needs. */
async function openInbox(): Promise<{
  readonly context: WalletContext
  readonly inner: ReturnType<typeof createMemoryStore>
  readonly clock: ReturnType<typeof createTestClock>
}> {
  const inner = createMemoryStore()
  const clock = createTestClock()
  const store = await encryptStore(inner, new Uint8Array(32).fill(9))
  return { context: { store, clock } as unknown as WalletContext, inner, clock }
}

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of stream) parts.push(part)
  return new Uint8Array(Buffer.concat(parts))
}

for (const sizeBytes of [0, 1, 1 << 20, (1 << 20) + 1, 3 << 20]) {
  test(`keeps ${sizeBytes} bytes in pieces of at most 1 MiB and gives them back`, async () => {
    const { context } = await openInbox()
    const bytes = noise(sizeBytes)
    const { record, isNew } = await keepRecord(context, bytes, SUMMARY, METADATA)
    assert.is(isNew, true)
    assert.is(record.pieces, Math.ceil(sizeBytes / (1 << 20)))
    const found = await findInboxRecord(context, record.id)
    assert.equal(found, record)
    assert.ok(Buffer.from(await bytesOf(readInboxRecord(context, found))).equals(bytes))
  })
}

test('keeps the same bytes once', async () => {
  const { context, inner, clock } = await openInbox()
  const first = await keepRecord(context, noise(100), SUMMARY, METADATA)
  const before = (await inner.list('')).length
  clock.skipSec(60)
  const again = await keepRecord(context, noise(100), { ...SUMMARY, readings: 9 }, METADATA)
  assert.is(again.isNew, false)
  assert.equal(again.record, first.record)
  assert.is((await inner.list('')).length, before)
})

test('lists what waits, oldest first, and forgets all of a dropped record', async () => {
  const { context, inner, clock } = await openInbox()
  const { record: first } = await keepRecord(context, noise(100, 1), SUMMARY, METADATA)
  clock.skipSec(1)
  const { record: second } = await keepRecord(context, noise(100, 2), SUMMARY, METADATA)
  assert.equal(
    (await listInbox(context)).map((record) => record.id),
    [first.id, second.id],
  )
  await dropInboxRecord(context, first)
  await dropInboxRecord(context, second)
  assert.equal(await listInbox(context), [])
  assert.equal(await inner.list(''), [])
})

test('says so when a record is not there, or a piece of it is missing', async () => {
  const { context } = await openInbox()
  const missing = await findInboxRecord(context, 'none').catch((error: unknown) => error)
  assert.is((missing as WalletError).code, 'RECORD_NOT_FOUND')
  const { record } = await keepRecord(context, noise(100), SUMMARY, METADATA)
  await context.store.delete(`piece/${record.id}/0`)
  const damaged = await bytesOf(readInboxRecord(context, record)).catch((error: unknown) => error)
  assert.is((damaged as WalletError).code, 'STATE_DAMAGED')
})

test('gives no two data sets one key index, also side by side', async () => {
  const { context } = await openInbox()
  const side = await Promise.all(Array.from({ length: 8 }, () => takeKeyIndex(context)))
  const later = [await takeKeyIndex(context), await takeKeyIndex(context)]
  assert.is(new Set([...side, ...later]).size, 10)
})

test('gives no key index twice when the wallet is killed after any write of taking one', async () => {
  for (let writes = 0; writes <= 2; writes++) {
    const { context } = await openInbox()
    const used = [await takeKeyIndex(context)]
    let left = writes
    const dying: WalletContext = {
      ...context,
      store: {
        ...context.store,
        put: async (...args) => {
          if (left-- <= 0) throw new Error('killed')
          await context.store.put(...args)
        },
        putNew: async (...args) => {
          if (left-- <= 0) throw new Error('killed')
          return context.store.putNew(...args)
        },
      },
    }
    const taken = await takeKeyIndex(dying).catch(() => null)
    if (taken !== null) used.push(taken)
    used.push(await takeKeyIndex(context), await takeKeyIndex(context))
    assert.is(new Set(used).size, used.length, `${writes} writes`)
  }
})

test('gives no key index twice when an old counter is restored', async () => {
  const { context } = await openInbox()
  const used = [await takeKeyIndex(context)]
  const old = await context.store.get('counter/key')
  used.push(await takeKeyIndex(context), await takeKeyIndex(context))
  assert.ok(old)
  await context.store.put('counter/key', old)
  used.push(await takeKeyIndex(context))
  await context.store.delete('counter/key')
  used.push(await takeKeyIndex(context))
  assert.is(new Set(used).size, 5)
})

test.run()
