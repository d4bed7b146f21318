import { ed25519 } from '@noble/curves/ed25519.js'
import { sha512 } from '@noble/hashes/sha2.js'

const { Point } = ed25519

/** A point of order 8, the generator of the small subgroup (RFC 8032's curve, cofactor 8). */
const SMALL = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')

/**
 * A signature by who holds the key that holds only in the equation with the cofactor: R has a part of small order.
 * @param secretKey 32 bytes
 */
export function signWithTorsion(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
  const { scalar, pointBytes } = ed25519.utils.getExtendedPublicKey(secretKey)
  return signFor(message, scalar, pointBytes, SMALL)
}

/**
 * A key with a part of small order, and a signature by it whose R has none. With the cofactor it holds for every
 * message, without it for one in eight.
 */
export function signByTorsionKey(
  message: Uint8Array,
  secretKey: Uint8Array,
): { readonly publicKey: Uint8Array; readonly signature: Uint8Array } {
  const { scalar, point } = ed25519.utils.getExtendedPublicKey(secretKey)
  const publicKey = point.add(SMALL).toBytes()
  return { publicKey, signature: signFor(message, scalar, publicKey, Point.ZERO) }
}

function signFor(message: Uint8Array, scalar: bigint, publicKey: Uint8Array, part: typeof SMALL): Uint8Array {
  const nonce = 12_345_678_901_234_567_890n
  const r = Point.BASE.multiply(nonce).add(part).toBytes()
  const k = numberOf(sha512(Uint8Array.of(...r, ...publicKey, ...message)))
  const s = Point.Fn.create(nonce + k * scalar)
  return Uint8Array.of(...r, ...Point.Fn.toBytes(s))
}

/** Little-endian. */
function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}
