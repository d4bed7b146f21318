/** What came of looking at one thing: it holds, it cannot be told from what is there, or it does not hold. */
export type Verdict = 'verified' | 'missing' | 'broken'

/** One thing that was looked at. */
export interface Finding<Reason extends string = string> {
  readonly verdict: Verdict
  /** Stable; for programs. */
  readonly reason: Reason
  /** A sentence in plain words; for people. */
  readonly because: string
  /** Small values that say where or what, such as `item` and `entry`, counted from 1. */
  readonly details: Readonly<Record<string, string | number>>
}

/** For each reason its verdict and its sentence, in which `{name}` stands for a detail. */
export type FindingTable<Reason extends string> = Readonly<Record<Reason, readonly [Verdict, string]>>

/** The finding of one reason. */
export function findingOf<Reason extends string>(
  table: FindingTable<Reason>,
  reason: Reason,
  details: Readonly<Record<string, string | number>> = {},
): Finding<Reason> {
  const [verdict, sentence] = table[reason]
  const because = sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name]))
  return { verdict, reason, because, details }
}

/** 9999-12-31T23:59:59Z in Unix seconds: later times have no four-digit year; milliseconds are later too. */
export const LAST_SEC = 253_402_300_799

/** A time for people, in UTC: `2026-09-21 14:13:20 UTC`. */
export function timeText(atSec: number): string {
  if (!(atSec >= 0 && atSec <= LAST_SEC)) return `second ${atSec}`
  return `${new Date(atSec * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
