import type { AccelerationTrace, CogTrace, SwaySource, SwayTrace } from '@halo/measures'
import { cogFromAcceleration } from '@halo/measures'
import type { MotionTrace } from '@halo/records'
import { readForcePlate, readMotion } from '@halo/records'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import type { SourceFlags } from './convert.ts'
import { parsePositive, parseSourceFlags } from './convert.ts'
import { openInput } from './input.ts'
import type { SwayFlags } from './measure-flags.ts'
import { lookAtStart } from './read-glucose.ts'

/** A recording of acceleration as a phone or watch made it. */
export async function readAccelerationFile(
  path: string,
  flags: SourceFlags,
  output: Output,
): Promise<MotionTrace> {
  const input = await openInput(path, 'read', output)
  const motion = await readMotion(input.chunks, {
    ...parseSourceFlags(flags),
    signal: input.signal,
    onProgress: input.onProgress,
  })
  output.progressDone()
  for (const { text, count } of motion.notes) output.note(`${text} (${count})`)
  return motion
}

/** Acceleration as the measures take it. */
export function accelerationOf({ timesSec, x, y, z, unit }: MotionTrace): AccelerationTrace {
  return { timesSec, x, y, z, unit }
}

/**
 * A trace of sway, from a force plate's file or from a phone's; the header tells which, unless `--source` does.
 * @throws CliError `USAGE`; RecordsError; MeasuresError
 */
export async function readSway(
  path: string,
  flags: SwayFlags,
  output: Output,
): Promise<SwayTrace | CogTrace> {
  const source = parseSource(flags.source)
  const input = await openInput(path, 'read', output)
  const { head, chunks } = await lookAtStart(input.chunks)
  if (source === 'force-plate' || (source === undefined && isPlate(head))) {
    const plate = await readForcePlate(chunks, {
      ...parseSourceFlags(flags),
      signal: input.signal,
      onProgress: input.onProgress,
    })
    output.progressDone()
    const { rateHz, timesSec, mlCm, apCm } = plate
    return rateHz === null ? { timesSec, mlCm, apCm } : { rateHz, mlCm, apCm }
  }
  const motion = await readMotion(chunks, {
    ...parseSourceFlags(flags),
    signal: input.signal,
    onProgress: input.onProgress,
  })
  output.progressDone()
  return swayOf(motion, source ?? 'accelerometer', flags)
}

function swayOf(motion: MotionTrace, source: SwaySource, flags: SwayFlags): CogTrace {
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
