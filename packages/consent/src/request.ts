import { AbiCoder, keccak256, toUtf8Bytes } from 'ethers'
import { ConsentError } from './errors.ts'
import type { Address, Bytes32, DatasetId, RequestId } from './identifiers.ts'
import { parseAddress, parseBytes32, parseDatasetId } from './identifiers.ts'

/** Where the contracts live; part of what every signature and request id binds. */
export interface Deployment {
  readonly chainId: bigint
  readonly registry: Address
  readonly token: Address
  readonly consent: Address
  readonly escrow: Address
  readonly anchor: Address
}

/** What a researcher asks for and pays for; the same fields, in this order, as `IEscrow.Request`. */
export interface AccessRequest {
  readonly dataset: DatasetId
  /** The owner's address for this data set, which the data set's id binds. */
  readonly patient: Address
  readonly researcher: Address
  /** SHA-256 of the researcher's hybrid KEM public key: only its holder can open what is delivered. */
  readonly recipientKeyHash: Bytes32
  /** keccak-256 of the UTF-8 bytes of the accepted terms. */
  readonly termsHash: Bytes32
  /** ERC-20 contract, or {@link NATIVE_COIN}. */
  readonly currency: Address
  /** In the currency's smallest unit; paid to the patient on delivery, refunded otherwise. */
  readonly price: bigint
  /** In the currency's smallest unit; earned by the registered peer that relays the answer. */
  readonly relayFee: bigint
  /** Unix seconds; no answer by then means no. */
  readonly answerBySec: number
  /** Seconds after consent during which the record may be collected and the escrow settled. */
  readonly accessForSec: number
  /** Random, so that two equal requests differ. */
  readonly nonce: Bytes32
}

/** A request as JSON and CBOR carry it: amounts are decimal texts, because they exceed 2^53. */
export type PlainAccessRequest = Omit<AccessRequest, 'price' | 'relayFee'> & {
  readonly price: string
  readonly relayFee: string
}

const UINT128_MAX = (1n << 128n) - 1n

const REQUEST_TUPLE =
  'tuple(bytes32 dataset,address patient,address researcher,bytes32 recipientKeyHash,bytes32 termsHash,address currency,uint128 price,uint128 relayFee,uint64 answerBySec,uint64 accessForSec,bytes32 nonce)'

/** keccak256(abi.encode(chainId, escrow, request)): binds every field to one chain and one contract. */
export function requestIdOf(
  request: AccessRequest,
  deployment: Pick<Deployment, 'chainId' | 'escrow'>,
): RequestId {
  const encoded = AbiCoder.defaultAbiCoder().encode(
    ['uint256', 'address', REQUEST_TUPLE],
    [deployment.chainId, deployment.escrow, request],
  )
  return keccak256(encoded) as RequestId
}

/** keccak-256 of the UTF-8 bytes of a text, for terms, descriptors and statements. */
export function textHash(text: string): Bytes32 {
  return keccak256(toUtf8Bytes(text)) as Bytes32
}

/**
 * A request from outside, checked field by field.
 * @throws ConsentError `BAD_IDENTIFIER` or `BAD_REQUEST`, naming the field
 */
export function parseAccessRequest(value: unknown): AccessRequest {
  if (typeof value !== 'object' || value === null) throw badRequest('request', 'an object')
  const fields = value as Readonly<Record<string, unknown>>
  return {
    dataset: parseDatasetId(fields['dataset'], 'dataset'),
    patient: parseAddress(fields['patient'], 'patient'),
    researcher: parseAddress(fields['researcher'], 'researcher'),
    recipientKeyHash: parseBytes32(fields['recipientKeyHash'], 'recipientKeyHash'),
    termsHash: parseBytes32(fields['termsHash'], 'termsHash'),
    currency: parseAddress(fields['currency'], 'currency'),
    price: parseAmount(fields['price'], 'price'),
    relayFee: parseAmount(fields['relayFee'], 'relayFee'),
    answerBySec: parseSeconds(fields['answerBySec'], 'answerBySec'),
    accessForSec: parseSeconds(fields['accessForSec'], 'accessForSec'),
    nonce: parseBytes32(fields['nonce'], 'nonce'),
  }
}

/** The inverse of {@link parseAccessRequest}, for JSON and CBOR. */
export function plainAccessRequest(request: AccessRequest): PlainAccessRequest {
  return { ...request, price: request.price.toString(), relayFee: request.relayFee.toString() }
}

function parseAmount(value: unknown, field: string): bigint {
  const isText = typeof value === 'string' && /^(0|[1-9][0-9]{0,38})$/.test(value)
  const amount = isText ? BigInt(value) : value
  if (typeof amount !== 'bigint' || amount < 0n || amount > UINT128_MAX)
    throw badRequest(field, 'a whole amount in the smallest unit, below 2^128')
  return amount
}

function parseSeconds(value: unknown, field: string): number {
  const seconds = typeof value === 'bigint' ? Number(value) : value
  if (typeof seconds !== 'number' || !Number.isSafeInteger(seconds) || seconds < 0)
    throw badRequest(field, 'a whole number of seconds')
  return seconds
}

function badRequest(field: string, wanted: string): ConsentError {
  return new ConsentError('BAD_REQUEST', `The request's ${field} must be ${wanted}.`, { details: { field } })
}
