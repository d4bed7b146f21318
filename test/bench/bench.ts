/** One row of a benchmark: its name and figures, each with its unit in its name (`sealMs`, `openMBps`). */
export interface Row {
  readonly name: string
  readonly [figureWithUnit: string]: string | number
}

/** How a benchmark is run. */
export interface BenchOptions {
  readonly signal: AbortSignal
  /** Tells a person how far it is; never part of the result. */
  readonly onProgress: (message: string) => void
  /** How long to go on, where a benchmark can go on as long as one likes. */
  readonly minutes: number | null
  /** Parts to run, each one of {@link Bench.parts}; all when empty. */
  readonly only: readonly string[]
  /** Where a benchmark that draws puts its picture; null leaves it to the benchmark, which says where it is. */
  readonly plotPath: string | null
}

/** What every `test/bench/<name>.bench.ts` exports under the name `bench`. */
export interface Bench {
  /** The same as in its file's name. */
  readonly name: string
  /** What is measured and against which baseline, in one sentence. */
  readonly description: string
  /** What `--only` takes, where a benchmark has parts. */
  readonly parts?: readonly string[]
  /** Whether it draws a picture (SVG). @defaultValue false */
  readonly hasPlot?: boolean
  /**
   * Pairs of columns of which the first may not be above the second, or the run fails; a row that lacks one of
   * both breaks nothing. @defaultValue none
   */
  readonly limits?: readonly (readonly [low: string, high: string])[]
  rows(options: BenchOptions): Promise<readonly Row[]>
}

/** What a figure was measured on. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly node: string
  readonly platform: string
}
