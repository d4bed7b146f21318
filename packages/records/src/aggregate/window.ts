import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { RecordsError } from '../errors.ts'
import { canonicalJson } from '../text/canonical-json.ts'
import type { WindowKind } from './calendar.ts'
import type { WindowSeries } from './series.ts'
import type { TimedResource } from './timed-resource.ts'
import { contentOf } from './timed-resource.ts'

/**
 * What is said of a window, and ties it to the one before. A plain JSON value; times, counts and subject
 * are health data: keep it with the data.
 */
export type WindowHeader = {
  readonly version: 1
  /** 0, 1, 2, … over all windows of one aggregation. */
  readonly sequence: number
  /** {@link headOf} the header before, or null for the first. */
  readonly previous: string | null
  readonly window: WindowKind
  /** Such as `2026-01-05`, `2026-W02`, `2026-01`, `2026-Q1`. */
  readonly name: string
  /** Zone in whose local time windows begin. */
  readonly timeZone: string
  /** UTC instants: the first of the window, and the first after it. */
  readonly start: string
  readonly end: string
  /** Reference as the resources have it; empty where they have none. */
  readonly subject: string
  readonly resources: number
  /** Resources that said again what is here, removed. */
  readonly duplicates: number
  /** Resources that contradict another of the same series and time, all of them kept. */
  readonly conflicts: number
  /** UTC instants of the earliest and the latest resource. */
  readonly first: string
  readonly last: string
  readonly rawBytes: number
  /** SHA-256 of the window's bytes, hex. */
  readonly sha256: string
  readonly series: readonly WindowSeries[]
}

/** A window and its resources. */
export interface Window {
  readonly header: WindowHeader
  /** Canonical NDJSON sorted by time; the caller's. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Their size after gzip; null when it was not asked for. Not in the header: gzips differ. */
  readonly gzipBytes: number | null
}

/** What to do with two resources that contradict each other. */
export type ConflictRule = 'refuse' | 'keep'

/** SHA-256 of a header's canonical JSON, hex: what the next header, or a signature, refers to. */
export function headOf(header: WindowHeader): string {
  return hashHex(new TextEncoder().encode(canonicalJson(header)))
}

/** SHA-256, hex. Not WebCrypto: waiting for it costs more than hashing a small window. */
export function hashHex(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes))
}

/**
 * Sorts a window's resources and removes repetitions: same series, same time, same content but for id
 * and meta. Of equals the first line is kept.
 * @param maxConflicts bounds what is kept of one series and time
 * @throws RecordsError `READING_CONFLICT` for same series and time with other content, unless they are
 * kept and within their bound
 */
export function settle(
  resources: readonly TimedResource[],
  rule: ConflictRule,
  maxConflicts: number,
): { readonly kept: readonly TimedResource[]; readonly duplicates: number; readonly conflicts: number } {
  const byKey = new Map<string, Moment>()
  let duplicates = 0
  let conflicts = 0
  for (const resource of resources) {
    const key = `${resource.timeMs} ${resource.endMs} ${resource.series}`
    const known = byKey.get(key)
    if (known === undefined) byKey.set(key, { kept: [resource], contents: null })
    else if (!isNew(resource, known)) duplicates += 1
    else {
      if (rule === 'refuse') throw conflictOf(known.kept[0]?.row ?? 0, resource.row)
      if (known.kept.length >= maxConflicts) throw tooManyConflicts(maxConflicts, resource.row)
      conflicts += known.kept.length === 1 ? 2 : 1
      known.kept.push(resource)
    }
  }
  return { kept: [...byKey.values()].flatMap(({ kept }) => kept).sort(byTime), duplicates, conflicts }
}

/** What is kept of one series and time. */
interface Moment {
  readonly kept: TimedResource[]
  /** Hashes of what was said; null while there is nothing to compare it with, as for most. */
  contents: Set<string> | null
}

/** Whether a resource says what none before it said, and remembers it. */
function isNew(resource: TimedResource, known: Moment): boolean {
  const [first] = known.kept
  if (first?.line === resource.line) return false
  known.contents ??= new Set(known.kept.map(contentHash))
  return known.contents.size < known.contents.add(contentHash(resource)).size
}

/** A hash, so that each is read once and none is held twice, however many there are of one moment. */
function contentHash(resource: TimedResource): string {
  return hashHex(new TextEncoder().encode(contentOf(resource)))
}

/** By instant; what has the same instant, by its bytes, so that one set of resources has one order. */
function byTime(a: TimedResource, b: TimedResource): number {
  if (a.timeMs !== b.timeMs) return a.timeMs - b.timeMs
  if (a.line === b.line) return 0
  return a.line < b.line ? -1 : 1
}

function conflictOf(row: number, otherRow: number): RecordsError {
  return new RecordsError(
    'READING_CONFLICT',
    `Lines ${row} and ${otherRow} say different things of one series at one time. Delete the wrong one, or keep both on purpose.`,
    { row, otherRow },
  )
}

function tooManyConflicts(maxConflicts: number, row: number): RecordsError {
  return new RecordsError(
    'READING_CONFLICT',
    `Line ${row} is one of more than ${maxConflicts} that say different things of one series at one time. Check its times, or raise maxConflicts.`,
    { row, maxConflicts },
  )
}
