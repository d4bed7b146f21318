import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'

/** What a `halo` command did. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A `halo` command that runs. */
export interface Running extends AsyncDisposable {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Waits until standard error or output holds this. */
  untilPrinted(text: string | RegExp): Promise<void>
}

/** A place of a test's own: its files, its home, and a mark that every process it starts carries. */
export interface Place extends AsyncDisposable {
  readonly dir: string
  /** What the commands take for the system's temporary directory. */
  readonly temporary: string
  path(...names: readonly string[]): string
  start(...args: readonly string[]): Running
  /** Runs a command that reads this from standard input. */
  feed(input: Uint8Array, ...args: readonly string[]): Promise<Ended>
  halo(...args: readonly string[]): Promise<Ended>
  /** Runs a command with `--json`; its one object. */
  json(...args: readonly string[]): Promise<Answered>
  /** Ids of living processes that were started from here, at any depth. */
  processes(): Promise<readonly number[]>
}

/** The one object that a command printed, and its exit code. */
export interface Answered {
  readonly code: number | null
  // biome-ignore lint/suspicious/noExplicitAny: a test reads fields of JSON as it expects them and fails where they are not
  readonly value: any
}

const MAIN = fileURLToPath(new URL('../../nodes/cli/src/main.ts', import.meta.url))
const FLAGS = ['--conditions=@halo/source', '--disable-warning=ExperimentalWarning']
/** Longer than any file may take: the runner ends what hangs, and a daemon has to live as long as its file. */
const TEST_TIMEOUT_MS = 600_000

/** Opens a place; disposing it kills what still runs and removes its files. */
export async function openPlace(environment: Readonly<Record<string, string>> = {}): Promise<Place> {
  const dir = await mkdtemp(join(tmpdir(), 'halo-story-'))
  const temporary = await mkdtemp(join(dir, 'tmp-'))
  const mark = randomUUID()
  const env = {
    ...withoutHalo(process.env),
    STORY_MARK: mark,
    TMPDIR: temporary,
    // Node's own default, kept out of what a test looks for.
    NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
    HALO_HOME: join(dir, 'home'),
    ...environment,
  }
  const running: Running[] = []
  const startWith = (input: Uint8Array | null, args: readonly string[]): Running => {
    const started = startCommand(args, env, input)
    running.push(started)
    return started
  }
  const start = (...args: readonly string[]): Running => startWith(null, args)
  return {
    dir,
    temporary,
    path: (...names) => join(dir, ...names),
    start,
    feed: (input, ...args) => startWith(input, args).ended,
    halo: (...args) => start(...args).ended,
    async json(...args) {
      const { code, stdout, stderr } = await start(...args, '--json').ended
      assert.is(stderr, '', `${args.join(' ')}: nothing beside the object`)
      assert.is(stdout.split('\n').length, 2, `${args.join(' ')}: one line, got ${stdout.slice(0, 300)}`)
      return { code, value: JSON.parse(stdout) }
    },
    processes: () => findMarked(mark),
    async [Symbol.asyncDispose]() {
      for (const command of running) await command[Symbol.asyncDispose]()
      for (const pid of await findMarked(mark)) process.kill(pid, 'SIGKILL')
      await rm(dir, { recursive: true, force: true })
    },
  }
}

function withoutHalo(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(HALO_|NODE_OPTIONS)/.test(name)))
}

function startCommand(args: readonly string[], env: NodeJS.ProcessEnv, input: Uint8Array | null): Running {
  const stdio = [input === null ? 'ignore' : 'pipe', 'pipe', 'pipe'] as const
  const child = spawn(process.execPath, [...FLAGS, MAIN, ...args], { env, stdio: [...stdio] })
  child.stdin?.end(input)
  const printed = { stdout: '', stderr: '' }
  const waiting = new Set<() => void>()
  const timer = setTimeout(() => child.kill('SIGKILL'), TEST_TIMEOUT_MS)
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      printed[name] += chunk
      for (const check of waiting) check()
    })
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, ...printed })
    })
  })
  return {
    child,
    ended,
    untilPrinted: (text) =>
      new Promise((resolve, reject) => {
        const pattern = typeof text === 'string' ? new RegExp(RegExp.escape(text)) : text
        const check = (): void => {
          if ([printed.stderr, printed.stdout].some((found) => found.search(pattern) !== -1)) {
            waiting.delete(check)
            resolve()
          }
        }
        waiting.add(check)
        check()
        void ended.then(({ stderr }) => reject(new Error(`ended without printing "${text}":\n${stderr}`)))
      }),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await ended
    },
  }
}

async function findMarked(mark: string): Promise<readonly number[]> {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^[0-9]+$/.test(name)) continue
    const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '')
    if (environment.split('\0').includes(`STORY_MARK=${mark}`)) found.push(Number(name))
  }
  return found
}

/** Waits until something holds, and fails by name when it does not in time. */
export async function until(what: string, holds: () => Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not in time: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** A message for a person: it says what and has no stack trace, whatever went wrong. */
export function assertPlain(ended: Ended): void {
  const text = ended.stdout + ended.stderr
  assert.not.match(text, /^\s+at .*[:(]\d+/m, 'has a stack trace')
  assert.not.match(text, /node:internal|UnhandledPromise|\[object Object\]|undefined/, 'shows its insides')
}
