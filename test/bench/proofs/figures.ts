import { createHash } from 'node:crypto'
import type { BenchOptions, Row } from '../bench.ts'
import type { Contender } from './contenders.ts'
import { CONTENDERS, OURS } from './contenders.ts'

/** What one contender took for one number of records; medians. */
export interface Figure {
  readonly contender: string
  readonly records: number
  /** The tree and a proof for every record. */
  readonly proveMs: number
  /** One proof. */
  readonly verifyMs: number
  /** How far apart the fastest and the slowest series are, as a share of the median; of one series it says nothing. */
  readonly proveSpread: number
  readonly verifySpread: number
  /** Hashes of the longest proof. */
  readonly proofBytes: number
  /** How many series the medians are of. */
  readonly series: number
}

/** The numbers of records in paper 002: "from 1 to 10,000". */
const COUNTS = [1, 10, 100, 1000, 10_000]
/** Each figure is the median of so many series at most. */
const SERIES = 7
/** A series repeats what is faster than that, because clocks and processors are not steadier. */
const SERIES_MS = 20
/** Runs that do not count come first: the compiler has seen enough of this number of records by then. */
const WARM_UP_MS = 400
/** Who has taken that long for one number of records has no further series, so that the run ends. */
const BUDGET_MS = 5000
const MAX_PROVE_MS = 100
const MAX_VERIFY_MS = 0.1

/** Measures every contender on the same records; in turns, so that a busy moment hits all of them. */
export function measureFigures({
  onProgress,
  signal,
}: Pick<BenchOptions, 'onProgress' | 'signal'>): readonly Figure[] {
  return COUNTS.flatMap((count) => {
    onProgress(`figures: ${count} ${count === 1 ? 'record' : 'records'}`)
    const records = recordsOf(count)
    for (const contender of CONTENDERS) warmUp(contender, records, signal)
    const runs = CONTENDERS.map((contender) => ({ contender, series: [] as Series[], spentMs: 0 }))
    for (let i = 0; i < SERIES; i++) {
      for (const run of runs.filter(({ spentMs }) => spentMs < BUDGET_MS)) {
        signal.throwIfAborted()
        const from = performance.now()
        run.series.push(measureSeries(run.contender, records))
        run.spentMs += performance.now() - from
      }
    }
    return runs.map(({ contender, series }) => summarise(contender, count, series))
  })
}

/** Until it has taken so long, or once where that takes longer. */
function warmUp(contender: Contender, records: readonly Uint8Array[], signal: AbortSignal): void {
  const from = performance.now()
  do {
    signal.throwIfAborted()
    contender.prove(records).verifyAll()
  } while (performance.now() - from < WARM_UP_MS)
}

interface Series {
  readonly proveMs: number
  readonly verifyAllMs: number
  readonly proofBytes: number
}

function measureSeries(contender: Contender, records: readonly Uint8Array[]): Series {
  const [proven, proveMs] = meanOf(() => contender.prove(records))
  const [, verifyAllMs] = meanOf(() => {
    if (!proven.verifyAll()) throw new Error(`${contender.name}: a proof of its own does not hold`)
  })
  return { proveMs, verifyAllMs, proofBytes: proven.proofBytes }
}

function summarise({ name }: Contender, records: number, series: readonly Series[]): Figure {
  const proveMs = series.map((one) => one.proveMs)
  const verifyMs = series.map(({ verifyAllMs }) => verifyAllMs / records)
  return {
    contender: name,
    records,
    proveMs: medianOf(proveMs),
    verifyMs: medianOf(verifyMs),
    proveSpread: spreadOf(proveMs),
    verifySpread: spreadOf(verifyMs),
    proofBytes: series[0]?.proofBytes ?? Number.NaN,
    series: series.length,
  }
}

/** Rows of the table; what is promised is promised of ours. */
export function figureRows(figures: readonly Figure[]): readonly Row[] {
  return figures.map((figure) => {
    const { contender, records, proveMs, verifyMs, proofBytes, series } = figure
    const isOurs = contender === OURS.name
    return {
      name: `${records} ${records === 1 ? 'record' : 'records'}: ${contender}`,
      treeAndProofsMs: proveMs,
      ...(isOurs && records === COUNTS.at(-1) ? { limitTreeAndProofsMs: MAX_PROVE_MS } : {}),
      ...(series > 1 ? { treeAndProofsSpreadPercent: Math.round(100 * figure.proveSpread) } : {}),
      verifyOneMs: verifyMs,
      ...(series > 1 ? { verifyOneSpreadPercent: Math.round(100 * figure.verifySpread) } : {}),
      ...(isOurs ? { limitVerifyOneMs: MAX_VERIFY_MS } : {}),
      proofBytes,
      series,
    }
  })
}

/** What something returns and how long it takes: the mean of as many runs as fill a series, one at least. */
function meanOf<T>(act: () => T): readonly [result: T, tookMs: number] {
  const from = performance.now()
  for (let runs = 1; ; runs++) {
    const result = act()
    const tookMs = performance.now() - from
    if (tookMs >= SERIES_MS) return [result, tookMs / runs]
  }
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

function spreadOf(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / medianOf(values)
}

/** As many different records as wanted, the same in every run: hashes, as salted commitments are. */
export function recordsOf(count: number): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, i) => createHash('sha256').update(`record ${i}`).digest())
}
