import { ed25519 } from '@noble/curves/ed25519.js'

const SIGNATURE_BYTES = 64
const POINT_BYTES = 32

/**
 * Whether an Ed25519 signature holds for every verifier. RFC 8032 lets each choose whether it multiplies the equation
 * by the cofactor 8; who holds a key can make signatures that only hold with it, of a point with a part of small
 * order. Where neither key nor R has such a part, both equations say the same.
 * @param signature R and S, 64 bytes; others do not hold
 * @param publicKey 32 bytes
 * @see RFC 8032 §5.1.7
 */
export function isEd25519Signature(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false
  if (!ed25519.verify(signature, message, publicKey, { zip215: false })) return false
  return [signature.subarray(0, POINT_BYTES), publicKey].every((point) =>
    ed25519.Point.fromBytes(point).isTorsionFree(),
  )
}
