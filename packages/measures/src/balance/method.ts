import { MeasuresError } from '../errors.ts'

/** What the trace was measured with: centre of pressure, or of gravity by raw or by OS-fused acceleration. */
export type SwaySource = 'force-plate' | 'accelerometer' | 'gravity'

/** How the person stood. */
export interface SwayCondition {
  readonly eyes: 'open' | 'closed'
  readonly surface?: 'firm' | 'foam'
  readonly stance?: 'comfortable' | 'together' | 'tandem' | 'single-leg'
}

/** How a trace of the centre of gravity was made from acceleration. */
export interface CogMethod {
  readonly model: 'quasi-static inverted pendulum'
  readonly lowPassHz: number
  readonly comHeightM: number
  readonly trimStartSec: number
  readonly trimEndSec: number
  /** Axes of the phone taken as medio-lateral and antero-posterior. */
  readonly axes: { readonly ml: PhoneAxis; readonly ap: PhoneAxis }
}

/** An axis of the phone as its sensor names it: x to the right of the screen, y to its top, z out of it. */
export type PhoneAxis = 'x' | 'y' | 'z'

/** All that has to be alike before two results may be compared. */
export interface SwayMethod {
  readonly algorithm: 'halo-sway'
  /** Of the algorithm; changes whenever the same trace would give other figures. */
  readonly version: '1.0.0'
  readonly source: SwaySource
  readonly preparation: 'swarii 25 Hz, low-pass 10 Hz' | 'none'
  /** Of the trace the indices are computed of. */
  readonly rateHz: number
  readonly swayDensityRadiusCm: number
  readonly durationSec: number
  /** Null for a trace that was not made from acceleration here. */
  readonly cog: CogMethod | null
}

/** What comparing looks at in a result. */
export interface ComparableSway {
  readonly quality: string
  readonly method: SwayMethod
  readonly condition: SwayCondition | null
}

/** Path length and slow indices grow with the duration of the test. */
const DURATION_TOLERANCE = 0.1

/** @throws MeasuresError `METHODS_DIFFER` naming the first field of the methods that is not alike */
export function assertLikeMethods(first: ComparableSway, second: ComparableSway): void {
  const fields = [...describeMethod(first)]
  const other = new Map(describeMethod(second))
  const differing = fields.find(([field, value]) => other.get(field) !== value)?.[0]
  const [a, b] = [first.method.durationSec, second.method.durationSec]
  const field =
    differing ?? (Math.abs(a - b) > DURATION_TOLERANCE * Math.max(a, b) ? 'durationSec' : undefined)
  if (field !== undefined)
    throw new MeasuresError('METHODS_DIFFER', `${field} differs: compare results of one method and source`)
}

/** @throws MeasuresError `METHODS_DIFFER` when surface or stance differ, or the eyes where they may not */
export function assertLikeConditions(
  first: ComparableSway,
  second: ComparableSway,
  mayEyesDiffer: boolean,
): void {
  const fields = ['surface', 'stance', ...(mayEyesDiffer ? [] : ['eyes'])] as (keyof SwayCondition)[]
  const field = fields.find((name) => first.condition?.[name] !== second.condition?.[name])
  if (field !== undefined)
    throw new MeasuresError('METHODS_DIFFER', `condition.${field} differs: compare tests done in one way`)
}

function describeMethod({ quality, method }: ComparableSway): readonly (readonly [string, unknown])[] {
  const { durationSec: _, cog, ...rest } = method
  const { axes, ...model } = cog ?? { axes: undefined }
  const details = { ...rest, ...model, ml: axes?.ml, ap: axes?.ap, quality }
  return Object.entries(details)
}

/** A method in words, all that tells it from others, for Observation.method and beneath drawings. */
export function describeSwayMethod(method: SwayMethod): string {
  const { cog } = method
  const pendulum =
    cog === null
      ? []
      : [
          `${cog.model}, centre of mass at ${round(cog.comHeightM)} m`,
          `ML phone ${cog.axes.ml}, AP phone ${cog.axes.ap}`,
          `${round(cog.trimStartSec)} s and ${round(cog.trimEndSec)} s trimmed`,
          `zero-phase Butterworth low-pass ${round(cog.lowPassHz)} Hz`,
        ]
  return [
    `${method.algorithm} ${method.version}`,
    `source ${method.source}`,
    ...pendulum,
    `preparation ${method.preparation}`,
    `sway density within ${round(method.swayDensityRadiusCm)} cm`,
  ].join('; ')
}

function round(value: number): string {
  return String(Number(value.toPrecision(6)))
}
