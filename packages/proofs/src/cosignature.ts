import { ed25519 } from '@noble/curves/ed25519.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'

const TIME_BYTES = 8
const SIGNATURE_BYTES = 64

/** First line of what a co-signer signs: no other text that a key signs may begin so. */
export const COSIGNATURE_HEADER = 'cosignature/v1\n'

/**
 * Signature of a checkpoint's text and the time it was seen at: 8 bytes of time, big-endian, then 64 bytes of
 * Ed25519 over two lines of header and the text.
 * @param timeSec Unix seconds, whole
 * @see https://c2sp.org/tlog-cosignature "Ed25519 signed message"
 */
export function makeCosignature(text: string, timeSec: number, secretKey: Uint8Array): Uint8Array {
  const cosignature = new Uint8Array(TIME_BYTES + SIGNATURE_BYTES)
  new DataView(cosignature.buffer).setBigUint64(0, BigInt(timeSec))
  cosignature.set(ed25519.sign(cosignedMessage(text, timeSec), secretKey), TIME_BYTES)
  return cosignature
}

/** Whether a cosignature of that text by that key holds. */
export function verifyCosignature(text: string, cosignature: Uint8Array, publicKey: Uint8Array): boolean {
  const timeSec = readCosignatureTimeSec(cosignature)
  if (timeSec === null) return false
  const signature = cosignature.subarray(TIME_BYTES)
  return ed25519.verify(signature, cosignedMessage(text, timeSec), publicKey, { zip215: false })
}

/** Unix seconds of a cosignature, or null when it has none that a number can hold. */
export function readCosignatureTimeSec(cosignature: Uint8Array): number | null {
  if (cosignature.length !== TIME_BYTES + SIGNATURE_BYTES) return null
  const time = new DataView(cosignature.buffer, cosignature.byteOffset).getBigUint64(0)
  return time <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(time) : null
}

function cosignedMessage(text: string, timeSec: number): Uint8Array {
  return utf8ToBytes(`${COSIGNATURE_HEADER}time ${timeSec}\n${text}`)
}
