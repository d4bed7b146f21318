import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Hex, MessageField, SigningDomain } from './eip712.ts'
import type { TypedDataSigner } from './eip712-signer.ts'
import { recoverMessageSigner, signMessage } from './eip712-signer.ts'
import { createFieldReader } from './field-reader.ts'

/**
 * That somebody had access to a record: the tuple {recordhash, owner, receiver, time, location, expirydate,
 * signature} of Liang et al., "Integrating Blockchain for Data Sharing and Collaboration in Mobile
 * Healthcare Applications" (PIMRC 2017), section III.C, without the signature.
 */
export interface AccessEvent {
  /** The data set's id, 32 bytes: a hash of the record's commitment and its owner. */
  readonly recordHash: Hex
  /** Owner of the record, EIP-55. */
  readonly owner: Hex
  /** Who had access, EIP-55. */
  readonly receiver: Hex
  /** Unix seconds. */
  readonly timeSec: number
  /** Where, as {@link commitLocation} gives it: never in clear. */
  readonly location: Hex
  /** Unix seconds, not before the event; when the right to it ends. */
  readonly expirySec: number
}

/** An event and who vouches for it. */
export interface SignedAccessEvent extends AccessEvent {
  /** Who signed, EIP-55: owner, receiver, or the operator who gave access. */
  readonly signer: Hex
  /** EIP-712, 65 bytes. */
  readonly signature: Hex
}

/** Fields of the EIP-712 message `AccessEvent`. */
const ACCESS_EVENT_FIELDS: readonly MessageField[] = [
  { name: 'recordHash', type: 'bytes32' },
  { name: 'owner', type: 'address' },
  { name: 'receiver', type: 'address' },
  { name: 'timeSec', type: 'uint64' },
  { name: 'location', type: 'bytes32' },
  { name: 'expirySec', type: 'uint64' },
]

const read = createFieldReader('EVENT_INVALID', 'access event')

/**
 * Hides where something happened: SHA-256(salt ‖ UTF-8 of the text). Who has salt and text can show it.
 * @param where such as a name of a place; as people write it, not normalised
 * @param salt 32 random bytes, a fresh one for every event: places are easy to guess without
 * @throws ProofsError `EVENT_INVALID` {field}
 */
export function commitLocation(where: string, salt: Uint8Array): Hex {
  const text = utf8ToBytes(read.text(where, 'location', 1_024))
  return `0x${bytesToHex(sha256(concatBytes(read.bytes(salt, 'salt', 32), text)))}`
}

/**
 * Has an event signed.
 * @param domain verifying contract: the Halo's ConsentRegistry
 * @throws ProofsError `EVENT_INVALID` {field}; field `signature` when the signer is no key of one account
 */
export async function signAccessEvent(
  signer: TypedDataSigner,
  event: AccessEvent,
  domain: SigningDomain,
): Promise<SignedAccessEvent> {
  const checked = checkAccessEvent(event)
  const signature = await signMessage(signer, 'AccessEvent', ACCESS_EVENT_FIELDS, { ...checked }, domain)
  const address = recoverAccessEventSigner({ ...checked, signature }, domain)
  if (address === null) throw read.invalid('signature')
  return { ...checked, signer: address, signature }
}

/**
 * Who signed an event, EIP-55 checksummed, or null for what is no canonical signature. Anyone can sign:
 * compare it.
 * @throws ProofsError `EVENT_INVALID` {field}
 */
export function recoverAccessEventSigner(
  event: AccessEvent & Pick<SignedAccessEvent, 'signature'>,
  domain: SigningDomain,
): Hex | null {
  const checked = { ...checkAccessEvent(event) }
  return recoverMessageSigner('AccessEvent', ACCESS_EVENT_FIELDS, checked, domain, event.signature)
}

/**
 * An event with every field checked, and nothing else.
 * @throws ProofsError `EVENT_INVALID` {field}
 */
export function checkAccessEvent(event: AccessEvent): AccessEvent {
  const timeSec = read.seconds(event.timeSec, 'timeSec')
  return {
    recordHash: read.hexText(event.recordHash, 'recordHash', 32),
    owner: read.address(event.owner, 'owner'),
    receiver: read.address(event.receiver, 'receiver'),
    timeSec,
    location: read.hexText(event.location, 'location', 32),
    expirySec: read.seconds(event.expirySec, 'expirySec', timeSec),
  }
}
