import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { concatBytes, textBytes } from './bytes.ts'

/**
 * The address whose key signed a digest, EIP-55 checksummed, or null when the bytes are no canonical
 * signature: r ‖ s ‖ v, 65 bytes, s in the lower half, v 27 or 28.
 */
export function recoverEvmSigner(digest: Uint8Array, signature: Uint8Array): string | null {
  const recovery = (signature[64] ?? 0) - 27
  if (signature.length !== 65 || (recovery !== 0 && recovery !== 1)) return null
  const recovered = concatBytes(Uint8Array.of(recovery), signature.subarray(0, 64))
  try {
    if (secp256k1.Signature.fromBytes(recovered, 'recovered').hasHighS()) return null
    const compressed = secp256k1.recoverPublicKey(recovered, digest, { prehash: false })
    return evmAddressOf(secp256k1.Point.fromBytes(compressed).toBytes(false))
  } catch {
    return null
  }
}

/** @param publicKey uncompressed, 65 bytes */
function evmAddressOf(publicKey: Uint8Array): string {
  return toChecksumAddress(bytesToHex(keccak_256(publicKey.subarray(1)).subarray(12)))
}

/** @see EIP-55: a letter is upper-case where the hash of the lower-case text has a digit of 8 or more. */
function toChecksumAddress(hex: string): string {
  const hash = bytesToHex(keccak_256(textBytes(hex)))
  const cased = [...hex].map((digit, at) =>
    Number.parseInt(hash.charAt(at), 16) >= 8 ? digit.toUpperCase() : digit,
  )
  return `0x${cased.join('')}`
}
