import { RecordsError } from '../errors.ts'
import { invalidOption } from '../text/options.ts'
import type { HeaderCell } from './motion-header.ts'
import { unitOf } from './motion-header.ts'
import type { Sample, SampleLayout } from './motion-samples.ts'
import { findTimeColumn } from './motion-time.ts'

/** Units of acceleration; `g` is standard gravity. */
export type AccelerationUnit = 'g' | 'm/s2'

/** Columns of an acceleration file: three axes, and where it separates gravity, three of that. */
export interface MotionLayout extends SampleLayout {
  /** What the first three columns are: with gravity, without, or the file does not say. */
  readonly kind: 'with-gravity' | 'without-gravity' | 'unsaid'
  /** Columns 3 to 5 are gravity, which the first three lack. */
  readonly hasGravity: boolean
  /** As the header names it. */
  readonly unit: AccelerationUnit | null
}

/** What comes before x, y and z in the names of columns; of several groups the first is taken. */
const WITHOUT_GRAVITY = [
  'useracceleration',
  'motionuseracceleration',
  'linearacceleration',
  'linearaccelerometer',
]
const GRAVITY = ['gravity', 'motiongravity']
const WITH_GRAVITY = ['gf', 'accelerationincludinggravity']
const UNSAID = ['', 'a', 'acc', 'accel', 'acceleration', 'accelerometer', 'accelerometeracceleration']

/**
 * Finds time and axes in a header.
 * @throws RecordsError `FORMAT_UNKNOWN`, `UNIT_UNKNOWN`
 */
export function findMotionLayout(header: ReadonlyMap<string, HeaderCell>): MotionLayout {
  const time = findTimeColumn(header)
  const gravity = findAxes(header, GRAVITY)
  const moving = findAxes(header, WITHOUT_GRAVITY)
  const raw = findAxes(header, WITH_GRAVITY)
  const unsaid = findAxes(header, UNSAID)
  const axes = (gravity === null ? null : moving) ?? raw ?? unsaid ?? moving
  if (axes === null)
    throw new RecordsError(
      'FORMAT_UNKNOWN',
      'The header has no columns x, y and z of acceleration. Export the recording as CSV with a header, commas and decimal points.',
    )
  const hasGravity = axes === moving && gravity !== null
  const columns = hasGravity ? [...axes, ...gravity] : axes
  const kind = axes === raw ? 'with-gravity' : axes === moving ? 'without-gravity' : 'unsaid'
  return { time, columns, kind, hasGravity, unit: unitOf<AccelerationUnit>(columns, ['g', 'm/s2']) }
}

function findAxes(
  header: ReadonlyMap<string, HeaderCell>,
  prefixes: readonly string[],
): readonly HeaderCell[] | null {
  for (const prefix of prefixes) {
    const axes = ['x', 'y', 'z'].map((axis) => header.get(prefix + axis))
    if (axes.every((axis) => axis !== undefined)) return axes
  }
  return null
}

/**
 * The unit of acceleration: of the header, of the size of gravity where that is apart, or given.
 * @throws RecordsError `UNIT_NEEDED`; `UNIT_SUSPECT` where the given one contradicts the file; `OPTION_INVALID`
 */
export function settleUnit(
  layout: MotionLayout,
  first: Sample,
  given: string | undefined,
): { readonly unit: AccelerationUnit; readonly isFromGravity: boolean } {
  if (given !== undefined && given !== 'g' && given !== 'm/s2') throw invalidOption('unit', 'g or m/s2')
  const shown = layout.hasGravity ? unitOfGravity(first.values.slice(3)) : null
  const unit = layout.unit ?? given ?? shown
  if (unit === null)
    throw new RecordsError(
      'UNIT_NEEDED',
      'The header names no unit of acceleration. Give it (--unit g or m/s2).',
    )
  const isContradicted = [given, shown].some(
    (other) => other !== undefined && other !== null && other !== unit,
  )
  if (isContradicted || isImpossible(layout, first, unit))
    throw new RecordsError(
      'UNIT_SUSPECT',
      'The unit of acceleration contradicts what the file shows. Correct the header or the given unit.',
    )
  return { unit, isFromGravity: layout.unit === null && given === undefined }
}

/**
 * Nobody starts a recording at 5 g; and with gravity in it, less than 2 m/s² is free fall.
 * What has no gravity in it may be as small as it likes.
 */
function isImpossible(layout: MotionLayout, first: Sample, unit: AccelerationUnit): boolean {
  const size = Math.hypot(...accelerationOf(layout, first).slice(0, 3))
  return unit === 'g' ? size > 5 : includesGravity(layout) === true && size < 2
}

/** Gravity is 1 g or 9.8 m/s² everywhere on Earth to within 0.5 %. */
function unitOfGravity(gravity: readonly number[]): AccelerationUnit | null {
  const size = Math.hypot(...gravity)
  if (Math.abs(size - 1) < 0.05) return 'g'
  return Math.abs(size - 9.8) < 0.3 ? 'm/s2' : null
}

/** Acceleration with gravity, where the file has both apart; else as it is. */
export function accelerationOf({ hasGravity }: MotionLayout, { values }: Sample): readonly number[] {
  if (!hasGravity) return values
  // Sums of decimals without the digits that only binary fractions have.
  return [0, 1, 2].map((at) => Math.round(((values[at] ?? 0) + (values[at + 3] ?? 0)) * 1e12) / 1e12)
}

/** Whether the acceleration of {@link accelerationOf} has gravity in it; null where the file does not say. */
export function includesGravity({ kind, hasGravity }: MotionLayout): boolean | null {
  if (hasGravity || kind === 'with-gravity') return true
  return kind === 'without-gravity' ? false : null
}
