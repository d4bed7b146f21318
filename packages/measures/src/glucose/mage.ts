import { splitAtGaps } from './segments.ts'
import type { GlucoseTrace } from './trace.ts'

/** How far glucose swings. Null where no swing exceeds one standard deviation. */
export interface GlucoseExcursions {
  /** Mean amplitude of excursions, mg/dL, of those in the direction of the first. */
  readonly MAGE: number | null
  /** Mean amplitude of rises, mg/dL. */
  readonly MAGE_up: number | null
  /** Mean amplitude of falls, mg/dL. */
  readonly MAGE_down: number | null
  /** Excursions in either direction. */
  readonly MAGE_excursions: number
}

/** Across a longer gap nobody knows where glucose turned. */
const MAX_GAP_MS = 180 * 60_000

/**
 * Mean amplitude of glycemic excursions: swings between a peak and a nadir of more than one standard deviation of
 * all readings.
 *
 * Turning points are those left when every swing of at most one deviation is smoothed away, as in the
 * automated methods; amplitudes are taken between the readings themselves, so that smoothing does not
 * lower them. A gap of more than 180 minutes splits the trace. The first and last reading of a stretch are
 * no turning points, because nobody knows whether glucose turned there. `MAGE` counts, stretch by stretch,
 * only excursions in the direction of the stretch's first, as Service had it.
 * @see https://doi.org/10.2337/diab.19.9.644 (Service 1970)
 * @see https://doi.org/10.1089/dia.2010.0090 (Baghurst 2011)
 */
export function measureExcursions(trace: GlucoseTrace, sdMgDl: number | null): GlucoseExcursions {
  const rises: number[] = []
  const falls: number[] = []
  const counted: number[] = []
  for (const [from, to] of splitAtGaps(trace.timesMs, MAX_GAP_MS)) {
    const swings = swingsOf(trace.valuesMgDl.subarray(from, to), sdMgDl ?? Number.POSITIVE_INFINITY)
    for (const swing of swings) (swing > 0 ? rises : falls).push(Math.abs(swing))
    for (const [index, swing] of swings.entries()) if (index % 2 === 0) counted.push(Math.abs(swing))
  }
  return {
    MAGE: meanOf(counted),
    MAGE_up: meanOf(rises),
    MAGE_down: meanOf(falls),
    MAGE_excursions: rises.length + falls.length,
  }
}

/** Signed swings between neighbouring turning points; directions alternate. */
function swingsOf(values: Float64Array, threshold: number): readonly number[] {
  const turns = findTurns(values, threshold).filter((index) => index > 0 && index < values.length - 1)
  return turns.slice(1).map((turn, index) => (values[turn] ?? 0) - (values[turns[index] ?? 0] ?? 0))
}

/**
 * Indices of alternating peaks and nadirs, neighbours more than `threshold` apart and none left out that could
 * stand between them. The first and last may be ends of the series.
 */
function findTurns(values: Float64Array, threshold: number): readonly number[] {
  const turns: number[] = []
  let low = 0
  let high = 0
  // 0 until the series has first moved by more than the threshold.
  let direction = 0
  for (let index = 1; index < values.length; index += 1) {
    const value = values[index] ?? 0
    if (direction === 0) {
      if (value < (values[low] ?? 0)) low = index
      if (value > (values[high] ?? 0)) high = index
    } else if (direction > 0 && value >= (values[high] ?? 0)) high = index
    else if (direction < 0 && value <= (values[low] ?? 0)) low = index
    if (direction >= 0 && (values[high] ?? 0) - value > threshold) {
      turns.push(high)
      low = index
      direction = -1
    } else if (direction <= 0 && value - (values[low] ?? 0) > threshold) {
      turns.push(low)
      high = index
      direction = 1
    }
  }
  if (direction !== 0) turns.push(direction > 0 ? high : low)
  return turns
}

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
