import { bytesOf, datasetIdOf, parseDescriptor, textHash } from '@halo/consent'
import type { CatalogueEntry, Listed, Publication } from '@halo/ports'
import { checkEntry, RefusedError, readAnchor } from '@halo/ports'
import { commitRecord } from '@halo/proofs'
import type { PeerContext } from './parts.ts'
import { signerOf } from './signer.ts'

/**
 * Lists a data set: one without a receipt is entered into this member's log first, whose root is brought on
 * chain; a receipt of another member is checked against this peer's own reading of the chain.
 * @returns the receipt under which it is listed here, and this peer's own transaction if it took one
 * @throws RefusedError `MALFORMED` for an entry that nobody could read, `CONSENT_FORGED` when the patient did not
 * sign it, `STORE_CONFLICT` when another entry of this data set is listed, `RECEIPT_FORGED` when the receipt shows
 * nothing, `BUSY` when this hour's anchors are used up or the catalogue is full
 */
export async function listDataset(context: PeerContext, publication: Publication): Promise<Listed> {
  const { commitment, patient, descriptor, signature } = publication
  const dataset = datasetIdOf(commitment, patient)
  assertReadable(descriptor)
  const message = { dataset, descriptor: textHash(descriptor) }
  if (signerOf(context, 'Anchor', message, signature) !== patient) throw new RefusedError('CONSENT_FORGED')
  using _place = await context.catalogue.reserve(dataset)
  const listed = await findSame(context, publication)
  if (listed !== null && (await isAnchored(context, listed))) return { receipt: listed.receipt, txHash: null }
  const logged = await logOrCheck(context, publication)
  const entry: CatalogueEntry = { commitment, patient, descriptor, signature, receipt: logged.receipt }
  // One after the other: of two different entries that arrive together, one is listed.
  await context.commits.run(async () => {
    await findSame(context, publication)
    await context.catalogue.add(dataset, entry)
  })
  context.log('info', 'dataset-listed', { isAnchored: logged.txHash !== null })
  return logged
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

async function logOrCheck(context: PeerContext, publication: Publication): Promise<Listed> {
  const { commitment, patient, descriptor, salt, receipt } = publication
  if (receipt !== null) {
    if (await isAnchored(context, { ...publication, receipt })) return { receipt, txHash: null }
    throw new RefusedError('RECEIPT_FORGED')
  }
  if (salt === null) throw new RefusedError('MALFORMED')
  const dataset = datasetIdOf(commitment, patient)
  return context.records.enter(commitRecord(bytesOf(dataset), bytesOf(textHash(descriptor))), salt)
}

/** Whether an entry's receipt holds, down to the root that this peer's own chain connection shows. */
async function isAnchored(context: PeerContext, entry: CatalogueEntry): Promise<boolean> {
  const { ledger } = context
  const checked = checkEntry(entry, ledger.deployment, context.members())
  return checked !== null && (await readAnchor(checked, ledger)) !== null
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
  query: { readonly skip: number; readonly limit: number },
): Promise<readonly CatalogueEntry[]> {
  return context.catalogue.page(query.skip, Math.min(query.limit, 100))
}
