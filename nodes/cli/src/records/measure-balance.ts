import type { SwayTrend } from '@halo/measures'
import { compareSway, describeSwayMethod, rombergQuotient } from '@halo/measures'
import { buildStabilometry, canonicalJson, STABILOMETRY_INDICES } from '@halo/records'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-code.ts'
import type { Output } from '../output.ts'
import type { BalanceFlags } from './measure-flags.ts'
import { refuseFhirAndJson } from './measure-flags.ts'
import { linesOf } from './named-figure.ts'
import type { Eyes } from './read-sway.ts'
import { measureSwayOf, parseEyes, refuseUnusable } from './read-sway.ts'
import { writeOut } from './sink.ts'
import type { UsableSway } from './sway-figures.ts'
import { describeRomberg, describeTrend, swayFigures } from './sway-figures.ts'

/** `halo records measure balance`: the indices of one quiet stance, or of two with their Romberg quotient. */
export async function measureBalanceFile(
  flags: BalanceFlags,
  output: Output,
  [path = '']: readonly string[],
): Promise<number> {
  refuseFhirAndJson(flags)
  if (flags.fhir === true && flags.past !== undefined)
    throw new CliError('USAGE', 'What --past compares has no form in FHIR. Leave out --fhir or --past.')
  const eyes = parseEyes(flags.eyes ?? (flags.closed === undefined ? undefined : 'open'))
  const { sway, start } = await measureSwayOf(path, eyes, flags, output)
  const second =
    flags.closed === undefined ? null : await measureSwayOf(flags.closed, 'closed', flags, output)
  const closed = second?.sway ?? null
  if (sway.quality === 'unusable') return refuseUnusable(sway, output)
  if (closed?.quality === 'unusable') return refuseUnusable(closed, output)
  if (flags.fhir === true) {
    const lines = [resourceLine(sway, start ?? flags.start)]
    if (closed !== null) lines.push(resourceLine(closed, second?.start ?? flags.start))
    await writeOut(undefined, lines)
    return EXIT.OK
  }
  const romberg = closed === null ? null : rombergQuotient(sway, closed)
  const trend = flags.past === undefined ? null : await compare(sway, flags.past, eyes, flags, output)
  const value = {
    ...figuresOf(sway),
    ...(closed === null ? {} : { closed: figuresOf(closed), romberg }),
    ...(trend === null ? {} : { trend }),
  }
  output.result(value, [
    ...linesOf(swayFigures(sway)),
    ...(trend === null ? [] : ['', ...describeTrend(trend)]),
    ...(closed === null ? [] : ['', 'With closed eyes:', ...linesOf(swayFigures(closed))]),
    ...(romberg === null ? [] : ['', `Romberg quotient: ${describeRomberg(romberg)}`]),
  ])
  return EXIT.OK
}

/** How a test stands against the same person's earlier ones. */
async function compare(
  sway: UsableSway,
  paths: readonly string[],
  eyes: Eyes,
  flags: BalanceFlags,
  output: Output,
): Promise<SwayTrend> {
  const past: UsableSway[] = []
  for (const path of paths) {
    const { sway: earlier } = await measureSwayOf(path, eyes, flags, output)
    if (earlier.quality === 'unusable') output.note(`${path} says nothing about sway and was left out.`)
    else past.push(earlier)
  }
  return compareSway(sway, past)
}

/** Indices at the top, as the field's programs name them; the drawing stays out of figures. */
function figuresOf({ indices, statokinesigram, stabilogram: _drawn, ...rest }: UsableSway): object {
  return { ...indices, ...rest, ellipse: statokinesigram.ellipse }
}

function resourceLine(sway: UsableSway, start: string | undefined): string {
  if (sway.condition === null)
    throw new CliError('USAGE', 'Say how the person stood: --eyes open or --eyes closed.')
  if (start === undefined)
    throw new CliError('USAGE', 'Say when the test was done: --start 2026-01-31T08:05:00+01:00.')
  const known = Object.entries(sway.indices).filter(
    (entry): entry is [string, number] => entry[1] !== null && Object.hasOwn(STABILOMETRY_INDICES, entry[0]),
  )
  const resource = buildStabilometry(
    {
      eyes: sway.condition.eyes,
      indices: Object.fromEntries(known),
      errors: sway.quality === 'screening' ? sway.errors : undefined,
      method: describeSwayMethod(sway.method),
      quality: sway.quality,
      durationSec: sway.method.durationSec,
      rateHz: sway.method.rateHz,
    },
    { subject: 'Patient/subject-1', effective: start },
  )
  return `${canonicalJson(resource)}\n`
}
