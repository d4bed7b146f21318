import { MeasuresError } from '../errors.ts'
import type { ResearchSway, ScreeningSway } from './measure-sway.ts'
import { assertLikeConditions, assertLikeMethods } from './method.ts'
import type { Interval } from './screening-error.ts'

/** How much more a person sways with closed eyes; above 1 when sight steadies. */
export interface RombergQuotient {
  /** Of the 95 % prediction ellipses; null when sway with open eyes is too small to divide by. */
  readonly areaQuotient: number | null
}

/** Quotients of two recordings that are fine enough for every index. */
export interface ResearchRomberg extends RombergQuotient {
  readonly quality: 'research'
  /** Of the path per second, so that durations need not be equal; null as above. */
  readonly pathQuotient: number | null
}

/** The quotient of two screenings, which have no path to compare. */
export interface ScreeningRomberg extends RombergQuotient {
  readonly quality: 'screening'
  /** Null when sway with open eyes may be 0. */
  readonly areaInterval95: Interval | null
}

/** Below what any sensor here resolves: a quotient would be one of noise. */
const SMALLEST_AREA_CM2 = 0.01
const SMALLEST_VELOCITY_CM_PER_S = 0.01

/**
 * Romberg quotient, closed over open eyes.
 * @throws MeasuresError `METHODS_DIFFER` when the tests were not done and measured in one way, apart from
 * the eyes, or when the eyes are stated and are not open first, closed second
 */
export function rombergQuotient(eyesOpen: ResearchSway, eyesClosed: ResearchSway): ResearchRomberg
export function rombergQuotient(eyesOpen: ScreeningSway, eyesClosed: ScreeningSway): ScreeningRomberg
export function rombergQuotient(
  eyesOpen: ResearchSway | ScreeningSway,
  eyesClosed: ResearchSway | ScreeningSway,
): ResearchRomberg | ScreeningRomberg
export function rombergQuotient(
  eyesOpen: ResearchSway | ScreeningSway,
  eyesClosed: ResearchSway | ScreeningSway,
): ResearchRomberg | ScreeningRomberg {
  assertLikeMethods(eyesOpen, eyesClosed)
  assertLikeConditions(eyesOpen, eyesClosed, true)
  if (
    (eyesOpen.condition?.eyes ?? 'open') !== 'open' ||
    (eyesClosed.condition?.eyes ?? 'closed') !== 'closed'
  )
    throw new MeasuresError(
      'METHODS_DIFFER',
      'condition.eyes: give the test with open eyes first, then closed',
    )
  if (eyesOpen.quality === 'research' && eyesClosed.quality === 'research')
    return divideResearch(eyesOpen, eyesClosed)
  return divideScreening(eyesOpen as ScreeningSway, eyesClosed as ScreeningSway)
}

function divideResearch({ indices: open }: ResearchSway, { indices: closed }: ResearchSway): ResearchRomberg {
  const area = 'confidence_ellipse_area_ML_AND_AP'
  const velocity = 'mean_velocity_textbook_ML_AND_AP'
  return {
    quality: 'research',
    areaQuotient: divideGuarded(closed[area], open[area], SMALLEST_AREA_CM2),
    pathQuotient: divideGuarded(closed[velocity], open[velocity], SMALLEST_VELOCITY_CM_PER_S),
  }
}

function divideScreening(open: ScreeningSway, closed: ScreeningSway): ScreeningRomberg {
  const name = 'confidence_ellipse_area_ML_AND_AP'
  const [over, under] = [closed.intervals95[name], open.intervals95[name]]
  return {
    quality: 'screening',
    areaQuotient: divideGuarded(closed.indices[name], open.indices[name], SMALLEST_AREA_CM2),
    areaInterval95:
      under.lower < SMALLEST_AREA_CM2
        ? null
        : { lower: over.lower / under.upper, upper: over.upper / under.lower },
  }
}

function divideGuarded(over: number | null, under: number | null, smallest: number): number | null {
  return over === null || under === null || under < smallest ? null : over / under
}
