import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { FieldValue, Hex, MessageField, SigningDomain } from './eip712.ts'
import { digestMessage } from './eip712.ts'

/** Whoever can sign EIP-712 typed data; an ethers `Signer` is one. */
export interface TypedDataSigner {
  signTypedData(
    domain: SigningDomain & { readonly name: 'Halo'; readonly version: '1' },
    types: Record<string, { name: string; type: string }[]>,
    value: Record<string, unknown>,
  ): Promise<string>
}

/** Has one message signed; 65 bytes as hex. */
export async function signMessage(
  signer: TypedDataSigner,
  type: string,
  fields: readonly MessageField[],
  value: Readonly<Record<string, FieldValue>>,
  domain: SigningDomain,
): Promise<Hex> {
  const types = { [type]: fields.map((field) => ({ ...field })) }
  return (await signer.signTypedData({ name: 'Halo', version: '1', ...domain }, types, { ...value })) as Hex
}

/**
 * The address that signed a message, EIP-55 checksummed, or null when the text is no canonical signature:
 * r ‖ s ‖ v as lower-case hex, 65 bytes, s in the lower half (EIP-2), v 27 or 28.
 */
export function recoverMessageSigner(
  type: string,
  fields: readonly MessageField[],
  value: Readonly<Record<string, FieldValue>>,
  domain: SigningDomain,
  signature: string,
): Hex | null {
  if (!/^0x[0-9a-f]{130}$/.test(signature)) return null
  return recoverAddress(digestMessage(type, fields, value, domain), hexToBytes(signature.slice(2)))
}

function recoverAddress(digest: Uint8Array, signature: Uint8Array): Hex | null {
  const recovery = (signature[64] ?? 0) - 27
  if (recovery !== 0 && recovery !== 1) return null
  const recovered = concatBytes(Uint8Array.of(recovery), signature.subarray(0, 64))
  try {
    const parsed = secp256k1.Signature.fromBytes(recovered, 'recovered')
    if (parsed.hasHighS()) return null
    const publicKey = parsed.recoverPublicKey(digest).toBytes(false)
    return checksumAddress(`0x${bytesToHex(keccak_256(publicKey.subarray(1)).subarray(12))}`)
  } catch {
    return null
  }
}

/**
 * An address in the one mixed case that guards it against typing errors.
 * @param address 0x and 40 hex digits in any case
 * @see EIP-55: a letter is upper-case where the hash of the lower-case digits has a digit of 8 or more
 */
export function checksumAddress(address: string): Hex {
  const digits = address.slice(2).toLowerCase()
  const hash = bytesToHex(keccak_256(utf8ToBytes(digits)))
  const cased = [...digits].map((digit, at) =>
    Number.parseInt(hash.charAt(at), 16) >= 8 ? digit.toUpperCase() : digit,
  )
  return `0x${cased.join('')}`
}
