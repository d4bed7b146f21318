import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'

/**
 * 128 bits of a text's SHA-256 as 8 characters, to compare and remember: short enough to keep very many, long
 * enough that no two texts share it. Not for writing: the characters may be any, and depend on the machine.
 */
export function hashText(text: string): string {
  const hash = sha256(utf8ToBytes(text))
  return String.fromCharCode(...new Uint16Array(hash.buffer, hash.byteOffset, 8))
}
