import { secp256k1 } from '@noble/curves/secp256k1.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { RecordsError } from '../errors.ts'
import type { CanonicalValue } from '../text/canonical-json.ts'
import { canonicalJson } from '../text/canonical-json.ts'
import { bytesOfBase64Url, toBase64Url } from './base64.ts'

/**
 * A compact JWS whose payload, the canonical JSON of a value, is left out: `header..signature`. The key is
 * named by its address, which the header says and the signature proves.
 * @param sign signs a 32-byte digest; gives r ‖ s or r ‖ s ‖ v
 * @throws RecordsError `SIGNATURE_INVALID` when what `sign` gives is no signature of that address
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-5.1
 * @see https://www.rfc-editor.org/rfc/rfc8812#section-3.2
 */
export async function signDetached(
  value: CanonicalValue,
  address: string,
  sign: (digest: Uint8Array) => Promise<Uint8Array> | Uint8Array,
): Promise<string> {
  const header = headerOf(address)
  const signed = new Uint8Array(await sign(digestOf(header, value)))
  const jws = `${header}..${toBase64Url(signed.subarray(0, 64))}`
  if (signed.length >= 64 && signed.length <= 65 && verifyDetached(value, jws, address)) return jws
  throw new RecordsError('SIGNATURE_INVALID', 'The key that signs is not the one of the given address.')
}

/** Whether a detached JWS is the signature of this address over this value. */
export function verifyDetached(value: CanonicalValue, jws: string, address: string): boolean {
  const [header, payload, signature = '', ...more] = jws.split('.')
  if (header !== headerOf(address) || payload !== '' || more.length > 0) return false
  const bytes = bytesOfBase64Url(signature)
  if (bytes?.length !== 64) return false
  const digest = digestOrNull(header, value)
  if (digest === null) return false
  // ES256K does not say which of two keys signed; one of them is the signer's, or none.
  return [0, 1].some((recovery) => signerOf(bytes, recovery, digest) === address.toLowerCase())
}

/** One header per address: no algorithm is taken from who made the signature. */
function headerOf(address: string): string {
  return toBase64Url(new TextEncoder().encode(canonicalJson({ alg: 'ES256K', kid: address })))
}

function digestOf(header: string, value: CanonicalValue): Uint8Array {
  const payload = toBase64Url(new TextEncoder().encode(canonicalJson(value)))
  return sha256(new TextEncoder().encode(`${header}.${payload}`))
}

/** Null for a foreign value that canonical JSON has no form for: nobody can have signed it. */
function digestOrNull(header: string, value: CanonicalValue): Uint8Array | null {
  try {
    return digestOf(header, value)
  } catch {
    return null
  }
}

/** Lower-case address of the key that made a signature, or null; a high s is refused, as it has a low twin. */
function signerOf(signature: Uint8Array, recovery: number, digest: Uint8Array): string | null {
  try {
    const recovered = Uint8Array.of(recovery, ...signature)
    if (secp256k1.Signature.fromBytes(recovered, 'recovered').hasHighS()) return null
    const key = secp256k1.recoverPublicKey(recovered, digest, { prehash: false })
    const point = secp256k1.Point.fromBytes(key).toBytes(false)
    return `0x${bytesToHex(keccak_256(point.subarray(1)).subarray(12))}`
  } catch {
    return null
  }
}
