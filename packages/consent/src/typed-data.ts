import { Signature, TypedDataEncoder, verifyTypedData } from 'ethers'
import { ConsentError } from './errors.ts'
import type { Address, Bytes32, DatasetId, Hex, RequestId } from './identifiers.ts'
import type { Deployment } from './request.ts'

/** Every message that is signed in Halo, by primary type; the Solidity type hashes are the same strings. */
export const TYPES = {
  /**
   * The patient states that a data set and its catalogue entry are theirs. Verified by peers before they log it,
   * and by researchers; bound to the LogAnchor whose roots show since when it was logged.
   */
  Anchor: [
    { name: 'dataset', type: 'bytes32' },
    { name: 'descriptor', type: 'bytes32' },
  ],
  /** The patient consents. `statement` is the very text shown on the screen. Verified by ConsentRegistry. */
  Grant: [
    { name: 'requestId', type: 'bytes32' },
    { name: 'statement', type: 'string' },
  ],
  Decline: [
    { name: 'requestId', type: 'bytes32' },
    { name: 'statement', type: 'string' },
  ],
  Revoke: [
    { name: 'requestId', type: 'bytes32' },
    { name: 'statement', type: 'string' },
  ],
  /** A peer's operator states that it released its key share. Verified by Escrow. */
  Delivery: [{ name: 'requestId', type: 'bytes32' }],
  /** The researcher proves to one peer that it is they who collect. Verified by that peer. */
  Collect: [
    { name: 'requestId', type: 'bytes32' },
    { name: 'peerId', type: 'string' },
    { name: 'beforeSec', type: 'uint64' },
  ],
} as const

/** Message fields by primary type. */
export interface Messages {
  readonly Anchor: { readonly dataset: DatasetId; readonly descriptor: Bytes32 }
  readonly Grant: { readonly requestId: RequestId; readonly statement: string }
  readonly Decline: { readonly requestId: RequestId; readonly statement: string }
  readonly Revoke: { readonly requestId: RequestId; readonly statement: string }
  readonly Delivery: { readonly requestId: RequestId }
  readonly Collect: { readonly requestId: RequestId; readonly peerId: string; readonly beforeSec: number }
}

/** A patient's three possible answers. */
export type AnswerKind = 'Grant' | 'Decline' | 'Revoke'

interface VerifierOf {
  readonly Anchor: 'anchor'
  readonly Grant: 'consent'
  readonly Decline: 'consent'
  readonly Revoke: 'consent'
  readonly Delivery: 'escrow'
  readonly Collect: 'escrow'
}

const VERIFIER: VerifierOf = {
  Anchor: 'anchor',
  Grant: 'consent',
  Decline: 'consent',
  Revoke: 'consent',
  Delivery: 'escrow',
  Collect: 'escrow',
}

/** What of a deployment a message is bound to: the chain, and the one contract it is meant for. */
type BoundTo<Kind extends keyof Messages> = Pick<Deployment, 'chainId' | VerifierOf[Kind]>

/** The EIP-712 parts of a message: domain (name Halo, version 1), types, value. */
export interface TypedData<Kind extends keyof Messages> {
  readonly domain: {
    readonly name: 'Halo'
    readonly version: '1'
    readonly chainId: bigint
    readonly verifyingContract: Address
  }
  readonly types: { readonly [K in Kind]: (typeof TYPES)[K] }
  readonly value: Messages[Kind]
}

/** Whoever can sign EIP-712 typed data; an ethers `Signer` is one. */
export interface TypedDataSigner {
  signTypedData(
    domain: TypedData<keyof Messages>['domain'],
    types: Record<string, { name: string; type: string }[]>,
    value: Record<string, unknown>,
  ): Promise<string>
}

/** The typed data of one message for one deployment. */
export function typedData<Kind extends keyof Messages>(
  kind: Kind,
  value: Messages[Kind],
  deployment: BoundTo<Kind>,
): TypedData<Kind> {
  const contracts: Partial<Record<keyof Deployment, unknown>> = deployment
  return {
    domain: {
      name: 'Halo',
      version: '1',
      chainId: deployment.chainId,
      verifyingContract: contracts[VERIFIER[kind]] as Address,
    },
    types: { [kind]: TYPES[kind] } as TypedData<Kind>['types'],
    value,
  }
}

/** Signs one message; returns 65 bytes as hex. */
export async function signMessage<Kind extends keyof Messages>(
  signer: TypedDataSigner,
  kind: Kind,
  value: Messages[Kind],
  deployment: BoundTo<Kind>,
): Promise<Hex> {
  const data = typedData(kind, value, deployment)
  return (await signer.signTypedData(data.domain, fieldsOf(kind), { ...value })) as Hex
}

/** The 32-byte digest that is signed. */
export function messageDigest<Kind extends keyof Messages>(
  kind: Kind,
  value: Messages[Kind],
  deployment: BoundTo<Kind>,
): Bytes32 {
  const data = typedData(kind, value, deployment)
  return TypedDataEncoder.hash(data.domain, fieldsOf(kind), value) as Bytes32
}

/**
 * The address that signed a message.
 * @throws ConsentError `BAD_SIGNATURE` when the bytes are no canonical (low-s, 65-byte) signature
 */
export function recoverSigner<Kind extends keyof Messages>(
  kind: Kind,
  value: Messages[Kind],
  signature: Hex,
  deployment: BoundTo<Kind>,
): Address {
  const data = typedData(kind, value, deployment)
  try {
    if (Signature.from(signature).serialized !== signature.toLowerCase()) throw new Error('not canonical')
    return verifyTypedData(data.domain, fieldsOf(kind), value, signature) as Address
  } catch (cause) {
    throw new ConsentError('BAD_SIGNATURE', `The signature of this ${kind} is not valid.`, { cause })
  }
}

/** A copy that ethers may keep, as it wants to be able to change it. */
function fieldsOf(kind: keyof Messages): Record<string, { name: string; type: string }[]> {
  return { [kind]: TYPES[kind].map((field) => ({ ...field })) }
}
