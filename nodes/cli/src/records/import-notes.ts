import type { SourceGap, SourceNote } from '@halo/records'
import type { Output } from '../output.ts'

/** What became of a file on its way in, as far as its reader tells; holds no values and no names. */
export interface ImportAccount {
  /** The given zone, if it was used. */
  readonly timeZone?: string | null
  readonly duplicates?: number
  /** Entries left out, by kind. */
  readonly leftOut?: Readonly<Record<string, number>>
  readonly notes?: readonly SourceNote[]
  readonly gaps?: readonly SourceGap[]
}

/** More gaps than this help nobody on a terminal. */
const SHOWN_GAPS = 5

/** Tells a person what a file had that is not in the result as it stood. Silent with `--json`. */
export function noteImport(account: ImportAccount, output: Output, about = ''): void {
  for (const line of describeImport(account)) output.note(`${about}${line}`)
}

/** Nothing that a file had is passed over in silence. */
export function describeImport(account: ImportAccount): readonly string[] {
  const { timeZone = null, duplicates = 0, leftOut = {}, notes = [], gaps = [] } = account
  return [
    ...(timeZone === null ? [] : [`Times without an offset were read in ${timeZone}.`]),
    ...(duplicates === 0 ? [] : [`Entries that repeat another, taken once: ${duplicates}`]),
    ...Object.entries(leftOut)
      .filter(([, count]) => count > 0)
      .map(([what, count]) => `Left out, ${what}: ${count}`),
    ...notes.map(({ text, count, firstAt }) => `${text} (${count}, first at ${firstAt})`),
    ...describeGaps(gaps),
  ]
}

function describeGaps(gaps: readonly SourceGap[]): readonly string[] {
  if (gaps.length === 0) return []
  const shown = gaps.slice(0, SHOWN_GAPS)
  const more = gaps.length - shown.length
  return [
    `Gaps: ${gaps.length}`,
    ...shown.map(({ series, from, to }) => `  ${series}: nothing between ${from} and ${to}`),
    ...(more > 0 ? [`  and ${more} more; halo records convert --json lists them`] : []),
  ]
}
