import type { SourceOptions } from '@halo/records'
import type { CommonOptions } from '../command.ts'
import { CliError } from '../errors.ts'
import { parseDateOrder } from '../record-file.ts'
import { readSmallFile } from './input.ts'

/** Options that say how to read a file where it does not say so itself; a command has those its files need. */
export interface SourceFlags extends CommonOptions {
  readonly tz?: string
  readonly unit?: string
  readonly dateOrder?: string
  /** Samples per second. */
  readonly hz?: string
  readonly start?: string
  readonly axes?: string
  /** A file with one name a line. */
  readonly names?: string
}

/** @throws CliError `USAGE`, naming the option */
export function parseSourceFlags({ tz, unit, dateOrder, hz, start, axes }: SourceFlags): SourceOptions {
  if (axes !== undefined && axes !== 'ml-ap' && axes !== 'ap-ml')
    throw new CliError('USAGE', '--axes takes ml-ap or ap-ml.')
  return {
    timeZone: tz,
    unit,
    dateOrder: parseDateOrder(dateOrder),
    axes,
    rateHz: parsePositive(hz, '--hz'),
    startTime: start,
  }
}

/** Names take little room; a larger file is another one. */
const MAX_NAMES_BYTES = 1 << 20

/**
 * The names in a file, one a line, in their order; undefined where the option is not given.
 * @throws CliError `FILE_UNREADABLE`; `USAGE`, without anything the file holds
 */
export async function readNames(path: string | undefined): Promise<readonly string[] | undefined> {
  if (path === undefined) return undefined
  const bytes = await readSmallFile(path, MAX_NAMES_BYTES)
  const names = decodeText(bytes).split(/\r?\n/)
  const written = names.filter((name) => name.trim() !== '')
  if (written.length > 0) return written
  throw namesUnreadable()
}

function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw namesUnreadable()
  }
}

function namesUnreadable(): CliError {
  return new CliError('USAGE', '--names takes a text file (UTF-8) with one name a line.')
}

/** A number above 0, or undefined where the option is not given. @throws CliError `USAGE` */
export function parsePositive(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0
  if (value > 0 && Number.isFinite(value)) return value
  throw new CliError('USAGE', `${option} takes a number above 0.`)
}
