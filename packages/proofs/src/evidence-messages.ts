import { keccak_256 } from '@noble/hashes/sha3.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { FieldType, Hex, MessageField } from './eip712.ts'
import { encodeWord, keccakHex } from './eip712.ts'
import type { AnswerKind, EvidenceDeployment, EvidenceRequest, RecordEvidence } from './evidence.ts'

const ANSWER_FIELDS: readonly MessageField[] = [
  { name: 'requestId', type: 'bytes32' },
  { name: 'statement', type: 'string' },
]

/** Fields of the messages that patients and operators sign, as the contracts have them. */
export const EVIDENCE_MESSAGES: Readonly<
  Record<'Anchor' | 'Delivery' | AnswerKind, readonly MessageField[]>
> = {
  Anchor: [
    { name: 'dataset', type: 'bytes32' },
    { name: 'descriptor', type: 'bytes32' },
  ],
  Grant: ANSWER_FIELDS,
  Decline: ANSWER_FIELDS,
  Revoke: ANSWER_FIELDS,
  Delivery: [{ name: 'requestId', type: 'bytes32' }],
}

/** Members of a request in the order of the contract's struct. */
const REQUEST_MEMBERS: readonly (readonly [keyof EvidenceRequest, FieldType])[] = [
  ['dataset', 'bytes32'],
  ['patient', 'address'],
  ['researcher', 'address'],
  ['recipientKeyHash', 'bytes32'],
  ['termsHash', 'bytes32'],
  ['currency', 'address'],
  ['price', 'uint256'],
  ['relayFee', 'uint256'],
  ['answerBySec', 'uint64'],
  ['accessForSec', 'uint64'],
  ['nonce', 'bytes32'],
]

/** keccak256(abi.encode(recordCommitment, owner)): the id of a data set, which binds its owner. */
export function hashDataset({
  recordCommitment,
  owner,
}: Pick<RecordEvidence, 'recordCommitment' | 'owner'>): Hex {
  return keccakHex(concatBytes(encodeWord('bytes32', recordCommitment), encodeWord('address', owner)))
}

/** keccak256(abi.encode(chainId, escrow, request)): the id of a request, all of whose members are static. */
export function hashRequest(
  request: EvidenceRequest,
  { chainId, escrow }: Pick<EvidenceDeployment, 'chainId' | 'escrow'>,
): Hex {
  const words = REQUEST_MEMBERS.map(([name, type]) => encodeWord(type, request[name]))
  return keccakHex(concatBytes(encodeWord('uint256', chainId), encodeWord('address', escrow), ...words))
}

/** keccak-256 of a text's UTF-8 bytes, 32 bytes. */
export function hashText(text: string): Uint8Array {
  return keccak_256(utf8ToBytes(text))
}
