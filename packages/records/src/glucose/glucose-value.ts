import { RecordsError } from '../errors.ts'

/** Units of glucose a record may have; the device's own is kept, never converted. */
export type GlucoseUnit = 'mg/dL' | 'mmol/L'

/** A sensor's word for a glucose below or above what it can measure. */
export type Comparator = '<' | '>'

/** One glucose value as the device gave it. */
export interface GlucoseValue {
  /** Decimal digits as in the file; the bound where there is a comparator. */
  readonly valueText: string
  readonly value: number
  readonly comparator: Comparator | null
}

/**
 * Limits of what Dexcom sensors measure, shown as `Low` and `High` beyond them. Libre sensors say `LO` and `HI`
 * below the same and above the same or a higher limit, depending on the model: beyond these it is for sure.
 */
const SENSOR_LIMITS: Readonly<Record<GlucoseUnit, readonly [low: string, high: string]>> = {
  'mg/dL': ['40', '400'],
  'mmol/L': ['2.2', '22.2'],
}

/** Wider than any sensor (20–600 mg/dL for meters), and still what a living patient may have. */
const PLAUSIBLE: Readonly<Record<GlucoseUnit, readonly [least: number, most: number]>> = {
  'mg/dL': [10, 1000],
  'mmol/L': [0.6, 55.5],
}

/** A median below this is no survivable glucose in mg/dL, and an ordinary or very high one in mmol/L. */
const LEAST_MEDIAN_MG_DL = 35

const LOW = /^low?$/i
const HIGH = /^hi(?:gh)?$/i
const NUMBER = /^-?(?:0|[1-9][0-9]{0,5})(?:\.[0-9]{1,12})?$/

/**
 * Reads a glucose cell. `Low` and `High`, `LO` and `HI` become the sensor's limit with a FHIR comparator.
 * @returns null when the cell is neither that nor a plain decimal number
 * @see https://hl7.org/fhir/R4/datatypes.html#Quantity
 */
export function parseGlucoseValue(cell: string, unit: GlucoseUnit): GlucoseValue | null {
  const [low, high] = SENSOR_LIMITS[unit]
  if (LOW.test(cell)) return { valueText: low, value: Number(low), comparator: '<' }
  if (HIGH.test(cell)) return { valueText: high, value: Number(high), comparator: '>' }
  return NUMBER.test(cell) ? { valueText: cell, value: Number(cell), comparator: null } : null
}

/** Whether a living patient may have this glucose. */
function isPlausible(value: number, unit: GlucoseUnit): boolean {
  const [least, most] = PLAUSIBLE[unit]
  return value >= least && value <= most
}

/** @throws RecordsError `VALUE_IMPLAUSIBLE` at the first reading that is not, by its row */
export function refuseImplausible(
  readings: readonly { readonly value: number; readonly row: number }[],
  unit: GlucoseUnit,
): void {
  const wrong = readings.find(({ value }) => !isPlausible(value, unit))
  if (wrong === undefined) return
  const [least, most] = PLAUSIBLE[unit]
  throw new RecordsError(
    'VALUE_IMPLAUSIBLE',
    `Row ${wrong.row}: the glucose value is outside ${least}–${most} ${unit}. Check the cell, and the unit (--unit).`,
    { row: wrong.row, field: 'glucose', least, most, unit },
  )
}

/**
 * Guards a unit that was assumed, not read or given.
 * @throws RecordsError `UNIT_SUSPECT` when values assumed to be mg/dL look like mmol/L
 */
export function refuseSuspectUnit(readings: readonly { readonly value: number }[]): void {
  const values = new Float64Array(readings.length)
  for (const [index, { value }] of readings.entries()) values[index] = value
  values.sort()
  const median = values[values.length >> 1]
  if (median === undefined || median >= LEAST_MEDIAN_MG_DL) return
  throw new RecordsError(
    'UNIT_SUSPECT',
    'The file names no unit, and its values look like mmol/L rather than mg/dL. Name the unit: --unit mmol/L or --unit mg/dL.',
  )
}
