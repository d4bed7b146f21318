import type { Execution } from './execute.ts'

/** A test that a file says it left out, and why. */
export interface DeclaredSkip {
  readonly suite: string
  readonly title: string
  readonly reason: string
}

/** What a run of one test file amounts to. Counts are tests. */
export interface Verdict {
  readonly passed: number
  /** At least 1 when anything at all is wrong. */
  readonly failed: number
  readonly declaredSkips: readonly DeclaredSkip[]
  /** What is wrong, in words; empty when the file is green. */
  readonly problems: readonly string[]
}

interface Counts {
  readonly total: number
  readonly passed: number
  readonly skipped: number
  readonly isSummaryFound: boolean
}

/** What a run stands for. */
export interface Subject {
  /** Texts of its test files. */
  readonly sources: readonly string[]
  /** True for a command that runs several files and Hardhat's Solidity tests. */
  readonly isGroup: boolean
}

/**
 * Judges a run by what it printed, its exit code and its source. The exit code alone is not enough:
 * uvu exits 0 after a failing `before` hook, a thrown string, a forgotten `.run()` and a left-in `.only`.
 */
export function judge(execution: Execution, subject: Subject): Verdict {
  const counts = countTests(execution.output, subject.isGroup)
  const declaredSkips = readDeclaredSkips(execution.output)
  const problems = [
    ...problemsOfRun(execution),
    ...problemsOfCounts(counts, declaredSkips.length),
    ...problemsOfSkips(execution.output),
    ...(subject.isGroup ? problemsOfGroup(execution.output, subject.sources.length) : []),
    ...subject.sources.flatMap(problemsOfSource),
  ]
  const missing = counts.total - counts.passed + counts.skipped
  const failed = problems.length === 0 ? 0 : Math.max(1, missing)
  return { passed: counts.passed, failed, declaredSkips, problems }
}

/** A single file closes once: what looks like more was printed by something it ran. */
function countTests(output: string, isGroup: boolean): Counts {
  const uvu = countUvu(output)
  return isGroup ? [...uvu, countHardhat(output)].reduce(addCounts, NOTHING) : (uvu.at(-1) ?? NOTHING)
}

function problemsOfGroup(output: string, files: number): string[] {
  const closed = countUvu(output).length
  return closed < files ? [`only ${closed} of ${files} files closed with a summary`] : []
}

function problemsOfRun(execution: Execution): string[] {
  if (execution.isTimedOut)
    return [`did not end within ${Math.round(execution.durationMs / 1000)} s and was killed`]
  if (execution.code === 0) return []
  return [execution.code === null ? 'was ended by a signal' : `exit code ${execution.code}`]
}

function problemsOfCounts(counts: Counts, declaredSkips: number): string[] {
  if (!counts.isSummaryFound) return ['no summary was printed: .run() forgotten, or it ended early']
  const problems: string[] = []
  if (counts.total === 0 && declaredSkips === 0) problems.push('it has no tests')
  if (counts.passed !== counts.total) problems.push(`${counts.passed} of ${counts.total} passed`)
  if (counts.skipped > 0) problems.push(`${counts.skipped} skipped without being declared`)
  return problems
}

/** Looks for what no summary shows: one suite of several that is never run, and tests left out. */
function problemsOfSource(source: string): string[] {
  const problems: string[] = []
  if (/\.only\s*\(/.test(source)) problems.push('the source has a left-in .only')
  if (/\btest\.skip\s*\(/.test(source)) problems.push('the source has a test.skip; declare the skip instead')
  for (const [, name] of source.matchAll(/^(?:export )?const (\w+)(?:: [^=]+)? = suite\b/gm)) {
    if (!new RegExp(`\\b${name}\\.run\\(\\)`).test(source)) problems.push(`suite ${name} is never run`)
  }
  return problems
}

function readDeclaredSkips(output: string): DeclaredSkip[] {
  return [...output.matchAll(/^SKIP (\S+): (.+?): (\S.*)$/gm)].map(
    ([, suite = '', title = '', reason = '']) => ({
      suite,
      title,
      reason,
    }),
  )
}

function problemsOfSkips(output: string): string[] {
  const lines = output.match(/^SKIP\b.*$/gm)?.length ?? 0
  const wellFormed = readDeclaredSkips(output).length
  return lines === wellFormed ? [] : ['a SKIP line does not say suite, title and reason']
}

function countUvu(output: string): readonly Counts[] {
  const block = /^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)$/gm
  return [...output.matchAll(block)].map(([, total, passed, skipped]) => ({
    total: Number(total),
    passed: Number(passed),
    skipped: Number(skipped),
    isSummaryFound: true,
  }))
}

/** Hardhat closes with `  12 passing`, and `failing`, `skipped` and `todo` where there are any. */
function countHardhat(output: string): Counts {
  const sums = { passing: 0, failing: 0, skipped: 0, todo: 0 }
  let isSummaryFound = false
  for (const [, count, word] of output.matchAll(/^ *(\d+) (passing|failing|skipped|todo)(?: \(.*\))?$/gm)) {
    sums[word as keyof typeof sums] += Number(count)
    isSummaryFound = true
  }
  return {
    total: sums.passing + sums.failing,
    passed: sums.passing,
    skipped: sums.skipped + sums.todo,
    isSummaryFound,
  }
}

const NOTHING: Counts = { total: 0, passed: 0, skipped: 0, isSummaryFound: false }

function addCounts(a: Counts, b: Counts): Counts {
  return {
    total: a.total + b.total,
    passed: a.passed + b.passed,
    skipped: a.skipped + b.skipped,
    isSummaryFound: a.isSummaryFound || b.isSummaryFound,
  }
}
