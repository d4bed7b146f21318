import { isReason } from '@halo/consent'
import type { Progress } from '@halo/ports'
import { messageOf } from './remedy.ts'

/** Where a command's result and progress go. */
export interface Output {
  readonly isJson: boolean
  /** Prints the result: `lines` for a person, `value` with `--json`; nothing else goes to standard output. */
  result(value: unknown, lines: readonly string[]): void
  /** A line for a person, on standard error; silent with `--json`. */
  note(line: string): void
  /** Draws or updates a progress bar; only on a terminal. */
  progress(progress: Progress): void
  /** Ends the progress bar. */
  progressDone(): void
}

const BAR_WIDTH = 30

/** Output on this process's streams. */
export function createOutput(options: { readonly isJson: boolean }): Output {
  const { stdout, stderr } = process
  const hasBar = stderr.isTTY === true && !options.isJson
  let isDrawn = false
  const clear = (): void => {
    if (isDrawn) stderr.write('\r\u001b[K')
    isDrawn = false
  }
  return {
    isJson: options.isJson,
    result(value, lines) {
      clear()
      stdout.write(
        options.isJson ? `${JSON.stringify(value, jsonSafe)}\n` : lines.map((line) => `${line}\n`).join(''),
      )
    },
    note(line) {
      clear()
      if (!options.isJson) stderr.write(`${line}\n`)
    },
    progress(progress) {
      if (!hasBar) return
      stderr.write(`\r\u001b[K${renderBar(progress)}`)
      isDrawn = true
    },
    progressDone: clear,
  }
}

function renderBar({ step, done, total, unit }: Progress): string {
  const amount = unit === 'bytes' ? `${formatBytes(done)}` : `${done} ${unit}`
  if (total === null || total === 0) return `  ${step} ${amount}`
  const filled = Math.min(BAR_WIDTH, Math.floor((done / total) * BAR_WIDTH))
  const percent = Math.min(100, Math.floor((done / total) * 100))
  return `  ${step} [${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${percent}% ${amount}`
}

/** A size for people: `857 B`, `2.2 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB']
  let value = bytes
  let unit = 0
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

/** A count for people: `1 shard`, `2 shards`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** A time for people, UTC to the minute: `2026-11-20 14:05 UTC`. */
export function formatTime(sec: number): string {
  return `${new Date(sec * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** A long hex identifier, short enough for a line: `0x1234abcd…`. */
export function shorten(identifier: string): string {
  return identifier.length > 20 ? `${identifier.slice(0, 10)}…` : identifier
}

/** JSON with amounts as decimal texts and bytes as hex. */
export function jsonSafe(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
}

/** An error as `--json` prints it; `reason` is null where no peer, chain or rule said no. */
export function errorAsJson(error: unknown): Readonly<Record<string, unknown>> {
  const { code, name, reason, details, peerId } = (error ?? {}) as Readonly<Record<string, unknown>>
  return {
    ok: false,
    error: {
      code: name === 'AbortError' ? 'INTERRUPTED' : typeof code === 'string' ? code : 'INTERNAL',
      reason: isReason(reason) ? reason : null,
      message: messageOf(error),
      ...(details === undefined ? {} : { details }),
      ...(typeof peerId === 'string' ? { peerId } : {}),
    },
  }
}
