import type { SourceKind, SourceReport } from '@halo/records'
import { convert, SOURCE_KINDS } from '@halo/records'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import { formatCount } from '../output.ts'
import { describeImport } from './import-notes.ts'
import { openInput } from './input.ts'
import { isStandardOutput, openSink } from './sink.ts'
import type { SourceFlags } from './source-flags.ts'
import { parseSourceFlags, readNames } from './source-flags.ts'

/** Options of `convert`. */
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
  if (output.isJson && isStandardOutput(flags.out))
    throw new CliError(
      'USAGE',
      'With --json standard output holds the report: name a file for the resources with --out.',
    )
  const names = await readNames(flags.names)
  const input = await openInput(path, 'convert', output)
  const conversion = convert(kind, input.chunks, {
    ...parseSourceFlags(flags),
    names,
    signal: input.signal,
    onProgress: input.onProgress,
  })
  const sink = await openSink(flags.out, {
    force: flags.force === true,
    inputs: flags.names === undefined ? [path] : [path, flags.names],
  })
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

/** A report for people. */
function describeReport(report: SourceReport): readonly string[] {
  return [
    `${formatCount(report.resources, 'resource')} from ${formatCount(report.recordsRead, 'entry').replace(/entrys$/, 'entries')} (${report.kind}).`,
    ...describeImport(report),
  ]
}
