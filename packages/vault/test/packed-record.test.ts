import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openRecord } from '../src/index.ts'
import { collect, failureOf, fromHex, inPieces, loadVectors, toHex } from './streams.ts'

interface Vectors {
  readonly dataKey: string
  readonly recordSalt: string
  readonly metadata: string
  readonly record: string
  readonly commitment: string
  readonly sealed: string
  readonly invalid: readonly { readonly name: string; readonly code: string; readonly sealed: string }[]
}

const vectors = loadVectors<Vectors>('packed-record')
const options = { dataKey: fromHex(vectors.dataKey), commitment: fromHex(vectors.commitment) }
const test = suite('vault/packed-record')

test('opens the vector to its record, metadata and salt, in pieces of any size', async () => {
  const sealed = fromHex(vectors.sealed)
  for (const sizes of [[1], [7, 100], [sealed.length]]) {
    const opening = openRecord(inPieces(sealed, sizes), { ...options, sealedBytes: sealed.length })
    assert.is(toHex(await opening.metadata), vectors.metadata)
    assert.is(toHex(await collect(opening.record)), vectors.record)
    const { salt, recordBytes } = await opening.verified
    assert.equal([toHex(salt), recordBytes], [vectors.recordSalt, vectors.record.length / 2])
  }
})

for (const vector of vectors.invalid) {
  test(`refuses ${vector.name}`, async () => {
    const opening = openRecord(inPieces(fromHex(vector.sealed), [50]), options)
    assert.is((await failureOf(() => collect(opening.record))).code, vector.code)
    assert.is((await failureOf(() => opening.verified)).code, vector.code)
  })
}

test('refuses a record of another length than is known before it is unpacked', async () => {
  const sealed = fromHex(vectors.sealed)
  const recordBytes = vectors.record.length / 2
  const known = openRecord(inPieces(sealed), { ...options, recordBytes })
  assert.is((await collect(known.record)).length, recordBytes)
  const other = openRecord(inPieces(sealed), { ...options, recordBytes: recordBytes + 1 })
  let pieces = 0
  const failure = await failureOf(async () => {
    for await (const _ of other.record) pieces += 1
  })
  assert.equal([failure.code, pieces], ['PACKING_INVALID', 0])
})

test('refuses a flipped bit anywhere in a packed record', async () => {
  const sealed = fromHex(vectors.sealed)
  for (let at = 0; at < sealed.length; at++) {
    const forged = Uint8Array.from(sealed, (byte, index) => (index === at ? byte ^ 0x10 : byte))
    const { code } = await failureOf(() => collect(openRecord(inPieces(forged), options).record))
    assert.ok(['HEADER_INVALID', 'CHUNK_FORGED', 'SEALED_TRUNCATED'].includes(code), `${at}: ${code}`)
  }
})

test.run()
