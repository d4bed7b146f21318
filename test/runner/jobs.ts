import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from './execute.ts'
import type { Subject } from './verdict.ts'

/** One thing to run: a test file in its own process, or the contracts' own command. */
export interface Job extends Subject {
  /** Path of the file from the root, or `contracts`. */
  readonly name: string
  readonly command: Command
}

const PATTERNS = ['packages/*/test/**/*.test.ts', 'nodes/*/test/**/*.test.ts', 'test/**/*.test.ts']
const TIMEOUT_MS = 180_000
/** Stories, attacks and commands start processes, many of them networks; what a slow library reads takes long. */
const LONG_TIMEOUT_MS = 600_000

/**
 * Every job under a root, in order of name, whose name contains one of the filters.
 * @param timeoutMs overrides the kill timer of every job
 */
export function findJobs(root: string, filters: readonly string[], timeoutMs: number | null): readonly Job[] {
  const files = globSync(PATTERNS, { cwd: root, exclude: (path) => path.endsWith('node_modules') })
  const jobs = [...new Set(files)].sort().map((file) => fileJob(root, file, timeoutMs))
  if (hasContracts(root)) jobs.push(contractsJob(root, timeoutMs))
  return jobs.filter(({ name }) => filters.length === 0 || filters.some((filter) => name.includes(filter)))
}

function fileJob(root: string, file: string, timeoutMs: number | null): Job {
  const isLong = /^(test\/(story|attack)\/|nodes\/cli\/test\/|packages\/mam\/test\/stock-reads-)/.test(file)
  return {
    name: file,
    sources: [readFileSync(join(root, file), 'utf8')],
    isGroup: false,
    command: {
      file: process.execPath,
      args: ['--conditions=@halo/source', '--disable-warning=ExperimentalWarning', file],
      cwd: root,
      timeoutMs: timeoutMs ?? (isLong ? LONG_TIMEOUT_MS : TIMEOUT_MS),
    },
  }
}

function hasContracts(root: string): boolean {
  const path = join(root, 'contracts/package.json')
  if (!existsSync(path)) return false
  const { scripts } = JSON.parse(readFileSync(path, 'utf8')) as { scripts?: Record<string, string> }
  return scripts?.['test'] !== undefined
}

function contractsJob(root: string, timeoutMs: number | null): Job {
  return {
    name: 'contracts',
    isGroup: true,
    sources: globSync('contracts/test/**/*.test.ts', { cwd: root }).map((file) =>
      readFileSync(join(root, file), 'utf8'),
    ),
    command: {
      file: 'npm',
      args: ['test', '--silent', '--workspace', 'contracts'],
      cwd: root,
      timeoutMs: timeoutMs ?? LONG_TIMEOUT_MS,
    },
  }
}
