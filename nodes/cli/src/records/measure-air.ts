import type { AirFigures, AirRecord, AirUnits, GuidelineFigures } from '@halo/measures'
import { measureAir } from '@halo/measures'
import type { AirObservation } from '@halo/records'
import { convert, readAirObservation } from '@halo/records'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import { parseSourceFlags } from './convert.ts'
import { openInput } from './input.ts'
import type { AirFlags } from './measure-flags.ts'
import { lookAtStart } from './read-glucose.ts'
import { entriesOf, readResources } from './resource-lines.ts'
import { withProgress } from './validate.ts'

/** `halo records measure air`: what was in the air of each room of a file. */
export async function measureAirFile(
  flags: AirFlags,
  output: Output,
  [path = '']: readonly string[],
): Promise<undefined> {
  const given = parseUnits(flags.units ?? [])
  const rooms = new Map<string, AirObservation[]>()
  for await (const observation of readAir(path, flags, output)) {
    const known = rooms.get(observation.subject)
    if (known === undefined) rooms.set(observation.subject, [observation])
    else known.push(observation)
  }
  output.progressDone()
  if (rooms.size === 0) throw new CliError('USAGE', 'The file holds no figures of indoor air.')
  const measured = [...rooms].map(([room, observations]) => {
    const units = { ...unitsOf(observations), ...given }
    return [room, measureAir(observations.map(recordOf), { units })] as const
  })
  output.result(
    Object.fromEntries(measured),
    measured.flatMap(([room, figures]) => [room, ...describe(figures).map((line) => `  ${line}`)]),
  )
  return undefined
}

/** FHIR, or a list of entries as paper 000's sensors write it. */
async function* readAir(path: string, flags: AirFlags, output: Output): AsyncGenerator<AirObservation> {
  const input = await openInput(path, 'read', output)
  const { head, chunks } = await lookAtStart(input.chunks)
  const isList = /^\uFEFF?\s*\[/.test(head)
  const lines = isList
    ? bytesOf(
        convert('air-quality', chunks, {
          ...parseSourceFlags(flags),
          signal: input.signal,
          onProgress: input.onProgress,
        }),
      )
    : withProgress({ ...input, chunks })
  for await (const resource of readResources(lines))
    for (const entry of entriesOf(resource)) {
      const found = readAirObservation(entry)
      if (found !== null) yield found
    }
}

async function* bytesOf(pieces: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  for await (const piece of pieces) yield encoder.encode(piece)
}

function recordOf({ timeMs, figures }: AirObservation): AirRecord {
  const values = Object.entries(figures).map(([quantity, figure]) => [quantity, figure.value] as const)
  return { timeMs, ...Object.fromEntries(values) }
}

/** The units that the readings name; of two for one quantity the figures could not be added up. */
function unitsOf(observations: readonly AirObservation[]): AirUnits {
  const units = new Map<string, string>()
  for (const { figures } of observations)
    for (const [quantity, { unit }] of Object.entries(figures)) {
      if (unit === null) continue
      const known = units.get(quantity) ?? unit
      if (known !== unit)
        throw new CliError('USAGE', `The file has ${quantity} in ${known} and in ${unit}. Split it by unit.`)
      units.set(quantity, unit)
    }
  // Which units a quantity may have is checked by the measure.
  return Object.fromEntries(units) as AirUnits
}

function parseUnits(texts: readonly string[]): AirUnits {
  const pairs = texts.map((text) => {
    const [, quantity, unit] = /^([a-z0-9_]+)=(.+)$/.exec(text) ?? []
    if (quantity === undefined) throw new CliError('USAGE', '--units takes pairs such as co2=[ppm].')
    return [quantity, unit] as const
  })
  return Object.fromEntries(pairs) as AirUnits
}

function describe(figures: AirFigures): readonly string[] {
  const quantities = Object.entries(figures.quantities).map(([name, { mean, p95, max, unit, guideline }]) => {
    const over = guideline === null ? '' : describeGuideline(guideline)
    return `${name}: mean ${mean.toPrecision(3)}, 95 % ${p95.toPrecision(3)}, most ${max.toPrecision(3)} ${unit ?? '(unit not named)'}${over}`
  })
  return [
    `records: ${figures.n}, from ${new Date(figures.firstMs).toISOString()} to ${new Date(figures.lastMs).toISOString()}`,
    `gaps: ${figures.gapCount}`,
    ...quantities,
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
