import type { Hex, MessageField, SigningDomain } from './eip712.ts'
import type { TypedDataSigner } from './eip712-signer.ts'
import { recoverMessageSigner, signMessage } from './eip712-signer.ts'
import { createFieldReader } from './field-reader.ts'

/** What an operator says it has deleted of a data set. It is the operator's word: no copy leaves a trace. */
export interface Deletion {
  /** Id of the data set, 32 bytes. */
  readonly dataset: Hex
  /** Whether its share of the key was destroyed. */
  readonly shareDestroyed: boolean
  /** Shards that it held and deleted. */
  readonly shardsDeleted: number
  /** Unix seconds. */
  readonly timeSec: number
}

/** A deletion and who vouches for it. */
export interface SignedDeletion extends Deletion {
  /** Address of the operator who signed, EIP-55. */
  readonly operator: Hex
  /** EIP-712, 65 bytes. */
  readonly signature: Hex
}

/** Fields of the EIP-712 message `Deletion`. */
const DELETION_FIELDS: readonly MessageField[] = [
  { name: 'dataset', type: 'bytes32' },
  { name: 'shareDestroyed', type: 'bool' },
  { name: 'shardsDeleted', type: 'uint32' },
  { name: 'timeSec', type: 'uint64' },
]

const read = createFieldReader('EVENT_INVALID', 'deletion receipt')

/**
 * Has a deletion signed.
 * @param domain verifying contract: the Halo's ConsentRegistry, whose consent it follows
 * @throws ProofsError `EVENT_INVALID` {field}; field `signature` when the signer is no key of one account
 */
export async function signDeletion(
  signer: TypedDataSigner,
  deletion: Deletion,
  domain: SigningDomain,
): Promise<SignedDeletion> {
  const checked = checkDeletion(deletion)
  const signature = await signMessage(signer, 'Deletion', DELETION_FIELDS, { ...checked }, domain)
  const operator = recoverDeletionSigner({ ...checked, signature }, domain)
  if (operator === null) throw read.invalid('signature')
  return { ...checked, operator, signature }
}

/**
 * Who signed a deletion, EIP-55 checksummed, or null for what is no canonical signature. Anyone can sign:
 * compare it.
 * @throws ProofsError `EVENT_INVALID` {field}
 */
export function recoverDeletionSigner(
  deletion: Deletion & Pick<SignedDeletion, 'signature'>,
  domain: SigningDomain,
): Hex | null {
  const checked = { ...checkDeletion(deletion) }
  return recoverMessageSigner('Deletion', DELETION_FIELDS, checked, domain, deletion.signature)
}

/**
 * A deletion with every field checked, and nothing else. One that deletes nothing is none.
 * @throws ProofsError `EVENT_INVALID` {field}
 */
export function checkDeletion(deletion: Deletion): Deletion {
  const shareDestroyed = read.boolean(deletion.shareDestroyed, 'shareDestroyed')
  return {
    dataset: read.hexText(deletion.dataset, 'dataset', 32),
    shareDestroyed,
    shardsDeleted: read.whole(deletion.shardsDeleted, 'shardsDeleted', shareDestroyed ? 0 : 1, 0xffff_ffff),
    timeSec: read.seconds(deletion.timeSec, 'timeSec'),
  }
}
