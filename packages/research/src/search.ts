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

/** What a researcher looks for. */
export interface Wanted {
  readonly kind?: string
  /** In the smallest unit. */
  readonly maxPrice?: bigint
  readonly dataset?: DatasetId
}

const PAGE = 100
/** Entries taken from one peer, so that none can keep a search going for ever. */
const MOST_ENTRIES = 10_000
/** How many times the patience for one call a peer's whole catalogue may take. */
const MOST_PATIENCE = 6
/** Anchors looked up at once. */
const LOOKUPS = 8

/**
 * Data sets on offer, newest first. Entries come from all reachable peers and count only when the
 * chain holds their hash under the same patient address, so that no peer can invent or alter one.
 */
export async function searchOffers(context: ResearchContext, wanted: Wanted = {}): Promise<readonly Offer[]> {
  const members = (await context.ledger.members()).filter((member) => member.isActive)
  const pages = await Promise.all(members.map((member) => entriesOf(context, member)))
  const candidates = candidatesOf(pages.flat(), wanted)
  const offers = new Map<DatasetId, Offer>()
  for (let at = 0; at < candidates.length; at += LOOKUPS) {
    const batch = candidates.slice(at, at + LOOKUPS)
    for (const offer of await Promise.all(batch.map((candidate) => checkAnchor(context, candidate))))
      if (offer !== null) offers.set(offer.dataset, offer)
  }
  return [...offers.values()].sort((a, b) => b.anchoredAtSec - a.anchoredAtSec)
}

/** A peer that fails, or never ends, has still said what it has said. */
async function entriesOf(context: ResearchContext, member: Member): Promise<readonly CatalogueEntry[]> {
  const found: CatalogueEntry[] = []
  const deadline = AbortSignal.timeout(context.peerTimeoutMs * MOST_PATIENCE)
  try {
    while (found.length < MOST_ENTRIES) {
      const signal = AbortSignal.any([deadline, AbortSignal.timeout(context.peerTimeoutMs)])
      const page = await context.link.peer(member).catalogue({ skip: found.length, limit: PAGE }, { signal })
      found.push(...page.slice(0, PAGE))
      if (page.length < PAGE) return found
    }
  } catch {
    return found
  }
  return found
}

interface Candidate extends CatalogueEntry {
  readonly parsed: Descriptor
}

/** What can be read and is wanted, each once: only that is worth a question to the chain. */
function candidatesOf(entries: readonly CatalogueEntry[], wanted: Wanted): readonly Candidate[] {
  const candidates = new Map<string, Candidate>()
  for (const entry of entries) {
    const key = `${entry.dataset} ${entry.patient} ${entry.descriptor}`
    const parsed = candidates.has(key) ? null : descriptorOrNull(entry.descriptor)
    if (parsed !== null && isWanted(entry.dataset, parsed, wanted)) candidates.set(key, { ...entry, parsed })
  }
  return [...candidates.values()]
}

function isWanted(dataset: DatasetId, descriptor: Descriptor, wanted: Wanted): boolean {
  return (
    (wanted.kind === undefined || descriptor.kind === wanted.kind) &&
    (wanted.maxPrice === undefined || descriptor.price <= wanted.maxPrice) &&
    (wanted.dataset === undefined || dataset === wanted.dataset)
  )
}

async function checkAnchor(context: ResearchContext, candidate: Candidate): Promise<Offer | null> {
  const { dataset, patient, descriptor, parsed } = candidate
  const anchored = await context.ledger.anchorOf(dataset)
  const isAnchored = anchored?.patient === patient && anchored.descriptorHash === textHash(descriptor)
  return isAnchored ? { dataset, patient, descriptor: parsed, anchoredAtSec: anchored.atSec } : null
}

function descriptorOrNull(text: string): Descriptor | null {
  try {
    return parseDescriptor(text)
  } catch {
    return null
  }
}
