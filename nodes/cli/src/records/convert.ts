import type { SourceKind, SourceOptions, SourceReport } from '@halo/records'
import { convert, SOURCE_KINDS } from '@halo/records'
import type { CommonOptions } from '../command.ts'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import { formatCount } from '../output.ts'
import { openInput } from './input.ts'
import { openSink } from './sink.ts'

/** Options that say how to read a file where it does not say so itself. */
export interface SourceFlags extends CommonOptions {
  readonly tz?: string
  readonly unit?: string
  readonly dateOrder?: string
  readonly hz?: string
  readonly start?: string
  readonly axes?: string
}

export interface ConvertFlags extends SourceFlags {
  readonly from: string
  readonly out?: string
  readonly force?: boolean
}

/** `halo records convert`: a file of a known kind to FHIR R4 NDJSON. */
export async function convertFile(
  flags: ConvertFlags,
  output: Output,
  [path = '']: readonly string[],
): Promise<undefined> {
  const kind = parseKind(flags.from)
  if (output.isJson && flags.out === undefined)
    throw new CliError(
      'USAGE',
      'With --json standard output holds the report: name a file for the resources with --out.',
    )
  const input = await openInput(path, 'convert', output)
  const conversion = convert(kind, input.chunks, {
    ...parseSourceFlags(flags),
    signal: input.signal,
    onProgress: input.onProgress,
  })
  const sink = await openSink(flags.out, { force: flags.force === true })
  try {
    for await (const piece of conversion) await sink.write(piece)
    await sink.commit()
  } finally {
    await sink.discard()
  }
  output.progressDone()
  const report = conversion.report()
  if (output.isJson) output.result(report, [])
  else for (const line of describeReport(report)) output.note(line)
  return undefined
}

/** @throws CliError `USAGE`, naming the kinds there are */
function parseKind(text: string): SourceKind {
  const kind = SOURCE_KINDS.find((known) => known === text)
  if (kind === undefined) throw new CliError('USAGE', `--from takes one of ${SOURCE_KINDS.join(', ')}.`)
  return kind
}

/** @throws CliError `USAGE`, naming the option */
export function parseSourceFlags({ tz, unit, dateOrder, hz, start, axes }: SourceFlags): SourceOptions {
  if (dateOrder !== undefined && dateOrder !== 'dmy' && dateOrder !== 'mdy')
    throw new CliError('USAGE', '--date-order takes dmy or mdy.')
  if (axes !== undefined && axes !== 'ml-ap' && axes !== 'ap-ml')
    throw new CliError('USAGE', '--axes takes ml-ap or ap-ml.')
  return { timeZone: tz, unit, dateOrder, axes, rateHz: parsePositive(hz, '--hz'), startTime: start }
}

/** A number above 0, or undefined where the option is not given. @throws CliError `USAGE` */
export function parsePositive(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0
  if (value > 0 && Number.isFinite(value)) return value
  throw new CliError('USAGE', `${option} takes a number above 0.`)
}

/** A report for people: nothing that a file had is passed over in silence. */
function describeReport(report: SourceReport): readonly string[] {
  const leftOut = Object.entries(report.leftOut).filter(([, count]) => count > 0)
  return [
    `${formatCount(report.resources, 'resource')} from ${formatCount(report.recordsRead, 'entry').replace(/entrys$/, 'entries')} (${report.kind}).`,
    ...(report.timeZone === null ? [] : [`Times without an offset were read in ${report.timeZone}.`]),
    ...(report.duplicates === 0 ? [] : [`Entries that repeat another, written once: ${report.duplicates}`]),
    ...leftOut.map(([what, count]) => `Left out, ${what}: ${count}`),
    ...report.notes.map(({ text, count, firstAt }) => `${text} (${count}, first at ${firstAt})`),
    ...describeGaps(report),
  ]
}

function describeGaps({ gaps }: SourceReport): readonly string[] {
  const shown = gaps
    .slice(0, 5)
    .map(({ series, from, to }) => `  ${series}: nothing between ${from} and ${to}`)
  if (gaps.length === 0) return []
  const more =
    gaps.length > shown.length ? [`  and ${gaps.length - shown.length} more; --json lists them`] : []
  return [`Gaps: ${gaps.length}`, ...shown, ...more]
}
