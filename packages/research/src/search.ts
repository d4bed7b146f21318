import type { Address, DatasetId, Descriptor } from '@halo/consent'
import { datasetIdOf, hexOf, parseDescriptor } from '@halo/consent'
import type { CatalogueEntry, CatalogueQuery, Member, OpenedEntry, RootAnchor } from '@halo/ports'
import { checkEntry, openEntry, redateReceipt } from '@halo/ports'
import type { ResearchContext } from './parts.ts'

/** A data set on offer, checked down to the root that the chain holds. */
export interface Offer {
  readonly dataset: DatasetId
  readonly patient: Address
  readonly descriptor: Descriptor
  /** Unix seconds at which the chain got the root of the log it is in: the record existed before then. */
  readonly anchoredAtSec: number
  /** Whether the log's member signed it with the key that the registry has: a proof holds without the chain then. */
  readonly isSigned: boolean
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
/** Entries of one peer looked into at once; after so many the event loop gets its turn. */
const BATCH = 8
/**
 * Questions to the chain and signatures that one peer may have cost for nothing before it is listened to no
 * more. An honest one lists what it has checked, but for a few that a reorganisation took away.
 */
const MOST_WRONG = 100

/**
 * Data sets on offer, newest first. Entries come from all reachable peers and count only with the patient's
 * signature and a receipt of a log whose root the chain holds, so that no peer can invent, alter or
 * backdate one. Of two entries of one data set a signed one counts before one that is not, and then the one that was
 * anchored first.
 */
export async function searchOffers(context: ResearchContext, wanted: Wanted = {}): Promise<readonly Offer[]> {
  const members = await context.ledger.members()
  const search: Search = {
    context,
    wanted,
    members,
    offers: new Map(),
    candidates: new Map(),
    verdicts: new Map(),
    roots: new Map(),
  }
  const active = members.filter((member) => member.isActive)
  await Promise.all(active.map(async (member) => readPeer(search, await entriesOf(context, member, wanted))))
  return [...search.offers.values()].sort((a, b) => b.anchoredAtSec - a.anchoredAtSec)
}

/** One search, over all peers. */
interface Search {
  readonly context: ResearchContext
  readonly wanted: Wanted
  readonly members: readonly Member[]
  readonly offers: Map<DatasetId, Offer>
  /** By the whole of an entry: peers list the same ones, and each is looked into once. */
  readonly candidates: Map<string, Candidate | null>
  readonly verdicts: Map<string, Promise<Verdict>>
  /** One root covers many entries: the chain is asked for each once. */
  readonly roots: Map<string, Promise<RootAnchor | null>>
}

/** What came of an entry; `wrong` when finding that out took the chain or a signature. */
type Verdict = 'good' | 'needless' | 'wrong'

/** Each peer gets one say on a statement at one place of a log, so that variants of an entry cost it their turn. */
async function readPeer(search: Search, entries: readonly CatalogueEntry[]): Promise<void> {
  const said = new Set<string>()
  const isNew = (key: string): boolean => !said.has(key) && said.add(key).has(key)
  let wrong = 0
  for (let at = 0; at < entries.length && wrong < MOST_WRONG; at += BATCH) {
    const candidates = entries
      .slice(at, at + BATCH)
      .map((entry) => ({ entry, key: keyOf(entry) }))
      .filter(({ key }) => isNew(key))
      .map(({ entry, key }) => candidateOf(search, entry, key))
      .filter((one) => one !== null)
      .filter(({ place }) => isNew(place))
    const verdicts = await Promise.all(candidates.map((candidate) => judgeOnce(search, candidate)))
    wrong += verdicts.filter((verdict) => verdict === 'wrong').length
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
}

function keyOf({ commitment, patient, descriptor, signature, receipt }: CatalogueEntry): string {
  return [commitment, patient, descriptor, signature, hexOf(receipt)].join(' ')
}

/** A peer that fails, or never ends, has still said what it has said. */
async function entriesOf(
  context: ResearchContext,
  member: Member,
  { dataset }: Wanted,
): Promise<readonly CatalogueEntry[]> {
  const found: CatalogueEntry[] = []
  const deadline = AbortSignal.timeout(context.peerTimeoutMs * MOST_PATIENCE)
  const read = async (query: CatalogueQuery): Promise<readonly CatalogueEntry[]> => {
    const signal = AbortSignal.any([deadline, AbortSignal.timeout(context.peerTimeoutMs)])
    const page = (await context.link.peer(member).catalogue(query, { signal })).slice(0, query.limit)
    found.push(...page)
    return page
  }
  try {
    if (dataset === undefined) await readRound(read)
    else await read({ after: idBefore(dataset), limit: 1 })
  } catch {
    return found
  }
  return found
}

/**
 * Reads page after page until the peer comes round, or says what it has said before. Where to begin is left to the
 * peer, who alone can draw from what it lists: one that wants to keep an entry back need not list it.
 */
async function readRound(read: (query: CatalogueQuery) => Promise<readonly CatalogueEntry[]>): Promise<void> {
  const said = new Set<string>()
  let after: DatasetId | null = null
  for (let left = MOST_ENTRIES; left > 0; left -= PAGE) {
    const page: readonly CatalogueEntry[] = await read({ after, limit: PAGE })
    const last = page.at(-1)
    const names = page.map(({ commitment, patient }) => `${commitment} ${patient}`)
    if (last === undefined || page.length < PAGE || names.some((name) => said.has(name))) return
    for (const name of names) said.add(name)
    after = datasetIdOf(last.commitment, last.patient)
  }
}

/** The id that comes right before another, before the first one the last. */
function idBefore(dataset: DatasetId): DatasetId {
  const before = BigInt.asUintN(256, BigInt(dataset) - 1n)
  return `0x${before.toString(16).padStart(64, '0')}` as DatasetId
}

interface Candidate {
  readonly entry: CatalogueEntry
  readonly descriptor: Descriptor
  readonly opened: OpenedEntry
  /** All of the entry. */
  readonly key: string
  /** What is stated, and where in which log. */
  readonly place: string
}

/** What can be read, is wanted and holds by hashes alone: only that is worth a question to the chain. */
function candidateOf(search: Search, entry: CatalogueEntry, key: string): Candidate | null {
  const known = search.candidates.get(key)
  if (known !== undefined) return known
  const candidate = readCandidate(search, entry, key)
  search.candidates.set(key, candidate)
  return candidate
}

function readCandidate({ context, wanted }: Search, entry: CatalogueEntry, key: string): Candidate | null {
  const descriptor = descriptorOrNull(entry.descriptor)
  if (descriptor === null || !isWanted(datasetIdOf(entry.commitment, entry.patient), descriptor, wanted))
    return null
  const opened = openEntry(entry, context.ledger.deployment)
  if (opened === null) return null
  const { dataset, operator, root, receipt } = opened
  const place = [dataset, entry.descriptor, operator, receipt.size, root, receipt.index].join(' ')
  return { entry, descriptor, opened, key, place }
}

function isWanted(dataset: DatasetId, descriptor: Descriptor, wanted: Wanted): boolean {
  return (
    (wanted.kind === undefined || descriptor.kind === wanted.kind) &&
    (wanted.maxPrice === undefined || descriptor.price <= wanted.maxPrice) &&
    (wanted.dataset === undefined || dataset === wanted.dataset)
  )
}

function judgeOnce(search: Search, candidate: Candidate): Promise<Verdict> {
  const { key } = candidate
  const verdict = search.verdicts.get(key) ?? judge(search, candidate)
  search.verdicts.set(key, verdict)
  return verdict
}

/** The chain before the signatures: a root is asked for once, and signatures take longest. */
async function judge(search: Search, { entry, descriptor, opened }: Candidate): Promise<Verdict> {
  const { offers, members, context } = search
  const { dataset } = opened
  const anchor = await readRoot(search, opened)
  if (anchor === null) return 'wrong'
  const known = offers.get(dataset)
  if (known?.isSigned === true && known.anchoredAtSec <= anchor.atSec) return 'needless'
  const checked = checkEntry(entry, context.ledger.deployment, members)
  if (checked === null) return 'wrong'
  const { receipt, isSigned } = checked
  if (known !== undefined && !isBetter({ isSigned, anchoredAtSec: anchor.atSec }, known)) return 'needless'
  offers.set(dataset, {
    dataset,
    patient: entry.patient,
    descriptor,
    anchoredAtSec: anchor.atSec,
    isSigned,
    entry: { ...entry, receipt: redateReceipt(receipt, anchor) },
  })
  return 'good'
}

type Standing = Pick<Offer, 'isSigned' | 'anchoredAtSec'>

/** Signed before unsigned: a peer may take off what others list, and then a proof shows nothing without the chain. */
function isBetter(one: Standing, other: Standing): boolean {
  return one.isSigned === other.isSigned ? one.anchoredAtSec < other.anchoredAtSec : one.isSigned
}

function readRoot(
  { roots, context }: Search,
  { operator, root, receipt }: OpenedEntry,
): Promise<RootAnchor | null> {
  const key = `${operator} ${receipt.size} ${root}`
  const found = roots.get(key) ?? context.ledger.rootAnchor(operator, receipt.size, root)
  roots.set(key, found)
  return found
}

function descriptorOrNull(text: string): Descriptor | null {
  try {
    return parseDescriptor(text)
  } catch {
    return null
  }
}
