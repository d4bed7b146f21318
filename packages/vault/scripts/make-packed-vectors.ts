/**
 * Writes the vectors of packed records to test/vectors/vault, from fixed inputs:
 * `node --conditions=@halo/source packages/vault/scripts/make-packed-vectors.ts`. Engines pack differently,
 * so these are for opening: whoever seals may have other packed bytes.
 */
import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { encode } from '@ipld/dag-cbor'
import { bytesToHex as hex } from '@noble/hashes/utils.js'
import { concatBytes, copyBytes, type OwnBytes, textBytes, u32Bytes } from '../src/bytes.ts'
import { paddedSizeOf } from '../src/packing.ts'
import { hashRecord } from '../src/record-commitment.ts'
import { chunkCipher, deriveContentKey, encodeHeader, importDataKey } from '../src/sealed-format.ts'

const CHUNK_BYTES = 64

/** Bytes from, from + 1, … */
function counting(sizeBytes: number, from: number): OwnBytes {
  return Uint8Array.from({ length: sizeBytes }, (_, at) => (from + at) & 0xff)
}

const dataKey = counting(32, 1)
const salt = counting(32, 0x40)
const headerRandom = counting(23, 0x80)
const metadata = textBytes('metadata')
const line = textBytes('{"resourceType":"Observation","status":"final"}\n')
const record = concatBytes(...Array.from({ length: 20 }, () => line))
const packed = new Uint8Array(gzipSync(record))
const packing = { recordBytes: record.length, packedBytes: packed.length }
const padding = new Uint8Array(paddedSizeOf(packing) - packed.length)

/** Seals any envelope and body, as only a holder of the key could. */
async function seal(fields: object, body: Uint8Array, isPacked = true): Promise<Uint8Array> {
  const envelope = encode(fields)
  const plain = concatBytes(u32Bytes(envelope.length), envelope, body)
  const header = encodeHeader(CHUNK_BYTES, headerRandom, isPacked)
  const key = await deriveContentKey(importDataKey(dataKey), header, 'encrypt')
  const count = Math.ceil(plain.length / CHUNK_BYTES)
  const frames = Array.from({ length: count }, async (_, index) => {
    const chunk = copyBytes(plain.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES))
    const cipher = chunkCipher(header, index, index === count - 1)
    return new Uint8Array(await crypto.subtle.encrypt(cipher, key, chunk))
  })
  return concatBytes(header.bytes, ...(await Promise.all(frames)))
}

const whole = { salt, metadata, ...packing }
const good = await seal(whole, concatBytes(packed, padding))

async function misfit(name: string, code: string, fields: object, body: Uint8Array, isPacked?: boolean) {
  return { name, code, sealed: hex(await seal(fields, body, isPacked)) }
}

/** A body of other packed bytes, announced and padded as it should be. */
async function packedAs(name: string, bytes: Uint8Array, more: object = {}) {
  const lengths = { recordBytes: record.length, packedBytes: bytes.length, ...more }
  const zeros = new Uint8Array(paddedSizeOf(lengths) - bytes.length)
  return misfit(name, 'PACKING_INVALID', { salt, metadata, ...lengths }, concatBytes(bytes, zeros))
}

function changed(bytes: Uint8Array, at: number): Uint8Array {
  const copy = copyBytes(bytes)
  copy.set([(copy[at] ?? 0) ^ 1], at)
  return copy
}

/** The packed record with a flag and what the flag announces. @see RFC 1952, 2.3 */
function withField(flag: number, field: Uint8Array): Uint8Array {
  const header = copyBytes(packed.subarray(0, 10))
  header.set([flag], 3)
  return concatBytes(header, field, packed.subarray(10))
}

const body = concatBytes(packed, padding)
const bomb = new Uint8Array(gzipSync(new Uint8Array(1 << 20)))
const vectors = {
  format: '"halo-s/2" header; plaintext: u32 | {salt, metadata, packedBytes, recordBytes} | gzip | zeros',
  chunkBytes: CHUNK_BYTES,
  dataKey: hex(dataKey),
  recordSalt: hex(salt),
  metadata: hex(metadata),
  record: hex(record),
  commitment: hex(hashRecord({ salt, metadata }).update(record).digest()),
  packedBytes: packed.length,
  sealed: hex(good),
  invalid: [
    {
      name: 'the header of a third version',
      code: 'HEADER_INVALID',
      sealed: hex(changed(good, 7)).replace(/^68616c6f2d732f../, '68616c6f2d732f33'),
    },
    {
      name: 'the header of the first version',
      code: 'CHUNK_FORGED',
      sealed: hex(good).replace(/^68616c6f2d732f32/, '68616c6f2d732f31'),
    },
    await misfit('an envelope without lengths', 'ENVELOPE_INVALID', { salt, metadata }, body),
    await misfit('lengths under a header of the first version', 'ENVELOPE_INVALID', whole, body, false),
    await misfit('a field too many', 'ENVELOPE_INVALID', { ...whole, more: 1 }, body),
    await misfit('a length that is no number', 'ENVELOPE_INVALID', { ...whole, recordBytes: '960' }, body),
    await misfit(
      'packing that does not halve',
      'ENVELOPE_INVALID',
      { ...whole, recordBytes: packed.length * 2 - 2 },
      body,
    ),
    await misfit(
      'packed bytes too short for a gzip',
      'ENVELOPE_INVALID',
      { ...whole, packedBytes: 19 },
      body,
    ),
    await packedAs('more than is announced', packed, { recordBytes: record.length - 1 }),
    await packedAs('less than is announced', packed, { recordBytes: record.length + 1 }),
    await packedAs('a mebibyte where a few hundred bytes are announced', bomb, {
      recordBytes: bomb.length * 2,
    }),
    await packedAs('a wrong checksum', changed(packed, packed.length - 8)),
    await packedAs('a gzip without its end', packed.subarray(0, -9)),
    await packedAs('something after the gzip', concatBytes(packed, Uint8Array.of(7))),
    await packedAs('a second gzip after the first', concatBytes(gzipSync(new Uint8Array()), packed)),
    await packedAs('a file name in the gzip', withField(8, textBytes('hidden\0'))),
    await packedAs('a comment in the gzip', withField(16, textBytes('hidden\0'))),
    await packedAs('an extra field in the gzip', withField(4, Uint8Array.of(4, 0, 65, 66, 0, 0))),
    await packedAs('a flag for text in the gzip', withField(1, new Uint8Array())),
    await packedAs('a time in the gzip', changed(packed, 4)),
    await packedAs('an unknown effort in the gzip', changed(packed, 8)),
    await packedAs('no gzip', counting(packed.length, 3)),
    await misfit('padding that is not zero', 'PACKING_INVALID', whole, changed(body, body.length - 1)),
    await misfit('padding too short', 'PACKING_INVALID', whole, body.subarray(0, -1)),
    await misfit('padding too long', 'PACKING_INVALID', whole, concatBytes(body, Uint8Array.of(0))),
    await misfit('an end before the packed bytes end', 'PACKING_INVALID', whole, packed.subarray(0, -1)),
    await packedAs('another record, as long', new Uint8Array(gzipSync(changed(record, 5)))).then(
      (vector) => ({
        ...vector,
        code: 'RECORD_MISMATCH',
      }),
    ),
  ],
}
const file = new URL('../../../test/vectors/vault/packed-record.json', import.meta.url)
writeFileSync(file, `${JSON.stringify(vectors, null, 1)}\n`)
