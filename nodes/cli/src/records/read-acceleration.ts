import type { AccelerationTrace } from '@halo/measures'
import type { MotionTrace } from '@halo/records'
import { readMotion } from '@halo/records'
import type { Output } from '../output.ts'
import { noteImport } from './import-notes.ts'
import { lookAtStart, openInput, refuseJson } from './input.ts'
import type { SourceFlags } from './source-flags.ts'
import { parseSourceFlags } from './source-flags.ts'

/** A recording of acceleration as a phone or watch made it; tells a person what became of the file. */
export async function readAccelerationFile(
  path: string,
  flags: SourceFlags,
  output: Output,
): Promise<MotionTrace> {
  const input = await openInput(path, 'read', output)
  const { head, chunks } = await lookAtStart(input.chunks)
  refuseJson(head)
  const motion = await readMotion(chunks, {
    ...parseSourceFlags(flags),
    signal: input.signal,
    onProgress: input.onProgress,
  })
  output.progressDone()
  noteImport(motion, output)
  return motion
}

/** Acceleration as the measures take it. */
export function accelerationOf({ timesSec, x, y, z, unit }: MotionTrace): AccelerationTrace {
  return { timesSec, x, y, z, unit }
}
