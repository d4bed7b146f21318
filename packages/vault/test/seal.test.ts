import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MAX_METADATA_BYTES, openRecord, sealedSizeOf, sealRecord } from '../src/index.ts'
import { collect, failureOf, inPieces, noise, toHex } from './streams.ts'

const MIB = 1_048_576
const METADATA = new Uint8Array([1, 2, 3])
const seed = Date.now() & 0x7fffffff
const test = suite('vault/seal')

/** Seals and opens; gives back what came out. */
async function thereAndBack(
  record: Uint8Array,
  chunkBytes: number,
  sizes: readonly number[],
): Promise<{ record: Uint8Array; metadata: Uint8Array }> {
  const sealing = sealRecord(inPieces(record, sizes), { metadata: METADATA, chunkBytes })
  const sealed = await collect(sealing.sealed)
  const result = await sealing.result
  assert.is(result.sealedBytes, sealed.length)
  assert.is(result.recordBytes, record.length)
  assert.is(sealedSizeOf(record.length, METADATA.length, chunkBytes), sealed.length)
  const { dataKey } = sealing
  const opening = openRecord(inPieces(sealed, sizes), { dataKey, commitment: result.commitment })
  dataKey.fill(0)
  const opened = await collect(opening.record)
  assert.equal((await opening.verified).commitment, result.commitment)
  return { record: opened, metadata: await opening.metadata }
}

test(`gives back any record of 0 to 3 MiB in any pieces and chunks (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.nat(2000), fc.nat(3 * MIB)),
      fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 5 }),
      fc.oneof(fc.integer({ min: 4096, max: MIB }), fc.constant(262_144)),
      async (sizeBytes, sizes, chunkBytes) => {
        const record = noise(sizeBytes, sizeBytes + 1)
        const out = await thereAndBack(record, chunkBytes, sizes)
        assert.ok(Buffer.from(out.record).equals(record))
        assert.equal(out.metadata, METADATA)
      },
    ),
    { seed, numRuns: 30 },
  )
})

test('gives back records that end at, just before and just after a chunk', async () => {
  const envelopeBytes = sealedSizeOf(0, METADATA.length, 1024) - 35 - 16
  for (const extra of [-1, 0, 1, 1023, 1024, 1025]) {
    const record = noise(1024 - envelopeBytes + extra)
    assert.equal((await thereAndBack(record, 1024, [100])).record, record)
  }
})

test('gives back pieces of one byte, empty pieces between them, and 64 KiB of metadata', async () => {
  const record = noise(500)
  async function* sparse(): AsyncGenerator<Uint8Array> {
    for (const byte of record) {
      yield new Uint8Array()
      yield Uint8Array.of(byte)
    }
  }
  const metadata = noise(MAX_METADATA_BYTES)
  const sealing = sealRecord(sparse(), { metadata, chunkBytes: 64 })
  const sealed = await collect(sealing.sealed)
  const { commitment } = await sealing.result
  const opening = openRecord(inPieces(sealed, [1]), { dataKey: sealing.dataKey, commitment })
  assert.equal(await opening.metadata, metadata)
  assert.equal(await collect(opening.record), record)
})

test('never uses a key and nonce pair twice, over many seals and equal data keys', async () => {
  const { deriveKey, encrypt } = crypto.subtle
  const pairs: string[] = []
  const rawKeys = new Map<CryptoKey, string>()
  crypto.subtle.deriveKey = async (...args) => {
    const key = await deriveKey.apply(crypto.subtle, [args[0], args[1], args[2], true, args[4]])
    rawKeys.set(key, toHex(new Uint8Array(await crypto.subtle.exportKey('raw', key))))
    return key
  }
  crypto.subtle.encrypt = (cipher, key, data) => {
    pairs.push(`${rawKeys.get(key)} ${toHex(new Uint8Array((cipher as AesGcmParams).iv as ArrayBuffer))}`)
    return encrypt.call(crypto.subtle, cipher, key, data)
  }
  try {
    for (let turn = 0; turn < 20; turn++) {
      const chunkBytes = 64 + turn
      const sealing = sealRecord(inPieces(noise(5000)), { metadata: METADATA, chunkBytes })
      await collect(sealing.sealed)
    }
  } finally {
    crypto.subtle.deriveKey = deriveKey
    crypto.subtle.encrypt = encrypt
  }
  assert.ok(pairs.length > 20 * 50)
  assert.is(pairs.filter((pair) => pair.startsWith('undefined')).length, 0)
  assert.is(new Set(pairs).size, pairs.length)
  assert.is(new Set(pairs.map((pair) => pair.slice(0, 64))).size, 20)
})

test('seals the same record to different bytes under different commitments each time', async () => {
  const seal = async (): Promise<string[]> => {
    const sealing = sealRecord(inPieces(noise(100)), { metadata: METADATA })
    const sealed = await collect(sealing.sealed)
    return [toHex(sealed), toHex((await sealing.result).commitment), toHex(sealing.dataKey)]
  }
  const [first, second] = [await seal(), await seal()]
  first.forEach((value, at) => void assert.is.not(value, second[at]))
})

test('refuses metadata over 64 KiB and chunk sizes out of range', async () => {
  const metadata = new Uint8Array(MAX_METADATA_BYTES + 1)
  const failure = await failureOf(() => sealRecord(inPieces(noise(1)), { metadata }))
  assert.equal(failure, { code: 'METADATA_TOO_LARGE' })
  for (const chunkBytes of [0, 63, MIB + 1, 100.5, Number.NaN]) {
    const refused = await failureOf(() => sealRecord(inPieces(noise(1)), { metadata: METADATA, chunkBytes }))
    assert.equal(refused, { code: 'OPTIONS_INVALID', field: 'chunkBytes' })
  }
})

test('keeps working when the data key is wiped before the first chunk is pulled', async () => {
  const sealing = sealRecord(inPieces(noise(100)), { metadata: METADATA })
  const dataKey = sealing.dataKey.slice()
  sealing.dataKey.fill(0)
  const sealed = await collect(sealing.sealed)
  const { commitment } = await sealing.result
  const opening = openRecord(inPieces(sealed), { dataKey, commitment })
  dataKey.fill(0)
  assert.equal(await collect(opening.record), noise(100))
})

test('holds a few chunks of a 93 MiB record, sealing and opening, however large it is', async () => {
  const total = 93 * MIB
  const piece = noise(65_536)
  const flow = { taken: 0, sealed: 0, opened: 0, most: 0 }
  async function* counted(): AsyncGenerator<Uint8Array> {
    for (; flow.taken < total; flow.taken += piece.length) {
      flow.most = Math.max(flow.most, flow.taken - flow.opened)
      yield piece
    }
  }
  const sealing = sealRecord(counted(), { metadata: METADATA })
  // The commitment is known only at the end; until then another one stands in for it.
  const opening = openRecord(sealing.sealed, { dataKey: sealing.dataKey, commitment: new Uint8Array(32) })
  const failure = await failureOf(async () => {
    for await (const opened of opening.record) flow.opened += opened.length
  })
  assert.equal(failure, { code: 'RECORD_MISMATCH' })
  assert.is(flow.taken, total)
  assert.is(flow.opened, total)
  assert.ok(flow.most <= 6 * 262_144, `${flow.most} bytes were under way`)
})

test('does not touch the record until the sealed stream is pulled', async () => {
  let isTouched = false
  async function* source(): AsyncGenerator<Uint8Array> {
    isTouched = true
    yield noise(10)
  }
  const sealing = sealRecord(source(), { metadata: METADATA })
  const iterator = sealing.sealed[Symbol.asyncIterator]()
  assert.is(isTouched, false)
  await iterator.next()
  await iterator.next()
  assert.is(isTouched, true)
})

test('lets go of the record and rejects the result when its reader leaves', async () => {
  let isClosed = false
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield noise(1000)
    } finally {
      await new Promise((resolve) => setImmediate(resolve))
      isClosed = true
    }
  }
  const sealing = sealRecord(endless(), { metadata: METADATA, chunkBytes: 1024 })
  let pieces = 0
  for await (const _ of sealing.sealed) if (++pieces === 3) break
  assert.equal(await failureOf(() => sealing.result), { code: 'ABANDONED' })
  assert.is(isClosed, true)
  const unread = sealRecord(endless(), { metadata: METADATA })
  await unread.sealed[Symbol.asyncIterator]().return?.()
  assert.equal(await failureOf(() => unread.result), { code: 'ABANDONED' })
})

test('refuses to read a sealed stream or a record twice', async () => {
  const sealing = sealRecord(inPieces(noise(10)), { metadata: METADATA })
  const sealed = await collect(sealing.sealed)
  assert.equal(await failureOf(() => collect(sealing.sealed)), { code: 'ALREADY_READ' })
  const { commitment } = await sealing.result
  const opening = openRecord(inPieces(sealed), { dataKey: sealing.dataKey, commitment })
  await collect(opening.record)
  assert.equal(await failureOf(() => collect(opening.record)), { code: 'ALREADY_READ' })
})

test('passes on an error of the record and rejects the result with it', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield noise(10)
    throw new RangeError('disk gone')
  }
  const sealing = sealRecord(broken(), { metadata: METADATA })
  const names: string[] = []
  await collect(sealing.sealed).catch((error: Error) => names.push(error.message))
  await sealing.result.catch((error: Error) => names.push(error.message))
  assert.equal(names, ['disk gone', 'disk gone'])
})

test('stops by its signal even while the record hangs', async () => {
  async function* hanging(): AsyncGenerator<Uint8Array> {
    yield noise(10)
    await new Promise<never>(() => {})
  }
  const stop = new AbortController()
  const sealing = sealRecord(hanging(), { metadata: METADATA, signal: stop.signal })
  const sealed = collect(sealing.sealed).catch((error: unknown) => error)
  const reason = new Error('stopped')
  setImmediate(() => stop.abort(reason))
  assert.is(await sealed, reason)
  assert.is(await sealing.result.catch((error: unknown) => error), reason)
  const opening = openRecord(hanging(), { dataKey: noise(32), commitment: noise(32), signal: stop.signal })
  assert.is(await collect(opening.record).catch((error: unknown) => error), reason)
  assert.is(await opening.metadata.catch((error: unknown) => error), reason)
})

test('lets go of the sealed stream and rejects the verification when its reader leaves', async () => {
  const sealing = sealRecord(inPieces(noise(10_000)), { metadata: METADATA, chunkBytes: 1024 })
  const sealed = await collect(sealing.sealed)
  const { commitment } = await sealing.result
  let isClosed = false
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      yield* inPieces(sealed, [100])
    } finally {
      isClosed = true
    }
  }
  const opening = openRecord(source(), { dataKey: sealing.dataKey, commitment })
  for await (const _ of opening.record) break
  assert.equal(await failureOf(() => opening.verified), { code: 'ABANDONED' })
  assert.is(isClosed, true)
})

test('reports how much of the record was taken in', async () => {
  const seen: number[] = []
  const onProgress = (recordBytes: number): void => void seen.push(recordBytes)
  const sealing = sealRecord(inPieces(noise(250), [100]), { metadata: METADATA, onProgress })
  await collect(sealing.sealed)
  assert.equal(seen, [100, 200, 250])
})

test.run()
