import type { AirFigures, AirRecord, AirUnits, GuidelineFigures } from '@halo/measures'
import { checkAirUnits, measureAir } from '@halo/measures'
import type { AirObservation } from '@halo/records'
import { RecordsError } from '@halo/records'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import type { AirFlags } from './measure-flags.ts'
import type { NamedFigure } from './named-figure.ts'
import { linesOf } from './named-figure.ts'
import { readAirRooms } from './read-air.ts'
import type { Span } from './written-moment.ts'
import { showMoment } from './written-moment.ts'

/** `halo records measure air`: what was in the air of each room of a file. */
export async function measureAirFile(
  flags: AirFlags,
  output: Output,
  [path = '']: readonly string[],
): Promise<undefined> {
  const given = parseUnits(flags.units ?? [])
  const rooms = await readAirRooms(path, flags, output)
  const measured = [...rooms].map(([room, { observations, span }]) => {
    const units = unitsOf(observations, given)
    return [room, measureAir(observations.map(recordOf), { units }), showSpan(span, flags.tz)] as const
  })
  output.result(
    Object.fromEntries(measured.map(([room, figures]) => [room, figures])),
    measured.flatMap(([room, figures, span]) => [
      room,
      ...linesOf(airFigures(figures, span)).map((line) => `  ${line}`),
    ]),
  )
  return undefined
}

function recordOf({ timeMs, figures }: AirObservation): AirRecord {
  const values = Object.entries(figures).map(([quantity, figure]) => [quantity, figure.value] as const)
  return { timeMs, ...Object.fromEntries(values) }
}

/**
 * The units that the readings name, or else those given; of two for one quantity the figures could not be added up.
 * A unit is what the file says, whatever that is, so that no message repeats it.
 * @throws RecordsError `UNIT_UNKNOWN`; CliError `USAGE` where the given unit contradicts the file's
 */
function unitsOf(observations: readonly AirObservation[], given: AirUnits): AirUnits {
  const units = new Map<string, string>()
  for (const { figures } of observations)
    for (const [quantity, { unit }] of Object.entries(figures)) {
      if (unit === null) continue
      if (units.has(quantity) && units.get(quantity) !== unit)
        throw new RecordsError(
          'UNIT_UNKNOWN',
          `The file has ${quantity} in more than one unit. Split it by unit.`,
        )
      units.set(quantity, unit)
    }
  const known = Object.entries(given)
  for (const [quantity, unit] of units) {
    const wanted = known.find(([name]) => name === quantity)?.[1]
    if (!mayBeIn(quantity, unit)) {
      if (wanted === undefined) throw unknownUnit(quantity)
    } else if (wanted !== undefined && wanted !== unit)
      throw new CliError(
        'USAGE',
        `The unit given for ${quantity} contradicts the file. Leave it out of --units.`,
      )
  }
  return { ...Object.fromEntries(units), ...given } as AirUnits
}

function mayBeIn(quantity: string, unit: string): boolean {
  try {
    checkAirUnits({ [quantity]: unit } as AirUnits)
    return true
  } catch {
    return false
  }
}

function unknownUnit(quantity: string): RecordsError {
  return new RecordsError(
    'UNIT_UNKNOWN',
    `The file names a unit of ${quantity} in which it cannot be. Say which it is with --units ${quantity}=….`,
  )
}

/** How people write units, beside UCUM's codes; both letters that look like a micro. */
const UNIT_NAMES: Readonly<Record<string, string>> = {
  ppm: '[ppm]',
  ppb: '[ppb]',
  C: 'Cel',
  '°C': 'Cel',
  F: '[degF]',
  '°F': '[degF]',
  'ug/m³': 'ug/m3',
  '\u00b5g/m3': 'ug/m3',
  '\u00b5g/m³': 'ug/m3',
  '\u03bcg/m3': 'ug/m3',
  '\u03bcg/m³': 'ug/m3',
  'mg/m³': 'mg/m3',
}

/** @throws CliError `USAGE`; MeasuresError `OPTION_INVALID` for a unit that the quantity cannot be in */
function parseUnits(texts: readonly string[]): AirUnits {
  const pairs = texts.map((text) => {
    const [, quantity, unit] = /^([a-z0-9_]+)=(.+)$/.exec(text) ?? []
    if (quantity === undefined || unit === undefined)
      throw new CliError('USAGE', '--units takes pairs such as co2=ppm.')
    return [quantity, UNIT_NAMES[unit] ?? unit] as const
  })
  const units = Object.fromEntries(pairs) as AirUnits
  checkAirUnits(units)
  return units
}

function showSpan({ first, last }: Span, timeZone: string | undefined): string {
  return `from ${showMoment(first, timeZone)} to ${showMoment(last, timeZone)}`
}

function airFigures(figures: AirFigures, span: string): readonly NamedFigure[] {
  const { n, duplicates, gapCount } = figures
  return [
    ['records', `${n}, ${span}`],
    ...(duplicates === 0 ? [] : [['replaced by a later one of the same time', String(duplicates)] as const]),
    ['gaps', String(gapCount)],
    ...Object.entries(figures.quantities).map(([name, { mean, p95, max, unit, guideline }]) => {
      const over = guideline === null ? '' : describeGuideline(guideline)
      return [
        name,
        `mean ${mean.toPrecision(3)}, 95 % ${p95.toPrecision(3)}, most ${max.toPrecision(3)} ${unit ?? '(unit not named)'}${over}`,
      ] as const
    }),
  ]
}

function describeGuideline({
  averagingHours,
  guidelineUgM3,
  windows,
  windowsOver,
}: GuidelineFigures): string {
  const limit = `WHO 2021: ${guidelineUgM3} µg/m³ over ${averagingHours} h`
  if (windows === 0) return `; ${limit}, too few hours to compare`
  return `; ${limit}, above in ${windowsOver} of ${windows} hourly windows`
}
