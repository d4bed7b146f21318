/** Bytes in a buffer of their own, as WebCrypto asks for. */
export type OwnBytes = Uint8Array<ArrayBuffer>

const encoder = new TextEncoder()

/** A fresh buffer with the parts one after another. */
export function concatBytes(...parts: readonly Uint8Array[]): OwnBytes {
  const joined = new Uint8Array(parts.reduce((total, part) => total + part.length, 0))
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

/** A fresh copy. Unlike `slice`, it is a plain `Uint8Array` even when the input is a Node `Buffer`. */
export function copyBytes(bytes: Uint8Array): OwnBytes {
  return new Uint8Array(bytes)
}

/** Whether two byte strings are equal. Not constant-time: for public values such as hashes. */
export function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}

/** UTF-8 bytes of a text. */
export function textBytes(text: string): Uint8Array {
  return encoder.encode(text)
}

/** A prefix that keeps hashes of different purposes apart: the text and a NUL byte. */
export function domainTag(text: string): Uint8Array {
  return encoder.encode(`${text}\0`)
}

/** Fresh bytes from the platform's cryptographic random source. */
export function randomBytes(sizeBytes: number): OwnBytes {
  return crypto.getRandomValues(new Uint8Array(sizeBytes))
}

/** Big-endian unsigned 32-bit integer. */
export function u32Bytes(value: number): OwnBytes {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

/** Reads a big-endian unsigned 32-bit integer. */
export function readU32(bytes: Uint8Array, offset: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset)
}
