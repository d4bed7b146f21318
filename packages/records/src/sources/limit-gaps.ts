import type { NoteBook, SettlingRule } from './note-book.ts'
import type { SourceGap } from './source.ts'

/** As many as a report lists. */
export const MAX_GAPS = 1000

const GAPS_CUT: SettlingRule = {
  rule: 'gaps-cut',
  text: `There are more than ${MAX_GAPS} gaps; the first are listed.`,
}

/**
 * The gaps that a report lists; notes how many it does not.
 * @param total how many there are, where not all were held
 */
export function limitGaps(
  gaps: readonly SourceGap[],
  notes: Pick<NoteBook, 'add'>,
  total: number = gaps.length,
): readonly SourceGap[] {
  if (total <= MAX_GAPS) return gaps
  notes.add(GAPS_CUT, 1, total - MAX_GAPS)
  return gaps.slice(0, MAX_GAPS)
}
