import { RecordsError } from '../errors.ts'
import { canonicalJson } from '../text/canonical-json.ts'
import type { TimeZone } from '../text/time-zone.ts'
import { openTimeZone } from '../text/time-zone.ts'
import { checkOrder } from './aggregate.ts'
import type { FindPeriod } from './calendar.ts'
import { openCalendar } from './calendar.ts'
import type { Gathered, WindowChain } from './chain.ts'
import { startChain } from './chain.ts'
import { readTimedResource } from './timed-resource.ts'
import type { Window, WindowHeader } from './window.ts'
import { hashHex } from './window.ts'

/** What the windows are checked against. */
export interface VerifyWindowsOptions {
  /**
   * {@link headOf} the last header, from where it can be trusted, such as a signature. Without it a set
   * that was cut at its end, or made anew as a whole, cannot be told from the original.
   */
  readonly head?: string | undefined
}

/**
 * Checks a whole set of windows, in order, from its first: that none is missing, repeated, out of order
 * or altered, and that every header says of its bytes what is so.
 *
 * What this proves: between its first and its last resource a series has no stretch longer than three
 * times its median interval but those that the headers name, no two resources of one series and time
 * but the conflicts counted, and no window that the chain does not have. It does not prove that the
 * sensor missed nothing else, nor how many duplicates were removed: that is the word of who made the set.
 * @returns number of windows and the hash of the last header
 * @throws RecordsError `WINDOW_INVALID`, whose details name the window by its place (`sequence`)
 */
export async function verifyWindows(
  windows: AsyncIterable<Pick<Window, 'header' | 'bytes'>> | Iterable<Pick<Window, 'header' | 'bytes'>>,
  options: VerifyWindowsOptions = {},
): Promise<{ readonly windows: number; readonly head: string | null }> {
  let checker: Checker | null = null
  let sequence = 0
  for await (const window of windows) {
    checkPlace(window.header, sequence, checker?.chain.head() ?? null)
    checker ??= openChecker(window.header)
    await checkWindow(checker, window)
    sequence += 1
  }
  const head = checker?.chain.head() ?? null
  if (options.head !== undefined && options.head !== head)
    throw invalid(sequence, 'is missing, or those before are others: their head is not the one given')
  return { windows: sequence, head }
}

interface Checker {
  readonly zone: TimeZone
  readonly findPeriod: FindPeriod
  readonly chain: WindowChain
  readonly mayFollow: ReturnType<typeof checkOrder>
}

/** A foreign header may be anything that JSON can hold. */
function checkPlace(header: WindowHeader | null, sequence: number, head: string | null): void {
  if (!Number.isSafeInteger(header?.sequence) || header === null) throw invalid(sequence, 'has no number')
  if (header.sequence > sequence) throw invalid(sequence, 'is missing, or comes later')
  if (header.sequence < sequence) throw invalid(sequence, 'is one that was there before')
  if (header.previous !== head) throw invalid(sequence, 'does not follow the one before, or that was altered')
}

function openChecker({ window, timeZone }: WindowHeader): Checker {
  try {
    const zone = openTimeZone(timeZone)
    // What was made is read whole: its maker chose the bounds.
    const bounds = { maxSeries: Number.POSITIVE_INFINITY, maxConflicts: Number.POSITIVE_INFINITY }
    const chain = startChain({ window, timeZone, conflicts: 'keep', measureGzip: false, ...bounds })
    return { zone, findPeriod: openCalendar(window, zone), chain, mayFollow: checkOrder() }
  } catch {
    throw invalid(0, 'names no known kind of window or zone')
  }
}

/** Makes the window again of its own bytes, and compares. */
async function checkWindow(
  { chain, ...checker }: Checker,
  { header, bytes }: Pick<Window, 'header' | 'bytes'>,
) {
  const { sequence } = header
  if (bytes.length !== header.rawBytes || hashHex(bytes) !== header.sha256)
    throw invalid(sequence, 'was altered: its bytes are not those that its header names')
  const gathered = readWindow(checker, bytes, sequence)
  if (!checker.mayFollow(gathered.subject, gathered.period))
    throw invalid(sequence, 'is not later than the one before')
  const duplicates = Number.isSafeInteger(header.duplicates) && header.duplicates >= 0 ? header.duplicates : 0
  const made = await chain.close(gathered, duplicates)
  if (!isSame(header, made.header)) throw invalid(sequence, 'has a header that says what is not so')
}

/** A foreign header may hold what canonical JSON has no form for. */
function isSame(header: WindowHeader, made: WindowHeader): boolean {
  try {
    return canonicalJson(header) === canonicalJson(made)
  } catch {
    return false
  }
}

function readWindow(
  { zone, findPeriod }: Pick<Checker, 'zone' | 'findPeriod'>,
  bytes: Uint8Array,
  sequence: number,
): Gathered {
  const lines = decode(bytes, sequence).split('\n').slice(0, -1)
  const resources = lines.map((line, at) => readLine(line, at + 1, zone, sequence))
  const [first] = resources
  if (first === undefined) throw invalid(sequence, 'is empty')
  const period = findPeriod(first.timeMs)
  const isWithin = resources.every(
    ({ subject, timeMs }) => subject === first.subject && findPeriod(timeMs).startMs === period.startMs,
  )
  if (!isWithin) throw invalid(sequence, 'holds what belongs to another window')
  return { subject: first.subject, period, resources }
}

function decode(bytes: Uint8Array, sequence: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw invalid(sequence, 'is not UTF-8 text')
  }
}

function readLine(line: string, row: number, zone: TimeZone, sequence: number) {
  try {
    return readTimedResource(line, row, zone)
  } catch {
    throw invalid(sequence, `holds in line ${row} what is no resource with a time`)
  }
}

function invalid(sequence: number, what: string): RecordsError {
  return new RecordsError(
    'WINDOW_INVALID',
    `Window ${sequence} ${what}. Get the whole set of windows again.`,
    { sequence },
  )
}
