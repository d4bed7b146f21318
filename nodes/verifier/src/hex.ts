import type { Hex } from '@halo/proofs'
import { bytesToHex } from '@noble/hashes/utils.js'

/** Bytes as people and programs read them: `0x` and lower-case digits. */
export function hexOf(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`
}
