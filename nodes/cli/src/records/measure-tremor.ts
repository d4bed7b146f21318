import type { TremorCalibration, TremorFigures, TremorMinute } from '@halo/measures'
import {
  describeTremorMethod,
  measureTremor,
  plotTremorTimeline,
  summariseTremor,
  tremorByMinute,
} from '@halo/measures'
import { buildTremorMinute, buildTremorSummary, canonicalJson } from '@halo/records'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import { formatCount } from '../output.ts'
import type { MeasureTremorFlags, PlotFlags, TremorFlags } from './measure-flags.ts'
import { refuseFhirAndJson, refuseOtherPicture } from './measure-flags.ts'
import type { NamedFigure } from './named-figure.ts'
import { linesOf } from './named-figure.ts'
import { accelerationOf, readAccelerationFile } from './read-acceleration.ts'
import { readCalibration } from './read-calibration.ts'
import { writeOut } from './sink.ts'

/** `halo records measure tremor`: a whole recording, and each of its minutes. */
export async function measureTremorFile(
  flags: MeasureTremorFlags,
  output: Output,
  [path = '']: readonly string[],
): Promise<undefined> {
  refuseFhirAndJson(flags)
  const calibration = flags.calibration === undefined ? undefined : await readCalibration(flags.calibration)
  const motion = await readAccelerationFile(path, flags, output)
  const acceleration = accelerationOf(motion)
  const figures = measureTremor(acceleration)
  const minutes = [...tremorByMinute(acceleration, { calibration })]
  const summary = summariseTremor(minutes)
  const method = describeTremorMethod(calibration)
  if (flags.fhir === true)
    return writeOut(undefined, resourceLines(minutes, summary, method, motion.start ?? flags.start))
  output.result({ ...figures, summary, minutes, calibration: calibration ?? null, method }, [
    ...linesOf([...tremorFigures(figures, minutes), ...gradeFigures(minutes, calibration)]),
    'Experimental, not a diagnosis.',
  ])
  return undefined
}

/** Of the minutes with tremor where there are any: the rest of a recording says nothing of it. */
function tremorFigures(figures: TremorFigures, minutes: readonly TremorMinute[]): readonly NamedFigure[] {
  const { status, reason, interpolated_peak_hz, corrected_disp_pp_cm, band_fraction } = figures
  const judged = minutes.filter((minute) => minute.status !== 'unknown')
  const trembling = minutes.filter((minute) => minute.status === 'tremor')
  const frequencyHz = medianOf(trembling.map((minute) => minute.frequencyHz))
  const amplitudeCm = medianOf(trembling.map((minute) => minute.displacementCm))
  const ofMinutes = trembling.length === 0 ? '' : ', median of the minutes with tremor'
  return [
    ['status', `${status}${reason === null ? '' : ` (${reason})`}`],
    ['frequency', `${(frequencyHz ?? interpolated_peak_hz).toFixed(2)} Hz${ofMinutes}`],
    ['amplitude', `${(amplitudeCm ?? corrected_disp_pp_cm).toPrecision(3)} cm peak to peak${ofMinutes}`],
    ['share of power from 4 to 12 Hz', `${(100 * band_fraction).toFixed(1)} %`],
    ['minutes with tremor', describeMinutes(trembling.length, judged.length, minutes)],
  ]
}

/** A grade that rests on no report of the patient's own is left to `--json`, beside the method that says so. */
function gradeFigures(
  minutes: readonly TremorMinute[],
  calibration: TremorCalibration | undefined,
): readonly NamedFigure[] {
  const grade = medianOf(minutes.map((minute) => minute.grade))
  if (calibration === undefined || grade === null) return []
  return [['grade', `${grade} of 4, median of the minutes with tremor, by the patient's calibration`]]
}

function describeMinutes(trembling: number, judged: number, minutes: readonly TremorMinute[]): string {
  if (judged > 0) return `${trembling} of ${judged} that could be judged`
  const isShort = minutes.length === 1 && minutes[0]?.reason === 'coverage'
  return isShort ? 'the recording is too short for minutes' : 'none could be judged'
}

function medianOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).toSorted((one, other) => one - other)
  const [low, high] = [known[(known.length - 1) >> 1], known[known.length >> 1]]
  return low === undefined || high === undefined ? null : (low + high) / 2
}

/** `halo records plot tremor`: amplitude and frequency over time. */
export async function plotTremorFile(
  flags: TremorFlags & PlotFlags,
  output: Output,
  [path = '']: readonly string[],
): Promise<undefined> {
  refuseOtherPicture(flags)
  const motion = await readAccelerationFile(path, flags, output)
  const minutes = [...tremorByMinute(accelerationOf(motion))]
  const drawn = minutes.map(({ minute, frequencyHz, displacementCm, reason }) => ({
    minute,
    frequencyHz,
    amplitudeCm: displacementCm,
    reason,
  }))
  await writeOut(flags.out, [plotTremorTimeline(motion.start ?? flags.start ?? 'recording', drawn)], {
    force: flags.force === true,
  })
  output.result({ out: flags.out, minutes: minutes.length }, [])
  output.note(`${flags.out}: ${formatCount(minutes.length, 'minute')}.`)
  return undefined
}

function resourceLines(
  minutes: readonly TremorMinute[],
  summary: ReturnType<typeof summariseTremor>,
  method: string,
  start: string | undefined,
): readonly string[] {
  if (start === undefined)
    throw new CliError('USAGE', 'Say when the recording began: --start 2026-01-31T08:05:00+01:00.')
  const startMs = Date.parse(start)
  if (Number.isNaN(startMs))
    throw new CliError('USAGE', '--start takes a time such as 2026-01-31T08:05:00+01:00.')
  const subject = 'Patient/subject-1'
  const at = (minute: number): string => new Date(startMs + minute * 60_000).toISOString()
  const resources = minutes.map((minute) =>
    buildTremorMinute(minute, method, {
      subject,
      effective: { start: at(minute.minute), end: at(minute.minute + 1) },
    }),
  )
  const { validMinutes, occurrence, frequencyHz, displacementP90Cm } = summary
  const last = minutes.at(-1)?.minute ?? 0
  if (occurrence !== null)
    resources.push(
      buildTremorSummary(
        {
          validMinutes,
          occurrence,
          frequencyHz: frequencyHz ?? undefined,
          displacementP90Cm: displacementP90Cm ?? undefined,
        },
        method,
        { subject, effective: { start: at(0), end: at(last + 1) } },
      ),
    )
  return resources.map((resource) => `${canonicalJson(resource)}\n`)
}
