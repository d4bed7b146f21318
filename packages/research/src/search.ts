import type { Address, DatasetId, Descriptor, Hex } from '@halo/consent'
import { bytesOf, datasetIdOf, hexOf, parseDescriptor } from '@halo/consent'
import type { CatalogueEntry, Member, RootAnchor } from '@halo/ports'
import { checkEntry } from '@halo/ports'
import { encodeReceipt } from '@halo/proofs'
import type { ResearchContext } from './parts.ts'

/** A data set on offer, checked down to the root that the chain holds. */
export interface Offer {
  readonly dataset: DatasetId
  readonly patient: Address
  readonly descriptor: Descriptor
  /** Unix seconds at which the chain got the root of the log it is in: the record existed before then. */
  readonly anchoredAtSec: number
  /** As a peer listed it; what its receipt says of the chain is this client's own reading. */
  readonly entry: CatalogueEntry
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
/** Roots looked up at once. */
const LOOKUPS = 8

/**
 * Data sets on offer, newest first. Entries come from all reachable peers and count only with the patient's
 * signature and a receipt of a log whose root the chain holds, so that no peer can invent, alter or
 * backdate one. Of two entries of one data set the one that was anchored first counts.
 */
export async function searchOffers(context: ResearchContext, wanted: Wanted = {}): Promise<readonly Offer[]> {
  const members = await context.ledger.members()
  const active = members.filter((member) => member.isActive)
  const pages = await Promise.all(active.map((member) => entriesOf(context, member)))
  const candidates = candidatesOf(pages.flat(), wanted)
  const readRoot = createRootReader(context)
  const offers = new Map<DatasetId, Offer>()
  for (let at = 0; at < candidates.length; at += LOOKUPS) {
    const batch = candidates.slice(at, at + LOOKUPS)
    const found = await Promise.all(batch.map((candidate) => check(context, members, readRoot, candidate)))
    for (const offer of found) if (offer !== null) keepEarliest(offers, offer)
  }
  return [...offers.values()].sort((a, b) => b.anchoredAtSec - a.anchoredAtSec)
}

function keepEarliest(offers: Map<DatasetId, Offer>, offer: Offer): void {
  const known = offers.get(offer.dataset)
  if (known === undefined || offer.anchoredAtSec < known.anchoredAtSec) offers.set(offer.dataset, offer)
}

type ReadRoot = (...key: Parameters<ResearchContext['ledger']['rootAnchor']>) => Promise<RootAnchor | null>

/** One root covers many entries: the chain is asked for each root once. */
function createRootReader({ ledger }: ResearchContext): ReadRoot {
  const asked = new Map<string, Promise<RootAnchor | null>>()
  return (operator, size, root) => {
    const key = `${operator} ${size} ${root}`
    const found = asked.get(key) ?? ledger.rootAnchor(operator, size, root)
    asked.set(key, found)
    return found
  }
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

interface Candidate {
  readonly entry: CatalogueEntry
  readonly descriptor: Descriptor
}

/** What can be read and is wanted, each once: only that is worth a question to the chain. */
function candidatesOf(entries: readonly CatalogueEntry[], wanted: Wanted): readonly Candidate[] {
  const candidates = new Map<string, Candidate>()
  for (const entry of entries) {
    const { commitment, patient, signature, receipt } = entry
    const key = [commitment, patient, entry.descriptor, signature, hexOf(receipt)].join(' ')
    const descriptor = candidates.has(key) ? null : descriptorOrNull(entry.descriptor)
    if (descriptor !== null && isWanted(datasetIdOf(commitment, patient), descriptor, wanted))
      candidates.set(key, { entry, descriptor })
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

async function check(
  { ledger }: ResearchContext,
  members: readonly Member[],
  readRoot: ReadRoot,
  { entry, descriptor }: Candidate,
): Promise<Offer | null> {
  const checked = checkEntry(entry, ledger.deployment, members)
  if (checked === null) return null
  const { dataset, operator, receipt, root } = checked
  const anchor = await readRoot(operator, receipt.size, root)
  if (anchor === null) return null
  const told = encodeReceipt({ ...receipt, anchor: { ...anchor, txHash: bytesOrNull(anchor.txHash) } })
  return {
    dataset,
    patient: entry.patient,
    descriptor,
    anchoredAtSec: anchor.atSec,
    entry: { ...entry, receipt: told },
  }
}

function bytesOrNull(hex: Hex | null): Uint8Array | null {
  return hex === null ? null : bytesOf(hex)
}

function descriptorOrNull(text: string): Descriptor | null {
  try {
    return parseDescriptor(text)
  } catch {
    return null
  }
}
