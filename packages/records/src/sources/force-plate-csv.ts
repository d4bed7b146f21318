import { RecordsError } from '../errors.ts'
import { invalidOption } from '../text/options.ts'
import type { HeaderCell } from './motion-header.ts'
import { unitOf } from './motion-header.ts'
import type { SampleLayout } from './motion-samples.ts'
import { createTally, readSamples, refuseTooMany } from './motion-samples.ts'
import { findTimeColumn } from './motion-time.ts'
import type { SignalDescription } from './recording-conversion.ts'
import { convertRecording, notesOf, timeText } from './recording-conversion.ts'
import type { OpenSource, SourceNote, SourceOptions } from './source.ts'

/** The centre of pressure on a force plate, as the measures of balance take it. */
export interface ForcePlateTrace {
  /** Since the first row; ascending. */
  readonly timesSec: Float64Array
  /** Positive as the file has it, cm. */
  readonly mlCm: Float64Array
  readonly apCm: Float64Array
  /** The given rate, where the file has no times; else null. */
  readonly rateHz: number | null
  /** FHIR dateTime of time 0; null where the file does not say. */
  readonly start: string | null
  readonly duplicates: number
  readonly notes: readonly SourceNote[]
}

type LengthUnit = 'm' | 'cm' | 'mm'

const CM: Readonly<Record<LengthUnit, (value: number) => number>> = {
  m: (value) => value * 100,
  cm: (value) => value,
  mm: (value) => value / 10,
}

interface PlateLayout extends SampleLayout {
  /** As the header names it. */
  readonly unit: LengthUnit | null
}

/** Columns that say which way they point, ML then AP. */
const NAMED = [
  ['ml', 'ap'],
  ['copml', 'copap'],
  ['mlcop', 'apcop'],
  ['mediolateral', 'anteroposterior'],
]
/** Columns that do not: laboratories differ in whether x is to the side or forward. */
const UNNAMED = [
  ['copx', 'copy'],
  ['cx', 'cy'],
  ['x', 'y'],
]

/** Ten minutes at 1000 Hz are not a tenth of it. */
const MAX_SAMPLES = 10_000_000

/**
 * Reads a force plate's centre of pressure: columns `ML` and `AP`, or `COPx` and `COPy` with `options.axes`, and a
 * time or `options.rateHz`.
 * @param options `unit` m, cm or mm where the header has none; `maxReadings` bounds the samples, 10 000 000
 * unless given
 * @throws RecordsError `FORMAT_UNKNOWN`, `AXES_NEEDED`, `UNIT_NEEDED`, `UNIT_SUSPECT`, `UNIT_UNKNOWN`,
 * `RATE_NEEDED`, `READINGS_TOO_MANY`, and those of rows
 */
export async function readForcePlate(
  source: AsyncIterable<Uint8Array | string>,
  options: SourceOptions = {},
): Promise<ForcePlateTrace> {
  const tally = createTally()
  const times: number[] = []
  const ml: number[] = []
  const ap: number[] = []
  let hasTimes = false
  for await (const { layout, samples } of readSamples(source, options, layoutFor(options), tally)) {
    const toCm = CM[settleUnit(layout, options.unit)]
    hasTimes = layout.time !== null
    refuseTooMany(tally.samples, options.maxReadings ?? MAX_SAMPLES)
    for (const { timeSec, values } of samples) {
      times.push(timeSec)
      ml.push(toCm(values[0] ?? Number.NaN))
      ap.push(toCm(values[1] ?? Number.NaN))
    }
  }
  return {
    timesSec: Float64Array.from(times),
    mlCm: Float64Array.from(ml),
    apCm: Float64Array.from(ap),
    // Samples that were left out break the row, and then only the times tell.
    rateHz: hasTimes || tally.missing + tally.duplicates > 0 ? null : (options.rateHz ?? null),
    start: tally.start === null ? null : timeText(tally.start, 0),
    duplicates: tally.duplicates,
    notes: notesOf(tally, options),
  }
}

/**
 * Writes a force plate's file as Observations with SampledData, at most a minute each.
 * @see readForcePlate for the files and options; besides, `startTime` where times count from the start
 */
export const openForcePlate: OpenSource = (source, options) =>
  convertRecording(
    'force-plate',
    options,
    (tally) => readSamples(source, options, layoutFor(options), tally),
    (layout) => describePlate(settleUnit(layout, options.unit)),
  )

function describePlate(unit: LengthUnit): SignalDescription {
  return {
    code: 'centre-of-pressure',
    channels: [
      { code: 'centre-of-pressure-ml', unit },
      { code: 'centre-of-pressure-ap', unit },
    ],
    method: 'Force plate',
    notes: [],
    valuesOf: ({ values }) => values,
  }
}

function layoutFor({ axes }: SourceOptions): (header: ReadonlyMap<string, HeaderCell>) => PlateLayout {
  if (axes !== undefined && axes !== 'ml-ap' && axes !== 'ap-ml')
    throw invalidOption('axes', 'ml-ap or ap-ml')
  return (header) => {
    const named = findPair(header, NAMED)
    const unnamed = findPair(header, UNNAMED)
    const pair = named ?? unnamed
    if (pair === null)
      throw new RecordsError(
        'FORMAT_UNKNOWN',
        'The header has no columns ML and AP, or COPx and COPy. Export the recording as CSV with a header, commas and decimal points.',
      )
    if (named === null && axes === undefined)
      throw new RecordsError(
        'AXES_NEEDED',
        'The header does not say which column is to the side. Give it (--axes ml-ap or ap-ml), or name the columns ML and AP.',
      )
    const columns = named === null && axes === 'ap-ml' ? pair.toReversed() : pair
    return { time: findTimeColumn(header), columns, unit: unitOf<LengthUnit>(columns, ['m', 'cm', 'mm']) }
  }
}

function findPair(
  header: ReadonlyMap<string, HeaderCell>,
  pairs: readonly (readonly string[])[],
): readonly HeaderCell[] | null {
  for (const names of pairs) {
    const cells = names.map((name) => header.get(name))
    if (cells.every((cell) => cell !== undefined)) return cells
  }
  return null
}

function settleUnit(layout: PlateLayout, given: string | undefined): LengthUnit {
  if (given !== undefined && given !== 'm' && given !== 'cm' && given !== 'mm')
    throw invalidOption('unit', 'm, cm or mm')
  const unit = layout.unit ?? given
  if (unit === undefined)
    throw new RecordsError('UNIT_NEEDED', 'The header names no unit of length. Give it (--unit m, cm or mm).')
  if (given !== undefined && given !== unit)
    throw new RecordsError(
      'UNIT_SUSPECT',
      'The given unit contradicts the header. Leave it out, or correct the header.',
    )
  return unit
}
