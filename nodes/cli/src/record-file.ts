import { createReadStream } from 'node:fs'
import { access, constants, stat } from 'node:fs/promises'
import type { GlucoseImport } from '@halo/records'
import { importGlucose } from '@halo/records'
import type { RecordSummary } from '@halo/wallet'
import { CliError } from './errors.ts'
import type { Output } from './output.ts'

/** Units a file's values can be in. */
export type GlucoseUnit = 'mg/dL' | 'mmol/L'

/** The value of `--unit`. @throws CliError `USAGE` */
export function parseUnit(unit: string | undefined): GlucoseUnit | undefined {
  if (unit === undefined || unit === 'mg/dL' || unit === 'mmol/L') return unit
  throw new CliError('USAGE', '--unit takes mg/dL or mmol/L.')
}

/** The value of `--date-order`. @throws CliError `USAGE` */
export function parseDateOrder(order: string | undefined): 'dmy' | 'mdy' | undefined {
  if (order === undefined || order === 'dmy' || order === 'mdy') return order
  throw new CliError('USAGE', '--date-order takes dmy or mdy.')
}

/** How a file is to be read where it does not say so itself. */
export interface FileOptions {
  readonly timeZone?: string | undefined
  readonly unit?: GlucoseUnit | undefined
  readonly dateOrder?: 'dmy' | 'mdy' | undefined
  readonly signal?: AbortSignal
}

/**
 * Reads a glucose export. Times without an offset are read in `timeZone`, by default this machine's,
 * and that is said.
 * @throws CliError `FILE_UNREADABLE`; RecordsError
 */
export async function importFile(path: string, options: FileOptions, output: Output): Promise<GlucoseImport> {
  const size = await sizeOf(path)
  const machineZone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const imported = await importGlucose(createReadStream(path), {
    timeZone: options.timeZone ?? machineZone,
    unit: options.unit,
    dateOrder: options.dateOrder,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    onProgress: ({ bytes }) => output.progress({ step: 'read', done: bytes, total: size, unit: 'bytes' }),
  })
  output.progressDone()
  if (imported.record.metadata.timeZoneSource === 'given' && options.timeZone === undefined)
    output.note(
      `Times without an offset were read in ${machineZone}, this machine's zone; --tz changes that.`,
    )
  return imported
}

/** Checks that a file can be read before anything else is done. @throws CliError `FILE_UNREADABLE` */
export async function assertReadable(path: string): Promise<void> {
  await sizeOf(path)
}

/** Checks a zone's name by the import's own rule. @throws RecordsError `TIME_ZONE_UNKNOWN` */
export async function assertTimeZone(timeZone: string): Promise<void> {
  const probe = new TextEncoder().encode('id,time,gl\nprobe,2026-01-05T12:00:00,100\n')
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    yield probe
  }
  await importGlucose(pieces(), { timeZone })
}

async function sizeOf(path: string): Promise<number> {
  try {
    const found = await stat(path)
    await access(path, constants.R_OK)
    if (found.isFile()) return found.size
  } catch (cause) {
    throw new CliError('FILE_UNREADABLE', `The file ${path} cannot be read. Check its name and rights.`, {
      cause,
    })
  }
  throw new CliError('FILE_UNREADABLE', `${path} is not a file.`)
}

/** What the catalogue says of an imported record. */
export function summaryOf({ record }: GlucoseImport): RecordSummary {
  const { kind, format, readings, start, end } = record.metadata
  return { kind, format, readings, days: Math.ceil((Date.parse(end) - Date.parse(start)) / 86_400_000) }
}

/** What is sealed with the record: its metadata as JSON in UTF-8. */
export function metadataOf({ record }: GlucoseImport): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(record.metadata))
}

const COUNTED: ReadonlySet<string> = new Set(['rows-out-of-order', 'hour-twice'])

/** What an import left out or changed, in words; nothing when all rows were taken as they are. */
export function importNotes({ report }: GlucoseImport): readonly string[] {
  const leftOut = Object.values(report.leftOut).reduce((sum, count) => sum + count, 0)
  // Rules of one format, such as scans beside stored readings; what any format may need is counted below.
  const settled = report.notes.filter(({ rule }) => !COUNTED.has(rule))
  const notes: readonly (readonly [number, string])[] = [
    [leftOut, 'rows without a glucose reading, left out'],
    [report.duplicates, 'rows that repeat another, counted once'],
    [report.reordered, 'rows out of order, sorted'],
    [report.ambiguousTimes, 'times in the repeated autumn hour, settled by the order of rows'],
  ]
  return [
    ...notes.filter(([count]) => count > 0).map(([count, what]) => `${what}: ${count}`),
    ...settled.map(({ text, count }) => `${text} (${count})`),
  ]
}
