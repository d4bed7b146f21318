import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Packing } from '../src/index.ts'
import {
  MANIFEST_SUITE,
  measurePacking,
  openRecord,
  PACKED_SUITE,
  sealedSizeOf,
  sealRecord,
} from '../src/index.ts'
import { isPacking, paddedSizeOf } from '../src/packing.ts'
import { collect, failureOf, inPieces, noise } from './streams.ts'

const METADATA = new Uint8Array([1, 2, 3])
const MIB = 1_048_576
const seed = Date.now() & 0x7fffffff
const test = suite('vault/packing')

/** Bytes that gzip shrinks by about the given factor. */
function text(sizeBytes: number, factor: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes)
  bytes.set(noise(Math.floor(sizeBytes / factor), sizeBytes))
  return bytes
}

async function sealAll(record: Uint8Array, packing: Packing | null) {
  const sealing = sealRecord(inPieces(record, [10_000]), { metadata: METADATA, packing })
  const sealed = await collect(sealing.sealed)
  return { sealed, dataKey: sealing.dataKey, ...(await sealing.result) }
}

test(`gives back packed what was sealed, at the length that was told before (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 200, max: 2 * MIB }),
      fc.integer({ min: 4, max: 500 }),
      fc.array(fc.integer({ min: 1, max: 300_000 }), { minLength: 1, maxLength: 5 }),
      async (sizeBytes, factor, sizes) => {
        const record = text(sizeBytes, factor)
        const packing = await measurePacking(inPieces(record, sizes))
        if (packing === null) return assert.ok(sizeBytes < 1000, `${sizeBytes} bytes were not packed`)
        const sealing = sealRecord(inPieces(record, sizes), { metadata: METADATA, packing })
        const sealed = await collect(sealing.sealed)
        const { commitment, sealedBytes, recordBytes } = await sealing.result
        assert.equal([sealedBytes, recordBytes], [sealed.length, sizeBytes])
        assert.is(sealedSizeOf(packing, METADATA.length), sealed.length)
        const opening = openRecord(inPieces(sealed, sizes), { dataKey: sealing.dataKey, commitment })
        assert.ok(Buffer.from(await collect(opening.record)).equals(record))
        assert.is((await opening.verified).recordBytes, sizeBytes)
      },
    ),
    { seed, numRuns: 40 },
  )
})

test('commits to the record itself: what is delivered is verified without packing it again', async () => {
  const record = text(50_000, 10)
  const {
    commitment,
    dataKey,
    sealed,
    suite: name,
  } = await sealAll(record, await measurePacking(inPieces(record)))
  assert.is(name, PACKED_SUITE)
  const opening = openRecord(inPieces(sealed), { dataKey, commitment })
  await collect(opening.record)
  const { salt } = await opening.verified
  const { recordCommitment } = await import('../src/index.ts')
  assert.equal(await recordCommitment(inPieces(record), { salt, metadata: METADATA }), commitment)
})

test('does not pack what would not halve: noise, little, nothing', async () => {
  for (const record of [noise(100_000), text(30, 10), new Uint8Array()]) {
    assert.is(await measurePacking(inPieces(record)), null)
    assert.is((await sealAll(record, null)).suite, MANIFEST_SUITE)
  }
})

test('seals two records of one length to one size, though one of them shrinks a third better', async () => {
  const [calm, lively] = [text(100_000, 30), text(100_000, 20)]
  const packings = await Promise.all([calm, lively].map((record) => measurePacking(inPieces(record))))
  const [one, other] = packings as [Packing, Packing]
  assert.ok(one.packedBytes < other.packedBytes * 0.75, `${one.packedBytes} and ${other.packedBytes}`)
  const sizes = [(await sealAll(calm, one)).sealedBytes, (await sealAll(lively, other)).sealedBytes]
  assert.is(sizes[0], sizes[1])
})

test('pads to the length of the record halved as often as what is packed still fits', () => {
  assert.is(paddedSizeOf({ recordBytes: 1000, packedBytes: 500 }), 500)
  assert.is(paddedSizeOf({ recordBytes: 1000, packedBytes: 251 }), 500)
  assert.is(paddedSizeOf({ recordBytes: 1000, packedBytes: 250 }), 250)
  assert.is(paddedSizeOf({ recordBytes: 1001, packedBytes: 20 }), 32)
  const lengths = fc.record({ recordBytes: fc.nat(1e9), packedBytes: fc.nat(1e6) }).filter(isPacking)
  fc.assert(
    fc.property(lengths, (packing) => {
      const padded = paddedSizeOf(packing)
      assert.ok(padded >= packing.packedBytes && padded < 2 * packing.packedBytes)
    }),
    { seed },
  )
})

test('refuses to seal another record than was measured, and options that cannot be', async () => {
  const record = text(50_000, 10)
  const packing = (await measurePacking(inPieces(record))) as Packing
  for (const other of [text(50_000, 11), text(50_000, 9), text(50_001, 10), noise(50_000)]) {
    const failure = await failureOf(() => sealAll(other, packing))
    assert.equal(failure, { code: 'OPTIONS_INVALID', field: 'packing' })
  }
  const sealing = sealRecord(inPieces(noise(50_000)), { metadata: METADATA, packing, chunkBytes: 1024 })
  let sealedBytes = 0
  await failureOf(async () => {
    for await (const piece of sealing.sealed) sealedBytes += piece.length
  })
  assert.ok(sealedBytes <= sealedSizeOf(packing, METADATA.length, 1024), 'no more leaves than was told')
  for (const bad of [
    { recordBytes: 100, packedBytes: 51 },
    { recordBytes: 100, packedBytes: 0 },
    { recordBytes: Number.NaN, packedBytes: 20 },
    { recordBytes: 100.5, packedBytes: 20 },
  ])
    assert.is((await failureOf(() => sealAll(record, bad))).code, 'OPTIONS_INVALID')
})

test('unpacks no more than a few megabytes of a bomb of 256 MiB', async () => {
  async function* zeros(): AsyncGenerator<Uint8Array> {
    const piece = new Uint8Array(MIB)
    for (let at = 0; at < 256; at++) yield piece
  }
  const packing = (await measurePacking(zeros())) as Packing
  const sealing = sealRecord(zeros(), { metadata: METADATA, packing })
  const sealed = await collect(sealing.sealed)
  const { commitment } = await sealing.result
  const opening = openRecord(inPieces(sealed), { dataKey: sealing.dataKey, commitment })
  const before = process.memoryUsage().arrayBuffers
  let seen = 0
  for await (const piece of opening.record) {
    seen += piece.length
    if (seen > MIB) break
  }
  assert.is((await failureOf(() => opening.verified)).code, 'ABANDONED')
  const grownMiB = (process.memoryUsage().arrayBuffers - before) / MIB
  assert.ok(grownMiB < 32, `${grownMiB} MiB were held`)
})

test('passes on an error of the record and an abort, and lets go of the record when its reader leaves', async () => {
  const record = text(3 * MIB, 4)
  const packing = (await measurePacking(inPieces(record))) as Packing
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield record.subarray(0, 1000)
    throw new TypeError('disk gone')
  }
  const broken = sealRecord(failing(), { metadata: METADATA, packing })
  const error = await collect(broken.sealed).catch((cause: unknown) => cause)
  assert.instance(error, TypeError)
  assert.is(await broken.result.catch((cause: unknown) => cause), error)
  assert.instance(await measurePacking(failing()).catch((cause: unknown) => cause), TypeError)

  const left = Promise.withResolvers<void>()
  async function* watched(): AsyncGenerator<Uint8Array> {
    try {
      yield* inPieces(record, [1000])
    } finally {
      left.resolve()
    }
  }
  const sealing = sealRecord(watched(), { metadata: METADATA, packing })
  for await (const _ of sealing.sealed) break
  assert.is((await failureOf(() => sealing.result)).code, 'ABANDONED')

  const hanging = new AbortController()
  const stalled = sealRecord(
    (async function* () {
      yield record.subarray(0, 100)
      hanging.abort(new RangeError('enough'))
      await new Promise(() => {})
    })(),
    { metadata: METADATA, packing, signal: hanging.signal },
  )
  assert.instance(await collect(stalled.sealed).catch((cause: unknown) => cause), RangeError)
  const again = sealRecord(watched(), { metadata: METADATA, packing })
  const reader = again.sealed[Symbol.asyncIterator]()
  await reader.next()
  await reader.next()
  await reader.return?.()
  await left.promise
})

test.run()
