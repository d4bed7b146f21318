import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import type { DeidentificationReport } from '@halo/records'
import { deidentify, readResources } from '@halo/records'
import type { CommonOptions } from '../command.ts'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import { formatBytes } from '../output.ts'
import { openInput, readSmallFile, withProgress } from './input.ts'
import { isStandardOutput, openSink } from './sink.ts'

/** Options of `deidentify`. */
export interface DeidentifyFlags extends CommonOptions {
  readonly profile: string
  readonly secretFile: string
  readonly newSecret?: boolean
  readonly recipient: string
  readonly keepWeekday?: boolean
  readonly asOf?: string
  readonly out?: string
  readonly force?: boolean
}

const SECRET_BYTES = 32
const MAX_SECRET_BYTES = 4096

/** `halo records deidentify`: what may leave of FHIR resources, for one recipient. */
export async function deidentifyFile(
  flags: DeidentifyFlags,
  output: Output,
  [path = '']: readonly string[],
): Promise<undefined> {
  const profile = parseProfile(flags.profile)
  if (path === '-')
    throw new CliError(
      'USAGE',
      'The file is read twice, so that it cannot come from standard input. Name a file.',
    )
  if (output.isJson && isStandardOutput(flags.out))
    throw new CliError(
      'USAGE',
      'With --json standard output holds the report: name a file for the resources with --out.',
    )
  const surveyed = await openInput(path, 'look', output)
  const rewritten = await openInput(path, 'rewrite', output)
  const passes = [rewritten, surveyed]
  const secret = await readSecret(flags)
  const run = deidentify(
    () => readResources(withProgress(passes.pop() ?? rewritten), { signal: surveyed.signal }),
    {
      profile,
      secret,
      recipient: flags.recipient,
      keepsWeekday: flags.keepWeekday,
      asOf: flags.asOf ?? new Date().toISOString().slice(0, 10),
      signal: surveyed.signal,
    },
  )
  const sink = await openSink(flags.out, { force: flags.force === true, inputs: [path, flags.secretFile] })
  try {
    for await (const piece of run) await sink.write(piece)
    await sink.commit()
  } finally {
    secret.fill(0)
    await sink.discard()
  }
  output.progressDone()
  const report = run.report()
  if (output.isJson) output.result(report, [])
  else for (const line of describeReport(report)) output.note(line)
  return undefined
}

function parseProfile(text: string): 'strict' | 'shifted' {
  if (text === 'strict' || text === 'shifted') return text
  throw new CliError('USAGE', '--profile takes strict or shifted.')
}

/**
 * The secret behind pseudonyms and offsets. It is never made by accident: with another one, what a
 * recipient has got before no longer fits what they get now.
 */
async function readSecret({ secretFile, newSecret }: DeidentifyFlags): Promise<Uint8Array> {
  if (newSecret === true) await makeSecret(secretFile)
  // Not from the start: the daemon's package is slow to load.
  const { assertPrivate, isCode } = await import('@halo/node')
  await assertPrivate(secretFile).catch((error: unknown) => {
    if (!isCode(error, 'ENOENT')) throw error
    throw new CliError(
      'FILE_UNREADABLE',
      `There is no secret in ${secretFile}. Name the file, or make one there with --new-secret.`,
      { cause: error },
    )
  })
  const bytes = await readSmallFile(secretFile, MAX_SECRET_BYTES)
  // An editor's line feed at the end is no part of it.
  return bytes.at(-1) === 0x0a && bytes.length > SECRET_BYTES ? bytes.slice(0, -1) : bytes
}

async function makeSecret(path: string): Promise<void> {
  await writeFile(path, `${randomBytes(SECRET_BYTES).toString('hex')}\n`, {
    flag: 'wx',
    mode: 0o600,
    flush: true,
  }).catch((cause: unknown) => {
    throw new CliError(
      'FILE_UNREADABLE',
      `No secret can be made in ${path}: it exists already, or cannot be written.`,
      { cause },
    )
  })
}

function describeReport(report: DeidentificationReport): readonly string[] {
  const count = (of: Readonly<Record<string, number>>): string =>
    Object.entries(of)
      .map(([type, number]) => `${number} ${type}`)
      .join(', ') || 'none'
  return [
    `Written: ${count(report.resources)}. Left out: ${count(report.leftOut)}.`,
    `${formatBytes(report.bytesBefore)} before, ${formatBytes(report.bytesAfter)} after (${report.profile}, rules ${report.rulesVersion}).`,
    ...report.changes.map(
      ({ path, change, letter, reason, count: times }) =>
        `  ${letter} ${change} ${path}: ${times} (${reason})`,
    ),
    ...(report.lostTimes === 0
      ? []
      : [`Times that no record of this person can have, removed: ${report.lostTimes}`]),
    report.residualRisk,
  ]
}
