import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'

/** Any bytes as lower-case hex with `0x`; an address in EIP-55's mixed case. */
export type Hex = `0x${string}`

/** What a message is signed for: one contract on one chain. The name is Halo, the version 1. */
export interface SigningDomain {
  readonly chainId: number
  readonly verifyingContract: Hex
}

/** Types of the fields that Halo's messages have; structs are flat. */
export type FieldType = 'bytes32' | 'address' | 'uint32' | 'uint64' | 'uint256' | 'bool' | 'string'

/** One field of a message. */
export interface MessageField {
  readonly name: string
  readonly type: FieldType
}

/** A field's value: bytes and addresses as hex, numbers whole and not below 0. */
export type FieldValue = string | number | bigint | boolean

/** Fields of EIP712Domain as OpenZeppelin's EIP712 has them. */
const DOMAIN_FIELDS: readonly MessageField[] = [
  { name: 'name', type: 'string' },
  { name: 'version', type: 'string' },
  { name: 'chainId', type: 'uint256' },
  { name: 'verifyingContract', type: 'address' },
]

/**
 * The 32 bytes that are signed: keccak256(0x1901 ‖ domain separator ‖ hashStruct(message)).
 * The caller has checked that values fit their types.
 * @param type name of the message, such as `Grant`
 * @see EIP-712
 */
export function digestMessage(
  type: string,
  fields: readonly MessageField[],
  value: Readonly<Record<string, FieldValue>>,
  domain: SigningDomain,
): Uint8Array {
  const separator = hashStruct('EIP712Domain', DOMAIN_FIELDS, { name: 'Halo', version: '1', ...domain })
  return keccak_256(concatBytes(Uint8Array.of(0x19, 0x01), separator, hashStruct(type, fields, value)))
}

/** A message's type as EIP-712 writes it, such as `Delivery(bytes32 requestId)`. */
function encodeType(type: string, fields: readonly MessageField[]): string {
  return `${type}(${fields.map((field) => `${field.type} ${field.name}`).join(',')})`
}

/** keccak256(typeHash ‖ one word for each field). */
function hashStruct(
  type: string,
  fields: readonly MessageField[],
  value: Readonly<Record<string, FieldValue>>,
): Uint8Array {
  const words = fields.map((field) => encodeWord(field.type, value[field.name] as FieldValue))
  return keccak_256(concatBytes(keccak_256(utf8ToBytes(encodeType(type, fields))), ...words))
}

/**
 * One value as 32 bytes: what has a fixed size padded on the left as contracts encode it, texts hashed.
 * @see EIP-712, "Definition of encodeData"
 */
export function encodeWord(type: FieldType, value: FieldValue): Uint8Array {
  switch (type) {
    case 'string':
      return keccak_256(utf8ToBytes(String(value)))
    case 'bytes32':
    case 'address':
      return hexToBytes(String(value).slice(2).padStart(64, '0'))
    case 'bool':
    case 'uint32':
    case 'uint64':
    case 'uint256':
      return hexToBytes(BigInt(value).toString(16).padStart(64, '0'))
  }
}

/** keccak-256 of bytes, as hex. */
export function keccakHex(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(keccak_256(bytes))}`
}
