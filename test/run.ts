/**
 * Runs every test, one process per file: `npm test -- [--list] [--jobs N] [filter …]`.
 * A filter is a part of a path. The last line is `N passed, N failed`, in tests.
 */
import { parseArgs } from 'node:util'
import { execute, killAll } from './runner/execute.ts'
import type { Job } from './runner/jobs.ts'
import { findJobs } from './runner/jobs.ts'
import type { DeclaredSkip, Verdict } from './runner/verdict.ts'
import { judge } from './runner/verdict.ts'

const USAGE = `npm test -- [options] [filter …]   a filter is a part of a test file's path
  --list          show the files and run nothing
  --jobs N        files at a time (2)
  --timeout-ms N  kill timer for every file (180000; stories, attacks, commands and contracts 600000)
  --root DIR      where to look for tests (.)
`

async function runJob(job: Job): Promise<Verdict> {
  const execution = await execute(job.command)
  const verdict = judge(execution, job)
  const seconds = `${(execution.durationMs / 1000).toFixed(1)} s`
  if (verdict.failed === 0) {
    print(`ok    ${job.name}  ${verdict.passed}  ${seconds}`)
  } else {
    print(`FAIL  ${job.name}  ${verdict.problems.join('; ')}  ${seconds}`)
    print(execution.output.trimEnd().replaceAll(/^/gm, '      '))
  }
  return verdict
}

/** Takes jobs from one list until it is empty; `width` such workers run side by side. */
async function runAll(jobs: readonly Job[], width: number): Promise<readonly Verdict[]> {
  const waiting = [...jobs]
  const verdicts: Verdict[] = []
  const work = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) verdicts.push(await runJob(job))
  }
  await Promise.all(Array.from({ length: width }, work))
  return verdicts
}

function printSkips(skips: readonly DeclaredSkip[]): void {
  if (skips.length === 0) return
  print(`\n${skips.length} declared skips`)
  for (const { suite, title, reason } of skips) print(`skip  ${suite}: ${title}: ${reason}`)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      jobs: { type: 'string', default: '2' },
      'timeout-ms': { type: 'string' },
      root: { type: 'string', default: new URL('..', import.meta.url).pathname },
    },
  })
  if (values.help) {
    process.stdout.write(USAGE)
    return 0
  }
  const timeoutMs = values['timeout-ms'] === undefined ? null : Number(values['timeout-ms'])
  const jobs = findJobs(values.root, positionals, timeoutMs)
  if (values.list) {
    for (const { name } of jobs) print(name)
    return 0
  }
  const verdicts = await runAll(jobs, Math.max(1, Number(values.jobs) || 1))
  printSkips(verdicts.flatMap(({ declaredSkips }) => declaredSkips))
  const passed = verdicts.reduce((sum, verdict) => sum + verdict.passed, 0)
  const failed = verdicts.reduce((sum, verdict) => sum + verdict.failed, 0)
  print(`\n${passed} passed, ${failed} failed`)
  return passed > 0 && failed === 0 ? 0 : 1
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    killAll()
    process.exit(130)
  })
}
process.once('exit', killAll)
process.exitCode = await main()
