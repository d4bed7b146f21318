import { keccak256, toUtf8Bytes } from 'ethers'
import type { AccessRequest, Address, Deployment, Hex } from '../src/index.ts'

// Encodings written out from the specifications, with nothing but keccak-256 from the library, so that
// the package and these agree only if both follow them.

/** One 32-byte word of a number: contract ABI specification, "uint<M>". */
function word(value: bigint | number): string {
  return BigInt(value).toString(16).padStart(64, '0')
}

/** One word of an address, left-padded. */
function addressWord(address: Address): string {
  return address.slice(2).toLowerCase().padStart(64, '0')
}

function textDigest(text: string): string {
  return keccak256(toUtf8Bytes(text)).slice(2)
}

/** abi.encode(chainId, escrow, request): all members are static, so the tuple is inlined. */
export function encodeRequestByHand(
  request: AccessRequest,
  deployment: Pick<Deployment, 'chainId' | 'escrow'>,
): Hex {
  const words = [
    word(deployment.chainId),
    addressWord(deployment.escrow),
    request.dataset.slice(2),
    addressWord(request.patient),
    addressWord(request.researcher),
    request.recipientKeyHash.slice(2),
    request.termsHash.slice(2),
    addressWord(request.currency),
    word(request.price),
    word(request.relayFee),
    word(request.answerBySec),
    word(request.accessForSec),
    request.nonce.slice(2),
  ]
  return `0x${words.join('')}`
}

/** keccak256(abi.encode(commitment, patient)). */
export function datasetIdByHand(commitment: Hex, patient: Address): Hex {
  return keccak256(`0x${commitment.slice(2)}${addressWord(patient)}`) as Hex
}

/** How each message is hashed: its type as EIP-712 writes it, its contract, its fields as words. */
const MESSAGES: Readonly<
  Record<
    string,
    {
      readonly type: string
      readonly contract: 'anchor' | 'consent' | 'escrow'
      readonly words: (value: never) => string
    }
  >
> = {
  Anchor: {
    type: 'Anchor(bytes32 dataset,bytes32 descriptor)',
    contract: 'anchor',
    words: (value: { dataset: string; descriptor: string }) =>
      value.dataset.slice(2) + value.descriptor.slice(2),
  },
  Grant: answer('Grant'),
  Decline: answer('Decline'),
  Revoke: answer('Revoke'),
  Delivery: {
    type: 'Delivery(bytes32 requestId)',
    contract: 'escrow',
    words: (value: { requestId: string }) => value.requestId.slice(2),
  },
  Collect: {
    type: 'Collect(bytes32 requestId,string peerId,uint64 beforeSec)',
    contract: 'escrow',
    words: (value: { requestId: string; peerId: string; beforeSec: number }) =>
      value.requestId.slice(2) + textDigest(value.peerId) + word(value.beforeSec),
  },
}

function answer(kind: string): (typeof MESSAGES)[string] {
  return {
    type: `${kind}(bytes32 requestId,string statement)`,
    contract: 'consent',
    words: (value: { requestId: string; statement: string }) =>
      value.requestId.slice(2) + textDigest(value.statement),
  }
}

/** keccak256(0x1901 ‖ domainSeparator ‖ hashStruct(message)), EIP-712. */
export function digestByHand(kind: string, value: object, deployment: Deployment): Hex {
  const message = MESSAGES[kind]
  if (message === undefined) throw new Error(`There is no message ${kind}.`)
  const domainType = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'
  const domain = keccak256(
    `0x${textDigest(domainType)}${textDigest('Halo')}${textDigest('1')}` +
      word(deployment.chainId) +
      addressWord(deployment[message.contract]),
  )
  const struct = keccak256(`0x${textDigest(message.type)}${message.words(value as never)}`)
  return keccak256(`0x1901${domain.slice(2)}${struct.slice(2)}`) as Hex
}
