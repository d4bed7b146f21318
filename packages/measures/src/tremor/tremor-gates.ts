/**
 * Why a minute or a recording shows no tremor, the first that applies:
 * - `coverage`: less than 80 % of the minute was recorded, or never 4 s without a gap.
 * - `amplitude`: what oscillates is below 0.03 m/s²; it was judged, there was no tremor.
 * - `edge`: the greatest power is at 4 or 12 Hz and belongs to something beyond.
 * - `band-fraction`: less than half of the power is in the band of tremor: a movement, such as walking.
 * - `concentration`: less than 60 % of the band's power is at one frequency: noise, or no regular oscillation.
 */
export type TremorReason = 'coverage' | 'amplitude' | 'edge' | 'band-fraction' | 'concentration'

/** `none`: judged, no tremor; `unknown`: could not be judged, which is not the same. */
export type TremorStatus = 'tremor' | 'none' | 'unknown'

/** What the gates look at. */
interface Judged {
  /** Within 1 Hz of the peak. */
  readonly accelerationMps2: number
  readonly isAtEdge: boolean
  readonly bandFraction: number
  readonly concentration: number
}

/** A few times the noise of a watch's sensor. */
const LOWEST_ACCELERATION_MPS2 = 0.03
/** By simulation: walking has 0.41, reaching out 0.07. */
const LOWEST_BAND_FRACTION = 0.5
/** By simulation: white noise has 0.29. */
const LOWEST_CONCENTRATION = 0.6

/** The first gate that is not passed; null for a tremor. */
export function findReason(found: Judged): TremorReason | null {
  if (found.accelerationMps2 < LOWEST_ACCELERATION_MPS2) return 'amplitude'
  if (found.isAtEdge) return 'edge'
  if (found.bandFraction < LOWEST_BAND_FRACTION) return 'band-fraction'
  if (found.concentration < LOWEST_CONCENTRATION) return 'concentration'
  return null
}

/** What follows from the reason: too little oscillation is an answer, the others are none. */
export function statusOf(reason: TremorReason | null): TremorStatus {
  if (reason === null) return 'tremor'
  return reason === 'amplitude' ? 'none' : 'unknown'
}
