import type { Address, Bytes32, DatasetId, Deployment } from '@halo/consent'
import { bytesOf, datasetIdOf, hexOf, parseAddress, recoverSigner, textHash } from '@halo/consent'
import type { LogId, NoteVerifier, Receipt } from '@halo/proofs'
import {
  commitRecord,
  createNoteVerifier,
  decodeReceipt,
  encodeReceipt,
  formatLogOrigin,
  trimSignatures,
  verifyReceipt,
} from '@halo/proofs'
import type { Ledger, Member, RootAnchor } from './ledger.ts'
import { peerKeyOf } from './peer-key.ts'
import type { CatalogueEntry } from './protocol.ts'

/** Longest receipt that travels, in bytes: some 230, 32 for every level of the log's tree, some 170 for each signature. */
export const MAX_RECEIPT_BYTES = 4096

/**
 * Longest receipt that shows anything, in bytes and without its anchor: what the chain says takes up to 52 of those that travel.
 * Whatever is read of it there, the receipt shows as much as before.
 */
const MAX_UNANCHORED_BYTES = MAX_RECEIPT_BYTES - 52

/** The chain and the contract that the roots of a Halo's logs are on. */
type LogHome = Pick<Deployment, 'chainId' | 'anchor'>

/** What a catalogue entry shows by hashes alone. */
export interface OpenedEntry {
  readonly dataset: DatasetId
  readonly receipt: Receipt
  /** Whose log it is in. */
  readonly operator: Address
  /** Of that log, at `receipt.size`. */
  readonly root: Bytes32
}

/**
 * What a catalogue entry shows by itself; whether the root is on the chain has to be asked there. Its receipt has
 * the signatures that this registry's keys have made, and none that they have not: only such a one is handed on.
 */
export interface CheckedEntry extends OpenedEntry {
  /**
   * Whether the key that the registry has for this member signed the checkpoint. False for a member that has left,
   * or has another key by now: then the root on the chain, which only an active operator could anchor, has to do.
   */
  readonly isSigned: boolean
  /** Whether it is not signed though its member is active, who signs it for whoever asks. */
  readonly lacksSignature: boolean
}

/**
 * What takes no signature and no chain to check: the data set's id binds patient and record, and the receipt is of
 * this very entry in a log of this Halo. Null when any of it does not hold.
 */
export function openEntry(entry: CatalogueEntry, deployment: LogHome): OpenedEntry | null {
  return orNull(() => open(entry, deployment))
}

/**
 * Checks all of a catalogue entry that needs no chain: as {@link openEntry}, and the patient signed it. Null when
 * any of it does not hold. A checkpoint signed with another key than the registry has now is as good as one
 * that nobody signed: keys change, and what the chain holds decides.
 * @param members of the registry, suspended ones too
 */
export function checkEntry(
  entry: CatalogueEntry,
  deployment: LogHome,
  members: readonly Member[],
): CheckedEntry | null {
  const opened = openEntry(entry, deployment)
  if (opened === null || !isStatedByPatient(entry, opened.dataset, deployment)) return null
  const member = members.find((candidate) => candidate.operator === opened.operator)
  const trimmed = trimSignatures(opened.receipt, member === undefined ? [] : verifiersOf(member, opened))
  return { ...opened, ...trimmed, lacksSignature: member?.isActive === true && !trimmed.isSigned }
}

/** What cannot be parsed shows nothing. */
function orNull<T>(read: () => T | null): T | null {
  try {
    return read()
  } catch {
    return null
  }
}

function open(
  { commitment, patient, descriptor, receipt: bytes }: CatalogueEntry,
  deployment: LogHome,
): OpenedEntry | null {
  const dataset = datasetIdOf(commitment, patient)
  const receipt = decodeReceipt(bytes)
  if (encodeReceipt({ ...receipt, anchor: null }).length > MAX_UNANCHORED_BYTES) return null
  const operator = parseAddress(receipt.log.operator)
  const holds =
    isLogOf(receipt.log, deployment) &&
    hexOf(receipt.commitment) === hexOf(commitRecord(bytesOf(dataset), bytesOf(textHash(descriptor)))) &&
    verifyReceipt(receipt).inclusion.verdict === 'verified'
  return holds ? { dataset, receipt, operator, root: hexOf(receipt.root) as Bytes32 } : null
}

function isStatedByPatient(
  { patient, descriptor, signature }: CatalogueEntry,
  dataset: DatasetId,
  deployment: LogHome,
): boolean {
  const message = { dataset, descriptor: textHash(descriptor) }
  return orNull(() => recoverSigner('Anchor', message, signature, deployment)) === patient
}

/**
 * Where the chain holds the root that an entry's receipt leads to. Null when it does not, or holds it from another
 * block or time than the receipt says, also when the receipt says none.
 */
export async function readAnchor(
  { receipt, operator, root }: OpenedEntry,
  ledger: Pick<Ledger, 'rootAnchor'>,
): Promise<RootAnchor | null> {
  if (receipt.anchor === null) return null
  const found = await ledger.rootAnchor(operator, receipt.size, root)
  return found !== null && isAsTold(receipt, found) ? found : null
}

/**
 * An entry's receipt as the chain tells of its root now: unchanged where the two agree, else with the block that
 * the chain has it in, because a root may be mined again in another one, and because whoever hands a receipt on may have
 * taken its block or transaction out. Null when the chain does not hold it.
 */
export async function refreshReceipt(
  { receipt, operator, root }: OpenedEntry,
  ledger: Pick<Ledger, 'rootAnchor'>,
): Promise<Uint8Array | null> {
  const found = await ledger.rootAnchor(operator, receipt.size, root)
  if (found === null) return null
  const isWhole = receipt.anchor !== null && receipt.anchor.txHash !== null
  return isWhole && isAsTold(receipt, found) ? encodeReceipt(receipt) : redateReceipt(receipt, found)
}

/** A receipt that says of the chain what was read there. */
export function redateReceipt(receipt: Receipt, found: RootAnchor): Uint8Array {
  return encodeReceipt({ ...receipt, anchor: anchorOf(found) })
}

function isAsTold(receipt: Receipt, found: RootAnchor): boolean {
  return verifyReceipt(receipt, { anchored: anchorOf(found) }).anchor.verdict === 'verified'
}

function anchorOf({ block, atSec, txHash }: RootAnchor): NonNullable<Receipt['anchor']> {
  return { block, atSec, txHash: txHash === null ? null : bytesOf(txHash) }
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

/** None for a member without a key that signs. */
function verifiersOf({ peerId }: Member, { receipt }: OpenedEntry): readonly NoteVerifier[] {
  const key = peerKeyOf(peerId)
  return key === null ? [] : [createNoteVerifier(formatLogOrigin(receipt.log), key)]
}
