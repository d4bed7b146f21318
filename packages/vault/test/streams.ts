import { readFileSync } from 'node:fs'
import { VaultError } from '../src/index.ts'

/** Bytes of a hex text. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, 'hex'))
}

/** Hex text of bytes. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** A file of test/vectors/vault. */
export function loadVectors<T>(name: string): T {
  const file = new URL(`../../../test/vectors/vault/${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')) as T
}

/** Bytes that look random and come out the same each time. */
export function noise(sizeBytes: number, seed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes)
  let state = seed
  for (let at = 0; at < sizeBytes; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    bytes[at] = state >>> 16
  }
  return bytes
}

/** A stream of `bytes` in pieces of the given sizes, again and again; its buffer is reused at once. */
export async function* inPieces(
  bytes: Uint8Array,
  sizes: readonly number[] = [65_536],
): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(Math.max(1, ...sizes))
  for (let from = 0, turn = 0; from < bytes.length; turn++) {
    const part = bytes.subarray(from, from + (sizes[turn % sizes.length] ?? 1))
    buffer.set(part)
    yield buffer.subarray(0, part.length)
    from += part.length
    buffer.fill(0xee)
  }
}

/** All bytes of a stream. */
export async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = []
  for await (const piece of source) pieces.push(piece)
  return new Uint8Array(Buffer.concat(pieces))
}

/** The code and details of the VaultError that work fails with. */
export async function failureOf(work: () => unknown): Promise<{ code: string; [detail: string]: unknown }> {
  try {
    await work()
  } catch (error) {
    if (error instanceof VaultError) return { code: error.code, ...error.details }
    throw error
  }
  throw new Error('it did not fail')
}
