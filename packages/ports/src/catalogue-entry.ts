import type { Address, Bytes32, DatasetId, Deployment } from '@halo/consent'
import { bytesOf, datasetIdOf, hexOf, parseAddress, recoverSigner, textHash } from '@halo/consent'
import type { LogId, Receipt } from '@halo/proofs'
import {
  checkpointNote,
  commitRecord,
  createNoteVerifier,
  decodeReceipt,
  formatLogOrigin,
  openCheckpoint,
  verifyReceipt,
} from '@halo/proofs'
import type { Ledger, Member, RootAnchor } from './ledger.ts'
import { peerKeyOf } from './peer-key.ts'
import type { CatalogueEntry } from './protocol.ts'

/** The chain and the contract that the roots of a Halo's logs are on. */
type LogHome = Pick<Deployment, 'chainId' | 'anchor'>

/** What a catalogue entry shows by itself; whether the root is on the chain has to be asked there. */
export interface CheckedEntry {
  readonly dataset: DatasetId
  readonly receipt: Receipt
  /** Whose log it is in. */
  readonly operator: Address
  /** Of that log, at `receipt.size`. */
  readonly root: Bytes32
  /**
   * Whether the key that the registry has for this member signed the checkpoint. False for a member that has left,
   * or has another key by now: then the root on the chain, which only an active operator could anchor, has to do.
   */
  readonly isSigned: boolean
}

/**
 * Checks all of a catalogue entry that needs no chain: the patient signed it, the data set's id binds patient and
 * record, the receipt is of this very entry in a log of this Halo, and no registered member's signature under
 * its checkpoint is wrong. Null when any of it does not hold.
 * @param members of the registry, suspended ones too
 */
export function checkEntry(
  entry: CatalogueEntry,
  deployment: LogHome,
  members: readonly Member[],
): CheckedEntry | null {
  try {
    return check(entry, deployment, members)
  } catch {
    // What cannot be parsed shows nothing.
    return null
  }
}

function check(
  { commitment, patient, descriptor, signature, receipt: bytes }: CatalogueEntry,
  deployment: LogHome,
  members: readonly Member[],
): CheckedEntry | null {
  const dataset = datasetIdOf(commitment, patient)
  const message = { dataset, descriptor: textHash(descriptor) }
  const receipt = decodeReceipt(bytes)
  const operator = parseAddress(receipt.log.operator)
  const isSigned = isSignedBy(members, operator, receipt)
  const holds =
    isLogOf(receipt.log, deployment) &&
    hexOf(receipt.commitment) === hexOf(commitRecord(bytesOf(dataset), bytesOf(message.descriptor))) &&
    verifyReceipt(receipt).inclusion.verdict === 'verified' &&
    isSigned !== null &&
    recoverSigner('Anchor', message, signature, deployment) === patient
  return holds ? { dataset, receipt, operator, root: hexOf(receipt.root) as Bytes32, isSigned } : null
}

/**
 * Where the chain holds the root that an entry's receipt leads to. Null when it does not, or holds it from another
 * block or time than the receipt says.
 */
export async function readAnchor(
  { receipt, operator, root }: CheckedEntry,
  ledger: Pick<Ledger, 'rootAnchor'>,
): Promise<RootAnchor | null> {
  const found = await ledger.rootAnchor(operator, receipt.size, root)
  if (found === null) return null
  const anchored = { ...found, txHash: found.txHash === null ? null : bytesOf(found.txHash) }
  return verifyReceipt(receipt, { anchored }).anchor.verdict === 'verified' ? found : null
}

/** The log of an operator in a deployment. */
export function logOf({ chainId, anchor }: LogHome, operator: Address): LogId {
  return {
    chainId: Number(chainId),
    contract: anchor.toLowerCase(),
    operator: operator.toLowerCase(),
  }
}

function isLogOf(log: LogId, { chainId, anchor }: LogHome): boolean {
  return BigInt(log.chainId) === chainId && log.contract === anchor.toLowerCase()
}

/** Null when the member's own key is named and its signature is wrong. */
function isSignedBy(members: readonly Member[], operator: Address, receipt: Receipt): boolean | null {
  const member = members.find((candidate) => candidate.operator === operator)
  const key = member === undefined ? null : peerKeyOf(member.peerId)
  if (key === null || receipt.signatures.length === 0) return false
  try {
    openCheckpoint(checkpointNote(receipt), [createNoteVerifier(formatLogOrigin(receipt.log), key)])
    return true
  } catch (error) {
    return (error as { readonly code?: unknown }).code === 'NOTE_UNSIGNED' ? false : null
  }
}
