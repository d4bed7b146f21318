import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { AccelerationTrace, SwayIndices } from '@halo/measures'
import { measureSway } from '@halo/measures'
import { designLowPass } from '../src/signal/butterworth.ts'
import { filterZeroPhase } from '../src/signal/filtfilt.ts'
import { drawNormal, startRandom } from '../src/signal/random.ts'

export interface Path {
  readonly mlCm: Float64Array
  readonly apCm: Float64Array
}

/** Rows of a CSV file that lies next to the repository, or null when it is absent. */
export function readShared(name: string): readonly Readonly<Record<string, number>>[] | null {
  const path = locateShared(name)
  if (!existsSync(path)) return null
  const [head = '', ...lines] = readFileSync(path, 'utf8').trim().split(/\r?\n/)
  const names = head.split(',')
  return lines.map((line) =>
    Object.fromEntries(line.split(',').map((cell, at) => [names[at] ?? '', Number(cell)])),
  )
}

export function locateShared(name: string): string {
  return fileURLToPath(new URL(`../../../../shared/data/${name}`, import.meta.url))
}

export function takeColumn(rows: readonly Readonly<Record<string, number>>[], name: string): Float64Array {
  return Float64Array.from(rows, (row) => row[name] ?? Number.NaN)
}

/** A path given by formulas of time in seconds. */
export function tracePath(
  count: number,
  rateHz: number,
  ml: (timeSec: number) => number,
  ap: (timeSec: number) => number,
): Path {
  const at = (formula: (timeSec: number) => number): Float64Array =>
    Float64Array.from({ length: count }, (_, n) => formula(n / rateHz))
  return { mlCm: at(ml), apCm: at(ap) }
}

/** Smooth random sway with the given RMS on each axis: noise below 0.5 Hz. */
export function drawPath(seed: number, count: number, rateHz: number, rmsCm = { ml: 0.25, ap: 0.4 }): Path {
  const random = startRandom(seed)
  const sections = designLowPass(2, 0.5, rateHz)
  const draw = (rms: number): Float64Array => {
    const slow = filterZeroPhase(drawNormal(random, count), sections)
    const mean = slow.reduce((sum, value) => sum + value, 0) / count
    const scale = Math.sqrt(slow.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count)
    return slow.map((value) => (rms * (value - mean)) / scale)
  }
  return { mlCm: draw(rmsCm.ml), apCm: draw(rmsCm.ap) }
}

/** Indices of a path as it is, at 25 Hz. */
export function indicesOf(path: Path, rateHz = 25): SwayIndices {
  const measured = measureSway({ rateHz, ...path }, { preparation: 'none' })
  if (measured.quality !== 'research') throw new Error(`graded ${measured.quality}`)
  return measured.indices
}

/** The reading, in m/s², of a still sensor on a pendulum that follows a path; then noise, then rounding. */
export function recordPath(
  path: Path,
  {
    rateHz = 60,
    comHeightM = 0.93,
    noise = 0,
    step = 0,
    seed = 1,
  }: { rateHz?: number; comHeightM?: number; noise?: number; step?: number; seed?: number } = {},
): AccelerationTrace {
  const random = startRandom(seed)
  const sense = (exact: Float64Array): Float64Array => {
    const noisy = drawNormal(random, exact.length).map((value, at) => (exact[at] ?? 0) + noise * value)
    return step === 0 ? noisy : noisy.map((value) => step * Math.round(value / step))
  }
  const heightCm = 100 * comHeightM
  const lengths = path.mlCm.map((ml, at) => Math.hypot(heightCm, ml, path.apCm[at] ?? 0))
  const alongside = (side: (at: number) => number): Float64Array =>
    sense(lengths.map((length, at) => (9.80665 * side(at)) / length))
  return {
    timesSec: path.mlCm.map((_, at) => at / rateHz),
    // Screen outward: x points to the person's left, z forward; the reading points up.
    x: alongside((at) => path.mlCm[at] ?? 0),
    y: alongside(() => heightCm),
    z: alongside((at) => -(path.apCm[at] ?? 0)),
    unit: 'm/s2',
  }
}
