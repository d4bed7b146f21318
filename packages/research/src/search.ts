import type { Address, DatasetId, Descriptor } from '@halo/consent'
import { parseDescriptor, textHash } from '@halo/consent'
import type { CatalogueEntry, Member } from '@halo/ports'
import type { ResearchContext } from './parts.ts'

/** A data set on offer, checked against its anchor. */
export interface Offer {
  readonly dataset: DatasetId
  readonly patient: Address
  readonly descriptor: Descriptor
  /** Unix seconds of the anchor: the record existed before then. */
  readonly anchoredAtSec: number
}

const PAGE = 100

/**
 * Data sets on offer, newest first. Entries come from all reachable peers and count only when the
 * chain holds their hash under the same patient address, so that no peer can invent or alter one.
 */
export async function searchOffers(
  context: ResearchContext,
  wanted: { readonly kind?: string; readonly maxPrice?: bigint } = {},
): Promise<readonly Offer[]> {
  const members = (await context.ledger.members()).filter((member) => member.isActive)
  const pages = await Promise.all(members.map((member) => entriesOf(context, member)))
  const offers = new Map<DatasetId, Offer>()
  for (const entry of pages.flat()) {
    const offer = offers.has(entry.dataset) ? null : await checkEntry(context, entry)
    if (offer !== null) offers.set(offer.dataset, offer)
  }
  return [...offers.values()]
    .filter(({ descriptor }) => wanted.kind === undefined || descriptor.kind === wanted.kind)
    .filter(({ descriptor }) => wanted.maxPrice === undefined || descriptor.price <= wanted.maxPrice)
    .sort((a, b) => b.anchoredAtSec - a.anchoredAtSec)
}

async function entriesOf(context: ResearchContext, member: Member): Promise<readonly CatalogueEntry[]> {
  const found: CatalogueEntry[] = []
  try {
    for (;;) {
      const signal = AbortSignal.timeout(context.peerTimeoutMs)
      const page = await context.link.peer(member).catalogue({ skip: found.length, limit: PAGE }, { signal })
      found.push(...page)
      if (page.length < PAGE) return found
    }
  } catch {
    return found
  }
}

async function checkEntry(context: ResearchContext, entry: CatalogueEntry): Promise<Offer | null> {
  const anchored = await context.ledger.anchorOf(entry.dataset)
  if (anchored === null || anchored.patient !== entry.patient) return null
  if (anchored.descriptorHash !== textHash(entry.descriptor)) return null
  try {
    const descriptor = parseDescriptor(entry.descriptor)
    return { dataset: entry.dataset, patient: entry.patient, descriptor, anchoredAtSec: anchored.atSec }
  } catch {
    return null
  }
}
