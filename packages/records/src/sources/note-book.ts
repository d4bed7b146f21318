import type { SourceNote } from './source.ts'

/** A rule by which something in a file was settled; `text` is for the patient to read. */
export interface SettlingRule {
  readonly rule: string
  readonly text: string
}

/** How a time is settled that clocks show twice when they are set back. */
export const HOUR_TWICE: SettlingRule = {
  rule: 'hour-twice',
  text: 'Times in the hour that clocks show twice in autumn were settled by the order of entries.',
}

/** Counts how often each rule was applied to one file. */
export interface NoteBook {
  /** @param at row, element or entry, counted from 1 */
  add(rule: SettlingRule, at: number, count?: number): void
  /** In order of first application. */
  list(): readonly SourceNote[]
}

/** Opens a note book with the given notes, by default none. */
export function openNoteBook(before: readonly SourceNote[] = []): NoteBook {
  const notes = new Map<string, { rule: string; text: string; count: number; firstAt: number }>(
    before.map((note) => [note.rule, { ...note }]),
  )
  return {
    add({ rule, text }, at, count = 1) {
      const known = notes.get(rule)
      if (known === undefined) notes.set(rule, { rule, text, count, firstAt: at })
      else {
        known.count += count
        known.firstAt = Math.min(known.firstAt, at)
      }
    },
    list: () => [...notes.values()].map((note) => ({ ...note })),
  }
}
