import type { NoteBook, SettlingRule } from './note-book.ts'
import type { SourceGap } from './source.ts'

/** As many as a report lists. */
const MAX_GAPS = 1000

const GAPS_CUT: SettlingRule = {
  rule: 'gaps-cut',
  text: `There are more than ${MAX_GAPS} gaps; the first are listed.`,
}

/** The gaps that a report lists; notes how many it does not. */
export function limitGaps(gaps: readonly SourceGap[], notes: Pick<NoteBook, 'add'>): readonly SourceGap[] {
  if (gaps.length <= MAX_GAPS) return gaps
  notes.add(GAPS_CUT, 1, gaps.length - MAX_GAPS)
  return gaps.slice(0, MAX_GAPS)
}
