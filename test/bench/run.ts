/** One entry for all benchmarks: `npm run bench -- NAME [--json]`. */
import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import type { Bench } from './bench.ts'
import { describeMachine, findBroken, toJson, toTable } from './report.ts'

const OPTIONS = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  dir: { type: 'string', default: import.meta.dirname },
  minutes: { type: 'string' },
  only: { type: 'string', multiple: true },
  plot: { type: 'string' },
} as const

function usage(names: readonly string[]): string {
  return `npm run bench -- NAME [--json] [--only PART …] [--minutes N] [--plot FILE]

  NAME       one of: ${names.join(', ') || '(none yet)'}
  --json     print one object {bench, machine, rows} on one line, and nothing else on standard output
  --dir DIR  where the benchmarks are
  --only X   only this part, where a benchmark has parts; may be repeated
  --minutes N  how long to go on, where a benchmark can
  --plot FILE  where the picture (SVG) goes, where a benchmark draws one; left out, it says where it put it

Exit codes: 0 done, 1 a figure breaks its limit (the row is named) or the run failed, 2 wrong command line.
With --json, run it as  npm run --silent bench -- NAME --json  to keep npm's own lines away.
`
}

interface Choices {
  readonly isJson: boolean
  readonly minutes: number | null
  readonly only: readonly string[]
  readonly plotPath: string | null
}

async function run(path: string, { isJson, minutes, only, plotPath }: Choices): Promise<number> {
  const { bench } = (await import(pathToFileURL(path).href)) as { readonly bench: Bench }
  const unknown = describeUnknown(bench, only, plotPath)
  if (unknown !== null) {
    process.stderr.write(`${unknown}\n`)
    return 2
  }
  const controller = new AbortController()
  process.once('SIGINT', () => controller.abort(new Error('stopped by the user')))
  const machine = describeMachine()
  if (!isJson)
    process.stdout.write(`${bench.name}: ${bench.description}\n${Object.values(machine).join(' · ')}\n\n`)
  const rows = await bench.rows({
    signal: controller.signal,
    onProgress: (message) => process.stderr.write(`${message}\n`),
    minutes,
    only,
    plotPath,
  })
  process.stdout.write(`${isJson ? toJson(bench.name, machine, rows) : toTable(rows)}\n`)
  const broken = rows.flatMap((row) => findBroken(bench, row))
  for (const text of broken) process.stderr.write(`Failed: ${text}\n`)
  return broken.length > 0 ? 1 : 0
}

/** What is wrong with `--only` or `--plot`, if anything is. */
function describeUnknown(
  { name, parts = [], hasPlot = false }: Bench,
  only: readonly string[],
  plotPath: string | null,
): string | null {
  if (plotPath !== null && !hasPlot) return `The benchmark ${name} draws nothing: leave out --plot.`
  if (only.every((part) => parts.includes(part))) return null
  if (parts.length === 0) return `The benchmark ${name} has no parts: leave out --only.`
  return `The benchmark ${name} has no such part. --only takes one of: ${parts.join(', ')}`
}

async function main(): Promise<number> {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse()
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return 2
  }
  const { values, positionals } = parsed
  const names = globSync('*.bench.ts', { cwd: values.dir })
    .map((file) => basename(file, '.bench.ts'))
    .sort()
  if (values.help) {
    process.stdout.write(usage(names))
    return 0
  }
  const [name, ...more] = positionals
  if (name === undefined || more.length > 0 || !names.includes(name)) {
    const problem =
      name === undefined ? 'Name a benchmark.' : `No benchmark is called ${positionals.join(' ')}.`
    process.stderr.write(`${problem}\n\n${usage(names)}`)
    return 2
  }
  const minutes = values.minutes === undefined ? null : Number(values.minutes)
  if (minutes !== null && !(minutes > 0)) {
    process.stderr.write(`--minutes takes a number above 0.\n`)
    return 2
  }
  return run(join(values.dir, `${name}.bench.ts`), {
    isJson: values.json,
    minutes,
    only: values.only ?? [],
    plotPath: values.plot ?? null,
  })
}

function parse() {
  return parseArgs({ allowPositionals: true, options: OPTIONS })
}

process.exitCode = await main()
