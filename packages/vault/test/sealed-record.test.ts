import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openRecord } from '../src/index.ts'
import { sealWith } from '../src/seal.ts'
import { collect, failureOf, fromHex, inPieces, loadVectors, toHex } from './streams.ts'

interface Vectors {
  readonly chunkBytes: number
  readonly dataKey: string
  readonly recordSalt: string
  readonly headerRandom: string
  readonly metadata: string
  readonly valid: readonly {
    readonly name: string
    readonly record: string
    readonly commitment: string
    readonly sealed: string
  }[]
  readonly invalid: readonly {
    readonly name: string
    readonly dataKey: string
    readonly commitment: string
    readonly sealed: string
    readonly code: string
    readonly index?: number
  }[]
}

const vectors = loadVectors<Vectors>('sealed-record')
const test = suite('vault/sealed-record')

test('opens every valid vector to its record and metadata', async () => {
  assert.is(vectors.valid.length, 3)
  for (const vector of vectors.valid) {
    const commitment = fromHex(vector.commitment)
    const opening = openRecord(inPieces(fromHex(vector.sealed), [7, 100]), {
      dataKey: fromHex(vectors.dataKey),
      commitment,
      sealedBytes: vector.sealed.length / 2,
    })
    assert.is(toHex(await opening.metadata), vectors.metadata, vector.name)
    assert.is(toHex(await collect(opening.record)), vector.record, vector.name)
    const verified = await opening.verified
    assert.equal(verified.commitment, commitment)
    assert.is(toHex(verified.salt), vectors.recordSalt)
    assert.is(verified.recordBytes, vector.record.length / 2)
  }
})

test('seals to the very bytes of the vectors', async () => {
  for (const vector of vectors.valid) {
    const options = { metadata: fromHex(vectors.metadata), chunkBytes: vectors.chunkBytes }
    const sealing = sealWith(inPieces(fromHex(vector.record), [13]), options, {
      dataKey: fromHex(vectors.dataKey),
      recordSalt: fromHex(vectors.recordSalt),
      header: fromHex(vectors.headerRandom),
    })
    assert.is(toHex(await collect(sealing.sealed)), vector.sealed, vector.name)
    assert.is(toHex((await sealing.result).commitment), vector.commitment, vector.name)
  }
})

for (const vector of vectors.invalid) {
  test(`refuses ${vector.name}`, async () => {
    const opening = openRecord(inPieces(fromHex(vector.sealed), [50]), {
      dataKey: fromHex(vector.dataKey),
      commitment: fromHex(vector.commitment),
    })
    const failure = await failureOf(() => collect(opening.record))
    assert.is(failure.code, vector.code)
    assert.is(failure['index'], vector.index)
    assert.is((await failureOf(() => opening.verified)).code, vector.code)
  })
}

test('tells truncation and trailing bytes from forgery wherever the length is known', async () => {
  const vector = vectors.valid.find(({ name }) => name.startsWith('several chunks'))
  assert.ok(vector)
  const sealed = fromHex(vector.sealed)
  const options = {
    dataKey: fromHex(vectors.dataKey),
    commitment: fromHex(vector.commitment),
    sealedBytes: sealed.length,
  }
  for (let sizeBytes = 0; sizeBytes < sealed.length; sizeBytes += 11) {
    const opening = openRecord(inPieces(sealed.subarray(0, sizeBytes)), options)
    assert.is((await failureOf(() => collect(opening.record))).code, 'SEALED_TRUNCATED')
  }
  const longer = new Uint8Array([...sealed, 0])
  const opening = openRecord(inPieces(longer), options)
  assert.is((await failureOf(() => collect(opening.record))).code, 'SEALED_TRAILING')
})

test('refuses a flipped bit anywhere in a sealed record', async () => {
  const vector = vectors.valid[0]
  assert.ok(vector)
  const sealed = fromHex(vector.sealed)
  for (let at = 0; at < sealed.length; at++) {
    const forged = Uint8Array.from(sealed, (byte, index) => (index === at ? byte ^ 0x10 : byte))
    const opening = openRecord(inPieces(forged), {
      dataKey: fromHex(vectors.dataKey),
      commitment: fromHex(vector.commitment),
    })
    const { code } = await failureOf(() => collect(opening.record))
    assert.ok(['HEADER_INVALID', 'CHUNK_FORGED', 'SEALED_TRUNCATED'].includes(code), `${at}: ${code}`)
  }
})

test.run()
