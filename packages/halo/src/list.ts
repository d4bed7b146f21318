import type { Hex } from '@halo/consent'
import { datasetIdOf, parseDescriptor, textHash } from '@halo/consent'
import type { CatalogueEntry, Publication } from '@halo/ports'
import { RefusedError } from '@halo/ports'
import type { PeerContext } from './parts.ts'
import { signerOf } from './signer.ts'

/**
 * Lists a data set and sees to it that it is anchored: relays the patient's signature unless
 * somebody already did.
 * @returns hash of this peer's transaction, or null when the anchor was there already
 * @throws RefusedError `MALFORMED` for an entry that nobody could read, `CONSENT_FORGED` when the
 * patient did not sign it, `STORE_CONFLICT` when another entry is anchored, `BUSY` when this hour's relays are used up
 * or the catalogue is full
 */
export async function listDataset(
  context: PeerContext,
  publication: Publication,
): Promise<{ readonly txHash: Hex | null }> {
  const { ledger, writer } = context
  const { commitment, patient, signature } = publication
  const dataset = datasetIdOf(commitment, patient)
  assertReadable(publication.descriptor)
  const descriptor = textHash(publication.descriptor)
  if (signerOf(context, 'Anchor', { dataset, descriptor }, signature) !== patient)
    throw new RefusedError('CONSENT_FORGED')
  const anchored = await ledger.anchorOf(dataset)
  if (anchored !== null && anchored.descriptorHash !== descriptor) throw new RefusedError('STORE_CONFLICT')
  using _place = await context.catalogue.reserve(dataset)
  if (anchored === null) context.anchorBudget.spend()
  const tx = anchored === null ? await writer.anchor(commitment, patient, descriptor, signature) : null
  await context.catalogue.add({ dataset, patient, descriptor: publication.descriptor })
  context.log('info', 'dataset-listed', { isRelayed: tx !== null })
  return { txHash: tx?.hash ?? null }
}

/** A peer pays to anchor it, and every researcher reads it: only what the catalogue is for. */
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
