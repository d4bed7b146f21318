/**
 * Everything that has to hold before a change is kept: `npm run check -- [--no-tests] [step …]`.
 * Runs every step even after one fails, so that one run shows all there is to mend.
 */
import { delimiter, join } from 'node:path'
import { parseArgs } from 'node:util'
import { execute, killAll } from './runner/execute.ts'

interface Step {
  readonly name: string
  readonly file: string
  readonly args: readonly string[]
  readonly timeoutMs?: number
}

const ROOT = new URL('..', import.meta.url).pathname

const STEPS: readonly Step[] = [
  { name: 'format', file: 'biome', args: ['ci', '--error-on-warnings', '.'] },
  { name: 'types', file: 'tsc', args: ['--build'] },
  { name: 'types-of-tests', file: 'tsc', args: ['-p', 'test/tsconfig.json', '--noEmit'] },
  { name: 'layers', file: 'node', args: ['test/run.ts', 'test/layers.test.ts'] },
  { name: 'unused', file: 'knip', args: ['--no-progress', '--no-config-hints'] },
  { name: 'contracts-lint', file: 'npm', args: contracts('lint') },
  { name: 'contracts-generated', file: 'npm', args: contracts('generate', '--check') },
  { name: 'tests', file: 'node', args: ['test/run.ts'], timeoutMs: 1_800_000 },
]

const TIMEOUT_MS = 300_000
/** As in npm scripts, so that a step is the same however this file was started. */
const PATH = `${join(ROOT, 'node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}`

function contracts(script: string, ...args: readonly string[]): readonly string[] {
  return ['run', '--loglevel=error', '--workspace', 'contracts', script, '--', ...args]
}

async function runStep(step: Step): Promise<boolean> {
  const { name, file, args, timeoutMs = TIMEOUT_MS } = step
  const { code, output, durationMs } = await execute({ file, args, cwd: ROOT, timeoutMs, env: { PATH } })
  const isFine = code === 0
  process.stdout.write(`${isFine ? 'ok  ' : 'FAIL'}  ${name}  ${(durationMs / 1000).toFixed(1)} s\n`)
  if (!isFine) process.stdout.write(`${output.trimEnd().replaceAll(/^/gm, '      ')}\n`)
  return isFine
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'no-tests': { type: 'boolean', default: false }, list: { type: 'boolean', default: false } },
  })
  const unknown = positionals.filter((name) => !STEPS.some((step) => step.name === name))
  if (unknown.length > 0 || values.list) {
    process.stdout.write(`steps: ${STEPS.map(({ name }) => name).join(', ')}\n`)
    return unknown.length > 0 ? 2 : 0
  }
  const steps = STEPS.filter(({ name }) => positionals.length === 0 || positionals.includes(name)).filter(
    ({ name }) => !(values['no-tests'] && name === 'tests'),
  )
  const failed: string[] = []
  for (const step of steps) if (!(await runStep(step))) failed.push(step.name)
  process.stdout.write(
    failed.length === 0 ? `\nall ${steps.length} steps hold\n` : `\nfailed: ${failed.join(', ')}\n`,
  )
  return failed.length === 0 ? 0 : 1
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    killAll()
    process.exit(130)
  })
}
process.once('exit', killAll)
process.exitCode = await main()
