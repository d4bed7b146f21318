import { spawn } from 'node:child_process'

/** What one child process did. */
export interface Execution {
  /** Exit code; null when a signal ended it. */
  readonly code: number | null
  readonly isTimedOut: boolean
  /** Standard output and standard error as they came, without colours. */
  readonly output: string
  readonly durationMs: number
}

/** How to start a child process. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly timeoutMs: number
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>
}

/** More output than this is cut in the middle: a test that prints for ever must not fill the memory. */
const OUTPUT_LIMIT = 4 << 20

/** How long the pipes of an ended process may stay open; a grandchild can hold them for ever. */
const DRAIN_MS = 2_000

const live = new Set<number>()

/**
 * Runs a command in its own process group and kills the whole group when time is up, and also when
 * the command ends, so that nothing it started outlives it.
 */
export function execute(command: Command): Promise<Execution> {
  const startedMs = performance.now()
  const child = spawn(command.file, command.args, {
    cwd: command.cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0', CI: 'true', ...command.env },
  })
  const group = child.pid
  if (group !== undefined) live.add(group)
  let output = ''
  let isTimedOut = false
  const collect = (chunk: string): void => {
    output =
      (output + chunk).length > OUTPUT_LIMIT ? `${output.slice(0, OUTPUT_LIMIT / 2)}\n…\n` : output + chunk
  }
  child.stdout.setEncoding('utf8').on('data', collect)
  child.stderr.setEncoding('utf8').on('data', collect)
  const timer = setTimeout(() => {
    isTimedOut = true
    killGroup(group)
  }, command.timeoutMs)
  return new Promise((resolve) => {
    let isDone = false
    const finish = (code: number | null): void => {
      if (isDone) return
      isDone = true
      clearTimeout(timer)
      if (group !== undefined) live.delete(group)
      child.stdout.destroy()
      child.stderr.destroy()
      const durationMs = performance.now() - startedMs
      resolve({ code, isTimedOut, output: withoutColours(output), durationMs })
    }
    child.on('error', (error) => {
      output += `cannot start ${command.file}: ${error.message}\n`
      finish(null)
    })
    child.on('exit', (code) => {
      killGroup(group)
      setTimeout(() => finish(code), DRAIN_MS).unref()
    })
    child.on('close', (code) => finish(code))
  })
}

/** Kills every process group that is still running; for when the runner itself is stopped. */
export function killAll(): void {
  for (const group of live) killGroup(group)
}

function killGroup(group: number | undefined): void {
  if (group === undefined) return
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // The group is gone already, which is what was wanted.
  }
}

function withoutColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an ANSI colour starts with a control character
  return text.replaceAll(/\u001b\[[0-9;]*m/g, '')
}
