import type { CogTrace, SwayMeasurement, SwaySource, SwayTrace } from '@halo/measures'
import { cogFromAcceleration, measureSway } from '@halo/measures'
import type { MotionTrace } from '@halo/records'
import { readForcePlate, readMotion } from '@halo/records'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-code.ts'
import type { Output } from '../output.ts'
import { noteImport } from './import-notes.ts'
import { lookAtStart, openInput, refuseJson } from './input.ts'
import type { SwayFlags } from './measure-flags.ts'
import { parsePositive, parseSourceFlags } from './source-flags.ts'

/** With open or closed eyes; undefined where nobody said. */
export type Eyes = 'open' | 'closed' | undefined

/** A test as it was measured, and when it began, where its file says so (FHIR dateTime). */
export interface MeasuredSway {
  readonly sway: SwayMeasurement
  readonly start: string | null
}

/**
 * Measures a trace of sway, from a force plate's file or from a phone's; the header tells which, unless `--source`
 * does. Tells a person what became of the file.
 * @throws CliError `USAGE`; RecordsError; MeasuresError
 */
export async function measureSwayOf(
  path: string,
  eyes: Eyes,
  flags: SwayFlags,
  output: Output,
): Promise<MeasuredSway> {
  const { trace, start } = await readTrace(path, flags, output)
  return { sway: measureSway(trace, eyes === undefined ? {} : { condition: { eyes } }), start }
}

/** @throws CliError `USAGE` */
export function parseEyes(text: string | undefined): Eyes {
  if (text === undefined || text === 'open' || text === 'closed') return text
  throw new CliError('USAGE', '--eyes takes open or closed.')
}

/** Says why a recording is of no use; the exit code. */
export function refuseUnusable(sway: SwayMeasurement, output: Output): number {
  const limits = sway.quality === 'research' ? [] : sway.limits
  output.result({ quality: sway.quality, limits, method: sway.method }, [
    `The recording says nothing about sway: ${limits.join(', ')}. Record again at a higher rate, or with another sensor.`,
  ])
  return EXIT.BAD_INPUT
}

async function readTrace(
  path: string,
  flags: SwayFlags,
  output: Output,
): Promise<{ readonly trace: SwayTrace | CogTrace; readonly start: string | null }> {
  const source = parseSource(flags.source)
  const input = await openInput(path, 'read', output)
  const { head, chunks } = await lookAtStart(input.chunks)
  refuseJson(head)
  const options = { ...parseSourceFlags(flags), signal: input.signal, onProgress: input.onProgress }
  const isOfPlate = source === 'force-plate' || (source === undefined && isPlate(head))
  const read = isOfPlate ? await readForcePlate(chunks, options) : await readMotion(chunks, options)
  output.progressDone()
  noteImport(read, output, `${path}: `)
  if ('x' in read) return { trace: cogOf(read, source ?? 'accelerometer', flags), start: read.start }
  const { rateHz, timesSec, mlCm, apCm, start } = read
  return { trace: rateHz === null ? { timesSec, mlCm, apCm } : { rateHz, mlCm, apCm }, start }
}

function cogOf(motion: MotionTrace, source: SwaySource, flags: SwayFlags): CogTrace {
  const heightM = parsePositive(flags.height, '--height')
  if (heightM === undefined)
    throw new CliError(
      'USAGE',
      'Sway from acceleration needs the height of the person in metres: --height 1.75.',
    )
  const { timesSec, unit, gravity } = motion
  if (source === 'gravity' && gravity === null)
    throw new CliError('USAGE', 'The file has no columns of gravity. Leave out --source gravity.')
  if (motion.includesGravity === false)
    throw new CliError(
      'USAGE',
      'The file has acceleration without gravity, which tells nothing of tilt. Record acceleration with gravity.',
    )
  const { x, y, z } = source === 'gravity' && gravity !== null ? gravity : motion
  return cogFromAcceleration(
    { timesSec, x, y, z, unit },
    { heightM, source: source === 'gravity' ? 'gravity' : 'accelerometer' },
  )
}

function parseSource(text: string | undefined): SwaySource | undefined {
  if (text === undefined || text === 'force-plate' || text === 'accelerometer' || text === 'gravity')
    return text
  throw new CliError('USAGE', '--source takes force-plate, accelerometer or gravity.')
}

/** Whether the first line names a centre of pressure. */
function isPlate(head: string): boolean {
  const [header = ''] = head.split('\n')
  return /(^|[,;\t "])(ml|ap|cop)/i.test(header)
}
