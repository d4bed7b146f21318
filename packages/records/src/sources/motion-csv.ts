import type { AccelerationUnit, MotionLayout } from './motion-columns.ts'
import { accelerationOf, findMotionLayout, includesGravity, settleUnit } from './motion-columns.ts'
import type { Sample } from './motion-samples.ts'
import { createTally, readSamples, refuseTooMany } from './motion-samples.ts'
import type { SignalDescription } from './recording-conversion.ts'
import { convertRecording, notesOf, timeText } from './recording-conversion.ts'
import type { OpenSource, SourceNote, SourceOptions } from './source.ts'

/** Three axes of one quantity, one value per sample. */
export interface AxisValues {
  readonly x: Float64Array
  readonly y: Float64Array
  readonly z: Float64Array
}

/** The acceleration of a phone or watch, as the measures of balance and tremor take it. */
export interface MotionTrace extends AxisValues {
  /** Since the first row; ascending. */
  readonly timesSec: Float64Array
  readonly unit: AccelerationUnit
  /** Whether gravity is in x, y and z; null where the file does not say. */
  readonly includesGravity: boolean | null
  /** Gravity as the device's software told it from motion; null where the file has none apart. */
  readonly gravity: AxisValues | null
  /** FHIR dateTime of time 0; null where the file does not say. */
  readonly start: string | null
  readonly duplicates: number
  readonly notes: readonly SourceNote[]
}

/** Ten hours at 100 Hz; about 0.4 GB. */
const MAX_SAMPLES = 4_000_000

/**
 * Reads an acceleration file of a phone or watch into arrays. Acceleration and gravity in columns of their own are
 * added up. Columns, by the names that phones and their apps use: a time (`t`, `time`, `timestamp`, with or
 * without unit) and x, y, z (alone or after `acc`, `acceleration`, `userAcceleration`, `gF` …).
 * @param options `unit` where the header has none, `rateHz` where there are no times; `maxReadings` bounds the
 * samples, 4 000 000 unless given
 * @throws RecordsError `FORMAT_UNKNOWN`, `UNIT_NEEDED`, `UNIT_SUSPECT`, `UNIT_UNKNOWN`, `RATE_NEEDED`,
 * `READINGS_TOO_MANY`, and those of rows
 */
export async function readMotion(
  source: AsyncIterable<Uint8Array | string>,
  options: SourceOptions = {},
): Promise<MotionTrace> {
  const tally = createTally()
  const times: number[] = []
  const axes: readonly number[][] = [[], [], [], [], [], []]
  let found: { readonly layout: MotionLayout; readonly unit: SettledUnit } | null = null
  for await (const { layout, samples } of readSamples(source, options, findMotionLayout, tally)) {
    found ??= { layout, unit: settleUnit(layout, samples[0] as Sample, options.unit) }
    refuseTooMany(tally.samples, options.maxReadings ?? MAX_SAMPLES)
    for (const sample of samples) {
      times.push(sample.timeSec)
      const values = [...accelerationOf(layout, sample), ...sample.values.slice(3)]
      values.forEach((value, at) => {
        axes[at]?.push(value)
      })
    }
  }
  const { layout, unit } = found as NonNullable<typeof found>
  const [x, y, z, ...gravity] = axes.map((values) => Float64Array.from(values)) as SixArrays
  return {
    timesSec: Float64Array.from(times),
    x,
    y,
    z,
    unit: unit.unit,
    includesGravity: includesGravity(layout),
    gravity: layout.hasGravity ? { x: gravity[0], y: gravity[1], z: gravity[2] } : null,
    start: tally.start === null ? null : timeText(tally.start, 0),
    duplicates: tally.duplicates,
    notes: [...unitNotes(unit), ...notesOf(tally, options)],
  }
}

type SettledUnit = ReturnType<typeof settleUnit>
type SixArrays = [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array]

/**
 * Writes an acceleration file as Observations with SampledData, at most a minute each.
 * @see readMotion for the files and options; besides, `startTime` where times count from the start
 */
export const openAccelerometer: OpenSource = (source, options) =>
  convertRecording(
    'accelerometer',
    options,
    (tally) => readSamples(source, options, findMotionLayout, tally),
    (layout, first) => describeMotion(layout, settleUnit(layout, first, options.unit)),
  )

function describeMotion(layout: MotionLayout, settled: SettledUnit): SignalDescription {
  const unit = settled.unit === 'g' ? '[g]' : 'm/s2'
  const gravity = { true: 'with gravity', false: 'without gravity', null: 'gravity not stated' }
  return {
    code: 'acceleration',
    channels: [
      { code: 'acceleration-x', unit },
      { code: 'acceleration-y', unit },
      { code: 'acceleration-z', unit },
    ],
    method: `Accelerometer, ${gravity[`${includesGravity(layout)}`]}`,
    notes: unitNotes(settled),
    valuesOf: (sample) => accelerationOf(layout, sample),
  }
}

function unitNotes({ isFromGravity }: SettledUnit): readonly SourceNote[] {
  if (!isFromGravity) return []
  const text = 'The header names no unit; it was told from the size of gravity, which the file has apart.'
  return [{ rule: 'unit-from-gravity', text, count: 1, firstAt: 1 }]
}
