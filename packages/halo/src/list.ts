import { bytesOf, datasetIdOf, hexOf, parseDescriptor, textHash } from '@halo/consent'
import type { CatalogueEntry, CatalogueQuery, Ledger, Listed, Publication } from '@halo/ports'
import { checkEntry, RefusedError, readAnchor, refreshReceipt } from '@halo/ports'
import { commitRecord } from '@halo/proofs'
import type { PeerContext } from './parts.ts'
import type { EnterOptions } from './record-log.ts'
import { signerOf } from './signer.ts'

/**
 * Lists a data set: one without a receipt is entered into this member's log first, whose root is brought on
 * chain; a receipt of another member is checked against this peer's own reading of the chain. Whatever receipt is given
 * names a block as deep as this peer wants it. What is listed already stays, but for a receipt that lacks its signature: whoever brings a signed one, or has it logged here, mends it.
 * @param signal of the caller, who may leave before anything is logged
 * @returns the receipt under which it is listed here, and this peer's own transaction if it took one
 * @throws RefusedError `MALFORMED` for an entry that nobody could read, `CONSENT_FORGED` when the patient did not
 * sign it, `STORE_CONFLICT` when another entry of this data set is listed, `RECEIPT_FORGED` when the receipt shows
 * nothing or an active member's signature is missing, `NOT_CONFIRMED` when its root goes from the chain meanwhile or
 * stays too shallow, `BUSY` when this hour's anchors are used up or the catalogue
 * is full
 */
export async function listDataset(
  context: PeerContext,
  publication: Publication,
  signal?: AbortSignal,
): Promise<Listed> {
  const { commitment, patient, descriptor, signature } = publication
  const dataset = datasetIdOf(commitment, patient)
  assertReadable(descriptor)
  const message = { dataset, descriptor: textHash(descriptor) }
  if (signerOf(context, 'Anchor', message, signature) !== patient) throw new RefusedError('CONSENT_FORGED')
  using place = await context.catalogue.reserve(dataset, signal)
  const listed = await findSame(context, publication)
  const standing = listed === null ? null : await standingOf(context, listed, signal)
  signal?.throwIfAborted()
  const logged =
    standing !== null && isEnough(standing, publication)
      ? standing
      : await logOrCheck(context, publication, standing, { signal, onLogging: place.keep })
  const { receipt, txHash } = logged
  if (listed !== null && hexOf(listed.receipt) === hexOf(receipt)) return { receipt, txHash }
  const entry: CatalogueEntry = { commitment, patient, descriptor, signature, receipt }
  // One after the other: of two different entries that arrive together, one is listed.
  await context.commits.run(async () => {
    await findSame(context, publication)
    await context.catalogue.add(dataset, entry)
    place.keep()
  })
  context.log('info', 'dataset-listed', { isAnchored: txHash !== null })
  return { receipt, txHash }
}

/**
 * The entry of a data set that is listed already.
 * @throws RefusedError `STORE_CONFLICT` when it says something else
 */
async function findSame(
  { state }: PeerContext,
  { commitment, patient, descriptor }: Publication,
): Promise<CatalogueEntry | null> {
  const entry = await state.catalogueEntry(datasetIdOf(commitment, patient))
  if (entry !== null && entry.descriptor !== descriptor) throw new RefusedError('STORE_CONFLICT')
  return entry
}

async function logOrCheck(
  context: PeerContext,
  publication: Publication,
  standing: Standing | null,
  options: EnterOptions,
): Promise<Listed> {
  const { commitment, patient, descriptor, salt, receipt } = publication
  if (receipt !== null) {
    const brought = await checkBrought(context, { ...publication, receipt }, options.signal)
    if (brought !== null && (standing === null || brought.isSigned)) return brought
    if (standing !== null) return standing
    throw new RefusedError('RECEIPT_FORGED')
  }
  if (salt === null) throw new RefusedError('MALFORMED')
  const dataset = datasetIdOf(commitment, patient)
  const statement = commitRecord(bytesOf(dataset), bytesOf(textHash(descriptor)))
  return context.records.enter(statement, salt, options)
}

/** A receipt whose root this peer's own chain connection shows. */
interface Standing extends Listed {
  readonly isSigned: boolean
  /** Whether it is not, though its member is there to sign it. */
  readonly lacksSignature: boolean
}

/** Whether what is listed stays: signed, or nobody is there to sign and nobody brings what may be. */
function isEnough({ isSigned, lacksSignature }: Standing, { receipt }: Publication): boolean {
  return isSigned || (!lacksSignature && receipt === null)
}

/**
 * What a listed entry's receipt comes to once its root, in whatever block by now, is as deep as receipts want it; null
 * when the chain lacks it.
 */
async function standingOf(
  context: PeerContext,
  entry: CatalogueEntry,
  signal: AbortSignal | undefined,
): Promise<Standing | null> {
  const checked = checkEntry(entry, context.ledger.deployment, context.members())
  const receipt = checked === null ? null : await refreshReceipt(checked, deepRootsFor(context, signal))
  return checked === null || receipt === null ? null : { ...checked, receipt, txHash: null }
}

/**
 * A receipt from outside that holds, down to the root on chain; else null. One that an active member could have
 * signed has to be signed: who takes signatures off what others list would leave nothing to show where there is no
 * chain. Of the lines under it only those are listed that show something: the rest would break proofs later.
 */
async function checkBrought(
  context: PeerContext,
  entry: CatalogueEntry,
  signal: AbortSignal | undefined,
): Promise<Standing | null> {
  const { ledger, members } = context
  const checked = checkEntry(entry, ledger.deployment, members())
  // Nobody waits for a root that is not where the receipt says.
  if (checked === null || checked.lacksSignature || (await readAnchor(checked, ledger)) === null) return null
  const receipt = await refreshReceipt(checked, deepRootsFor(context, signal))
  return receipt === null ? null : { ...checked, receipt, txHash: null }
}

/** Whoever asks for a root waits until it is deep, or until they leave. */
function deepRootsFor(
  { deepRoots }: PeerContext,
  signal: AbortSignal | undefined,
): Pick<Ledger, 'rootAnchor'> {
  return { rootAnchor: (operator, size, root) => deepRoots.rootAnchor(operator, size, root, { signal }) }
}

/** A peer pays for its anchor, and every researcher reads it: only what the catalogue is for. */
function assertReadable(descriptor: string): void {
  try {
    parseDescriptor(descriptor)
  } catch (cause) {
    throw new RefusedError('MALFORMED', { cause })
  }
}

/** A page of the catalogue. */
export function readCatalogue(
  context: PeerContext,
  { after, limit }: CatalogueQuery,
): Promise<readonly CatalogueEntry[]> {
  return context.catalogue.page(after, Math.min(limit, 100))
}
