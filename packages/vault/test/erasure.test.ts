import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ErasureShape } from '../src/index.ts'
import { createWasmEngine, decodeShards, encodeShards, shardSizeOf } from '../src/index.ts'
import { reedSolomonWasm } from '../src/reed-solomon-wasm.ts'
import { referenceParity } from './galois.ts'
import { collect, failureOf, inPieces, noise } from './streams.ts'

const seed = Date.now() & 0x7fffffff
const test = suite('vault/erasure')
const engine = await createWasmEngine()

/** Shards by [shard][stripe]. */
async function shardsOf(sealed: Uint8Array, shape: ErasureShape): Promise<Uint8Array[][]> {
  const shards = Array.from({ length: shape.data + shape.parity }, (): Uint8Array[] => [])
  for await (const { stripe, units } of encodeShards(inPieces(sealed, [1000, 1]), shape, engine)) {
    assert.is(units.length, shards.length)
    units.forEach((unit, shard) => {
      assert.is(shards[shard]?.length, stripe)
      shards[shard]?.push(unit)
    })
  }
  return shards
}

const readerOf =
  (shards: readonly (readonly Uint8Array[])[], lost: ReadonlySet<number> = new Set()) =>
  async (shard: number, stripe: number): Promise<Uint8Array | null> =>
    lost.has(shard) ? null : (shards[shard]?.[stripe] ?? null)

test(`rebuilds any record from any shards once no more than parity are lost (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 8 }),
      fc.integer({ min: 0, max: 5 }),
      fc.integer({ min: 1, max: 3000 }),
      fc.nat(40_000),
      fc.array(fc.nat(), { minLength: 13, maxLength: 13 }),
      async (data, parity, unitBytes, sizeBytes, order) => {
        const shape = { data, parity, unitBytes }
        const sealed = noise(sizeBytes, sizeBytes)
        const shards = await shardsOf(sealed, shape)
        const shuffled = shards.map((_, shard) => shard).sort((a, b) => (order[a] ?? 0) - (order[b] ?? 0))
        const lost = new Set(shuffled.slice(0, parity))
        const rebuilt = await collect(decodeShards(shape, sizeBytes, readerOf(shards, lost), engine))
        assert.ok(Buffer.from(rebuilt).equals(sealed))
        if (sizeBytes === 0) return
        lost.add(shuffled[parity] ?? 0)
        const refused = decodeShards(shape, sizeBytes, readerOf(shards, lost), engine)
        const failure = await failureOf(() => collect(refused))
        assert.equal(failure, { code: 'SHARDS_TOO_FEW', have: data - 1, need: data })
      },
    ),
    { seed, numRuns: 60 },
  )
})

test(`computes the parity that the definition of the code gives (seed ${seed})`, () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 20 }),
      fc.nat(),
      (data, parity, unitBytes, salt) => {
        const units = Array.from({ length: data }, (_, shard) => noise(unitBytes, salt + shard))
        const expected = referenceParity(units, parity)
        assert.equal(engine.encode(units, data, parity), expected)
      },
    ),
    { seed, numRuns: 40 },
  )
})

test('codes units longer than the slice it works in as it codes their parts', () => {
  const units = [noise(200_001, 1), noise(200_001, 2), noise(200_001, 3)]
  const parity = engine.encode(units, 3, 2)
  for (const at of [0, 65_535, 65_536, 131_072, 200_000]) {
    const column = units.map((unit) => unit.subarray(at, at + 1))
    assert.equal(
      parity.map((unit) => unit.at(at)),
      referenceParity(column, 2).map((unit) => unit.at(0)),
    )
  }
  const rebuilt = engine.reconstruct([null, units[1] ?? null, null, ...parity], 3, 2)
  assert.ok(rebuilt.every((unit, shard) => Buffer.from(unit).equals(units[shard] ?? new Uint8Array())))
})

test('survives a thousand stripes of changing size in one engine', async () => {
  for (let turn = 1; turn <= 1000; turn++) {
    const units = [noise(turn * 7, turn), noise(turn * 7, turn + 1), noise(turn * 7, turn + 2)]
    const [p, q] = engine.encode(units, 3, 2)
    const [first, , third] = engine.reconstruct([null, units[1] ?? null, null, p ?? null, q ?? null], 3, 2)
    assert.ok(Buffer.from(first ?? []).equals(units[0] ?? new Uint8Array()), `turn ${turn}`)
    assert.ok(Buffer.from(third ?? []).equals(units[2] ?? new Uint8Array()), `turn ${turn}`)
  }
})

test('embeds the module of its package, byte for byte', () => {
  const file = import.meta.resolve('@subspace/reed-solomon-erasure.wasm/dist/reed_solomon_erasure_bg.wasm')
  assert.ok(readFileSync(new URL(file)).equals(reedSolomonWasm()))
})

test('works with the most shards there can be, 255', () => {
  const units = Array.from({ length: 200 }, (_, shard) => noise(50, shard))
  const parity = engine.encode(units, 200, 55)
  const some = [...units.map((unit, shard) => (shard < 55 ? null : unit)), ...parity]
  assert.equal(engine.reconstruct(some, 200, 55), units)
})

test('shortens the units of the last stripe only', async () => {
  const shape = { data: 3, parity: 2, unitBytes: 100 }
  const size = shardSizeOf(shape, 650)
  assert.equal([size.units, size.shardBytes], [3, 217])
  assert.equal(
    [0, 1, 2].map((stripe) => size.unitBytesAt(stripe)),
    [100, 100, 17],
  )
  const shards = await shardsOf(noise(650), shape)
  for (const units of shards)
    assert.equal(
      units.map((unit) => unit.length),
      [100, 100, 17],
    )
  assert.equal(shardSizeOf(shape, 600).units, 2)
  assert.equal(shardSizeOf(shape, 0).units, 0)
})

test('reads parity shards only in place of data shards that failed', async () => {
  const shape = { data: 3, parity: 2, unitBytes: 50 }
  const shards = await shardsOf(noise(450), shape)
  const asked: string[] = []
  const readUnit = async (shard: number, stripe: number): Promise<Uint8Array | null> => {
    asked.push(`${stripe}.${shard}`)
    return shard === 1 ? null : (shards[shard]?.[stripe] ?? null)
  }
  await collect(decodeShards(shape, 450, readUnit, engine))
  assert.equal(asked, ['0.0', '0.1', '0.2', '0.3', '1.0', '1.2', '1.3', '2.0', '2.2', '2.3'])
})

test('asks a shard that failed once again when the others do not suffice', async () => {
  const shape = { data: 2, parity: 1, unitBytes: 50 }
  const shards = await shardsOf(noise(200), shape)
  const readUnit = async (shard: number, stripe: number): Promise<Uint8Array | null> =>
    shard === 1 - stripe ? null : (shards[shard]?.[stripe] ?? null)
  assert.equal(await collect(decodeShards(shape, 200, readUnit, engine)), noise(200))
})

test('takes rejections and wrong lengths for lost units and keeps the cause', async () => {
  const shape = { data: 2, parity: 2, unitBytes: 50 }
  const shards = await shardsOf(noise(300), shape)
  const gone = new Error('peer gone')
  const readUnit = async (shard: number, stripe: number): Promise<Uint8Array | null> => {
    if (shard === 0) throw gone
    return shard === 1 ? new Uint8Array(49) : (shards[shard]?.[stripe] ?? null)
  }
  assert.equal(await collect(decodeShards(shape, 300, readUnit, engine)), noise(300))
  const none = decodeShards(shape, 300, () => Promise.reject(gone), engine)
  const failure = await collect(none).catch((error: Error) => error)
  assert.is((failure as Error).cause, gone)
})

test('reads the units of a stripe side by side', async () => {
  const shape = { data: 3, parity: 2, unitBytes: 50 }
  const shards = await shardsOf(noise(150), shape)
  const everyoneAsked = Promise.withResolvers<void>()
  let asked = 0
  const readUnit = async (shard: number): Promise<Uint8Array | null> => {
    if (++asked === 3) everyoneAsked.resolve()
    await everyoneAsked.promise
    return shards[shard]?.[0] ?? null
  }
  assert.equal(await collect(decodeShards(shape, 150, readUnit, engine)), noise(150))
})

test('holds one stripe of a record while cutting it', async () => {
  let taken = 0
  async function* counted(): AsyncGenerator<Uint8Array> {
    for (; taken < 10_000_000; taken += 1000) yield noise(1000)
  }
  let given = 0
  for await (const { units } of encodeShards(counted(), { data: 3, parity: 2, unitBytes: 10_000 }, engine)) {
    assert.ok(taken - given <= 32_000)
    given += (units[0]?.length ?? 0) * 3
  }
  assert.is(taken, 10_000_000)
})

test('refuses shapes out of range', async () => {
  const shapes = [
    { data: 0, parity: 2, unitBytes: 10 },
    { data: 3, parity: -1, unitBytes: 10 },
    { data: 200, parity: 56, unitBytes: 10 },
    { data: 3, parity: 2, unitBytes: 0 },
    { data: 3, parity: 2, unitBytes: 1_048_577 },
    { data: 1.5, parity: 2, unitBytes: 10 },
  ]
  for (const shape of shapes) {
    const attempts = [
      () => shardSizeOf(shape, 10),
      () => encodeShards(inPieces(noise(1)), shape, engine),
      () => decodeShards(shape, 10, async () => null, engine),
    ]
    for (const attempt of attempts)
      assert.equal(await failureOf(attempt), { code: 'SHAPE_INVALID', field: 'shape' })
  }
  const uneven = await failureOf(() => engine.encode([noise(3), noise(4)], 2, 1))
  assert.equal(uneven, { code: 'SHAPE_INVALID', field: 'unitBytes' })
  const few = await failureOf(() => engine.reconstruct([noise(3), null, null], 2, 1))
  assert.equal(few, { code: 'SHARDS_TOO_FEW', have: 1, need: 2 })
})

test('stops by its signal', async () => {
  const reason = new Error('stopped')
  const signal = AbortSignal.abort(reason)
  const shape = { data: 2, parity: 1, unitBytes: 50 }
  const read = (source: AsyncIterable<unknown>): Promise<unknown> =>
    source[Symbol.asyncIterator]()
      .next()
      .catch((error: unknown) => error)
  assert.is(await read(encodeShards(inPieces(noise(9)), shape, engine, { signal })), reason)
  assert.is(await read(decodeShards(shape, 9, async () => noise(5), engine, { signal })), reason)
})

test.run()
