import type { SourceOptions } from '@halo/records'
import type { CommonOptions } from '../command.ts'
import { CliError } from '../errors.ts'
import { parseDateOrder } from '../record-file.ts'

/** Options that say how to read a file where it does not say so itself; a command has those its files need. */
export interface SourceFlags extends CommonOptions {
  readonly tz?: string
  readonly unit?: string
  readonly dateOrder?: string
  /** Samples per second. */
  readonly hz?: string
  readonly start?: string
  readonly axes?: string
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

/** A number above 0, or undefined where the option is not given. @throws CliError `USAGE` */
export function parsePositive(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0
  if (value > 0 && Number.isFinite(value)) return value
  throw new CliError('USAGE', `${option} takes a number above 0.`)
}
