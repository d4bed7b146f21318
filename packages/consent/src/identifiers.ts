import { AbiCoder, getAddress, getBytes, hexlify, isAddress, isHexString, keccak256 } from 'ethers'
import { ConsentError } from './errors.ts'

declare const brand: unique symbol
type Brand<T, Name extends string> = T & { readonly [brand]: { readonly [N in Name]: true } }

/** An EIP-55 checksummed EVM address. */
export type Address = Brand<`0x${string}`, 'Address'>
/** 32 bytes as lower-case hex with `0x`. */
export type Bytes32 = Brand<`0x${string}`, 'Bytes32'>
/** A data set on chain: what {@link datasetIdOf} makes of a record's commitment and its owner, never its content. */
export type DatasetId = Brand<Bytes32, 'DatasetId'>
/** One request for one data set by one researcher; also the token id. */
export type RequestId = Brand<Bytes32, 'RequestId'>
/** Any bytes as lower-case hex with `0x`. */
export type Hex = `0x${string}`

/** Address that stands for the chain's native coin where a currency is named. */
export const NATIVE_COIN: Address = '0x0000000000000000000000000000000000000000' as Address

/** @throws ConsentError `BAD_IDENTIFIER` when the text is no address or its checksum is wrong. */
export function parseAddress(text: unknown, field = 'address'): Address {
  if (typeof text !== 'string' || !isAddress(text))
    throw badIdentifier(field, 'an EVM address (0x and 40 hex digits)')
  return getAddress(text) as Address
}

/** @throws ConsentError `BAD_IDENTIFIER` unless the text is 0x and 64 hex digits. */
export function parseBytes32(text: unknown, field = 'value'): Bytes32 {
  if (typeof text !== 'string' || !isHexString(text, 32)) throw badIdentifier(field, '0x and 64 hex digits')
  return text.toLowerCase() as Bytes32
}

/** @throws ConsentError `BAD_IDENTIFIER` */
export function parseDatasetId(text: unknown, field = 'data set'): DatasetId {
  return parseBytes32(text, field) as DatasetId
}

/**
 * The id of a record under one owner: keccak256(abi.encode(commitment, patient)). Whoever copies a
 * commitment and names another address gets another id, so none can be taken away; and no chain has to be
 * asked whose it is.
 * @param commitment 32 bytes, as `SealResult.commitment` of the vault
 */
export function datasetIdOf(commitment: Bytes32 | Uint8Array, patient: Address): DatasetId {
  return keccak256(
    AbiCoder.defaultAbiCoder().encode(['bytes32', 'address'], [commitment, patient]),
  ) as DatasetId
}

/** @throws ConsentError `BAD_IDENTIFIER` */
export function parseRequestId(text: unknown, field = 'request'): RequestId {
  return parseBytes32(text, field) as RequestId
}

/** Bytes as lower-case hex with `0x`. */
export function hexOf(bytes: Uint8Array): Hex {
  return hexlify(bytes) as Hex
}

/** The bytes of a hex text with `0x`; a new buffer. */
export function bytesOf(hex: Hex): Uint8Array {
  return getBytes(hex)
}

function badIdentifier(field: string, wanted: string): ConsentError {
  return new ConsentError('BAD_IDENTIFIER', `The ${field} must be ${wanted}.`, { details: { field } })
}
