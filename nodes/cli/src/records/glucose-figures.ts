import type { GlucoseMeasures } from '@halo/measures'
import { formatCount } from '../output.ts'
import type { NamedFigure } from './named-figure.ts'
import type { SubjectReadings } from './read-glucose.ts'

/** Consensus asks for this many days. @see https://doi.org/10.2337/dci19-0028 (Battelino 2019) */
const ADVISED_DAYS = 14
/** Readings further apart than sensors store them are samples by hand: no sensor was active between them. */
const LONGEST_SENSOR_INTERVAL_MIN = 15
/** Molar mass of glucose, 180.156 g/mol. */
const MG_DL_PER_MMOL_L = 18.0156

/** As reports write them; readings in mmol/L are classified by mg/dL. */
const BAND_NAMES = {
  'mg/dL': {
    veryLow: 'below 54 mg/dL',
    low: '54–69 mg/dL',
    inRange: '70–180 mg/dL',
    high: '181–250 mg/dL',
    veryHigh: 'above 250 mg/dL',
  },
  'mmol/L': {
    veryLow: 'below 3.0 mmol/L',
    low: '3.0–3.8 mmol/L',
    inRange: '3.9–10.0 mmol/L',
    high: '10.1–13.9 mmol/L',
    veryHigh: 'above 13.9 mmol/L',
  },
} as const

/** What a report shows, in the unit of the readings and by their clock. */
export function glucoseFigures(
  figures: GlucoseMeasures,
  { unit, firstTime, lastTime, days }: Pick<SubjectReadings, 'unit' | 'firstTime' | 'lastTime' | 'days'>,
): readonly NamedFigure[] {
  const { bands } = figures
  const names = BAND_NAMES[unit]
  const amount = (mgDl: number | null): string => showAmount(mgDl, unit)
  return [
    ['readings', String(figures.n)],
    ...countsOf(figures),
    ['from', `${firstTime} to ${lastTime}`],
    ['coverage', describeDays(days)],
    ...activeOf(figures),
    ['mean', amount(figures.mean)],
    ['GMI', percent(figures.gmi)],
    ['CV', percent(figures.cv)],
    [names.veryLow, percent(bands.veryLow)],
    [names.low, percent(bands.low)],
    [names.inRange, percent(bands.inRange)],
    [names.high, percent(bands.high)],
    [names.veryHigh, percent(bands.veryHigh)],
    ['GRI', figures.GRI.toFixed(1)],
    ['LBGI / HBGI', `${figures.LBGI.toFixed(2)} / ${figures.HBGI.toFixed(2)}`],
    ['MAGE', amount(figures.MAGE)],
    ['MODD', amount(figures.MODD)],
  ]
}

function describeDays(days: number): string {
  const text = `${formatCount(days, 'day')} with readings`
  return days < ADVISED_DAYS ? `${text}; ${ADVISED_DAYS} are advised` : text
}

function activeOf({ median_interval_min, active_percent_iglu }: GlucoseMeasures): readonly NamedFigure[] {
  const isSensor = median_interval_min !== null && median_interval_min <= LONGEST_SENSOR_INTERVAL_MIN
  return isSensor ? [['sensor active', percent(active_percent_iglu)]] : []
}

/** Readings that were settled by a rule before anything was counted. */
function countsOf({ duplicates, conflicts }: GlucoseMeasures): readonly NamedFigure[] {
  const counts = [
    ['readings that repeat another, taken once', duplicates],
    ['instants with readings that differ, averaged', conflicts],
  ] as const
  return counts.filter(([, count]) => count > 0).map(([name, count]) => [name, String(count)])
}

function percent(value: number | null): string {
  return value === null ? 'not known' : `${value.toFixed(1)} %`
}

function showAmount(mgDl: number | null, unit: SubjectReadings['unit']): string {
  if (mgDl === null) return 'not known'
  return unit === 'mg/dL' ? `${mgDl.toFixed(1)} mg/dL` : `${(mgDl / MG_DL_PER_MMOL_L).toFixed(1)} mmol/L`
}
