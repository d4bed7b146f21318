/** One entry for all benchmarks: `npm run bench -- NAME [--json]`. */
import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import type { Bench } from './bench.ts'
import { describeMachine, toJson, toTable } from './report.ts'

const NAMES = globSync('*.bench.ts', { cwd: import.meta.dirname })
  .map((file) => basename(file, '.bench.ts'))
  .sort()

const USAGE = `npm run bench -- NAME [--json]

  NAME    one of: ${NAMES.join(', ') || '(none yet)'}
  --json  print one object {bench, machine, rows} and nothing else on standard output

With --json, run it as  npm run --silent bench -- NAME --json  to keep npm's own lines away.
`

async function run(name: string, isJson: boolean): Promise<void> {
  const { bench } = (await import(`./${name}.bench.ts`)) as { readonly bench: Bench }
  const controller = new AbortController()
  process.once('SIGINT', () => controller.abort(new Error('stopped by the user')))
  const machine = describeMachine()
  if (!isJson)
    process.stdout.write(`${name}: ${bench.description}\n${Object.values(machine).join(' · ')}\n\n`)
  const rows = await bench.rows({
    signal: controller.signal,
    onProgress: (message) => process.stderr.write(`${message}\n`),
  })
  process.stdout.write(`${isJson ? toJson(name, machine, rows) : toTable(rows)}\n`)
}

async function main(): Promise<number> {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse()
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    return 2
  }
  const [name, ...more] = parsed.positionals
  if (parsed.values.help) {
    process.stdout.write(USAGE)
    return 0
  }
  if (name === undefined || more.length > 0 || !NAMES.includes(name)) {
    const problem =
      name === undefined ? 'Name a benchmark.' : `No benchmark is called ${[name, ...more].join(' ')}.`
    process.stderr.write(`${problem}\n\n${USAGE}`)
    return 2
  }
  await run(name, parsed.values.json)
  return 0
}

function parse() {
  return parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
  })
}

process.exitCode = await main()
