import { plotStabilogram, plotStatokinesigram } from '@halo/measures'
import { SOURCE_KINDS, WINDOW_KINDS } from '@halo/records'
import type { Command } from 'commander'
import { run, withJson } from '../command.ts'
import type { AggregateFlags, VerifyFlags } from '../records/aggregate.ts'
import { aggregateFile, verifyDir } from '../records/aggregate.ts'
import type { ConvertFlags } from '../records/convert.ts'
import { convertFile } from '../records/convert.ts'
import type { DeidentifyFlags } from '../records/deidentify.ts'
import { deidentifyFile } from '../records/deidentify.ts'
import { measureAirFile } from '../records/measure-air.ts'
import { measureBalanceFile } from '../records/measure-balance.ts'
import type {
  AgpFlags,
  AirFlags,
  BalanceFlags,
  FhirFlags,
  GlucoseFlags,
  MeasureTremorFlags,
  PlotFlags,
  SwayFlags,
  TremorFlags,
} from '../records/measure-flags.ts'
import { measureGlucoseFile, plotAgpFile } from '../records/measure-glucose.ts'
import { measureTremorFile, plotTremorFile } from '../records/measure-tremor.ts'
import { plotSwayFile } from '../records/plot-sway.ts'
import { endQuietlyOnClosedPipe } from '../records/sink.ts'
import type { ValidateFlags } from '../records/validate.ts'
import { validateFile } from '../records/validate.ts'

/** `halo records …`: files on this machine; needs neither chain nor peers. */
export function addRecordsCommands(program: Command): void {
  const records = program
    .command('records')
    .description('turn exports of devices into FHIR R4, check, de-identify, measure and draw them')
    .hook('preAction', endQuietlyOnClosedPipe)
  withOut(withSource(records.command('convert'), ANY))
    .description('turn an export into FHIR R4, one resource a line')
    .argument('<file>', 'the export; - for standard input')
    .requiredOption('--from <kind>', `what the file is: ${SOURCE_KINDS.join(', ')}`)
    .action(run<ConvertFlags>(convertFile))
  withJson(records.command('validate'))
    .description('check FHIR R4 (JSON, Bundle or NDJSON) offline: structure, codes, rules and profiles')
    .argument('<file>', 'the resources; - for standard input')
    .option('--profile <url...>', 'profiles that every resource has to follow')
    .action(run<ValidateFlags>(validateFile))
  withOut(withJson(records.command('deidentify')))
    .description(
      'take away what identifies a person, by a list of what may leave; needs a file, as it is read twice',
    )
    .argument('<file>', 'FHIR (JSON, Bundle or NDJSON)')
    .requiredOption(
      '--profile <name>',
      'strict (years and distances in time) or shifted (dates moved by whole days)',
    )
    .requiredOption(
      '--secret-file <file>',
      'file with 32 secret bytes or more, mode 0600; keep it for the next export',
    )
    .option('--new-secret', 'make the secret file first; refused if it exists')
    .requiredOption('--recipient <name>', 'who gets the data; each recipient sees other pseudonyms')
    .option('--keep-weekday', 'with shifted: move by whole weeks')
    .option('--as-of <date>', 'day on which ages count (default: today)')
    .action(run<DeidentifyFlags>(deidentifyFile))
  addMeasures(records)
  addPlots(records)
  withJson(records.command('aggregate'))
    .description('cut resources into windows that prove that none is missing, repeated or altered')
    .argument('<file>', 'FHIR NDJSON, as convert writes it; - for standard input')
    .requiredOption('--window <kind>', WINDOW_KINDS.join(', '))
    .requiredOption('--out <dir>', 'a new directory for the windows')
    .option('--tz <zone>', 'time zone in whose local time windows begin (default: UTC)')
    .option('--keep-conflicts', 'keep two readings of one time that differ, instead of refusing them')
    .action(run<AggregateFlags>(aggregateFile))
  withJson(records.command('verify'))
    .description('check a directory of windows')
    .argument('<dir>', 'directory that aggregate wrote')
    .option('--head <hash>', 'hash of the last window’s header, from where you trust it')
    .action(run<VerifyFlags>(verifyDir))
}

function addMeasures(records: Command): void {
  const measure = records.command('measure').description('the numbers that clinicians and researchers use')
  withFhir(withSource(measure.command('glucose'), GLUCOSE))
    .description('figures of a glucose report, for each subject of the file')
    .argument('<file>', 'an export as CSV, or FHIR; - for standard input')
    .option(...LAST)
    .action(run<GlucoseFlags & FhirFlags>(measureGlucoseFile))
  withFhir(withSource(measure.command('tremor'), TREMOR))
    .description('frequency and amplitude, over all and minute by minute; experimental')
    .argument('<file>', 'a CSV recording of acceleration; - for standard input')
    .option(
      '--calibration <file>',
      'JSON with the patient’s alpha and beta, or a list of displacementCm and grade to fit them to',
    )
    .action(run<MeasureTremorFlags>(measureTremorFile))
  withSource(measure.command('air'), ['tz', 'names'])
    .description('indoor air of each room: means, gaps, WHO guideline values where the unit is known')
    .argument('<file>', 'a list of entries as paper 000’s sensors write it, or FHIR; - for standard input')
    .option('--units <pair...>', 'units that the file does not name, such as co2=ppm no2=ug/m3')
    .action(run<AirFlags>(measureAirFile))
  withFhir(withSway(withSource(measure.command('balance'), [...SWAY, 'start'])))
    .description('indices of quiet stance, of a force plate or a phone at the navel')
    .argument(
      '<file>',
      'a CSV recording of the centre of pressure or of acceleration, before --past; - for standard input',
    )
    .option(
      '--past <file...>',
      'earlier tests of the same person, done in the same way, to compare with; last on the line',
    )
    .option('--closed <file>', 'the same test with closed eyes, for the Romberg quotient')
    .action(run<BalanceFlags>(measureBalanceFile))
}

function addPlots(records: Command): void {
  const plot = records.command('plot').description('draw a file as SVG, with its figures as a table')
  withPicture(withSource(plot.command('agp'), GLUCOSE))
    .description('glucose by time of day, time in ranges, single days')
    .option(...LAST)
    .option('--subject <id>', 'whose, where the file is of several')
    .action(run<AgpFlags>(plotAgpFile))
  withPicture(withSway(withSource(plot.command('skg'), SWAY)))
    .description('statokinesigram: the path of the body seen from above')
    .action(run<SwayFlags & PlotFlags>(plotSwayFile(plotStatokinesigram)))
  withPicture(withSway(withSource(plot.command('stabilogram'), SWAY)))
    .description('sway to the side and forward over time')
    .action(run<SwayFlags & PlotFlags>(plotSwayFile(plotStabilogram)))
  withPicture(withSource(plot.command('tremor'), TREMOR))
    .description('amplitude and frequency of tremor over time')
    .action(run<TremorFlags & PlotFlags>(plotTremorFile))
}

const LAST = ['--last <days>', 'only the last days, up to that of the last reading (default: all)'] as const

function withPicture(command: Command): Command {
  return command
    .argument('<file>', 'as for measure')
    .requiredOption('--out <file>', 'the SVG to write')
    .option('--force', 'replace the file if it exists')
}

function withFhir(command: Command): Command {
  return command.option('--fhir', 'print FHIR Observations, one a line, instead of figures; not with --json')
}

function withSway(command: Command): Command {
  return command
    .option('--source <sensor>', 'force-plate, accelerometer or gravity (default: by the header)')
    .option('--height <m>', 'height of the person in metres, for a phone at the navel')
    .option('--eyes <state>', 'open or closed')
}

/** Options that say how to read a file where it does not say so itself, by what they settle. */
const SOURCE_OPTIONS = {
  tz: ['--tz <zone>', 'time zone of times without offset, such as Europe/Rome'],
  unit: ['--unit <unit>', 'unit of values whose file names none: mg/dL, mmol/L, g, m/s2, m, cm, mm'],
  glucoseUnit: ['--unit <unit>', 'unit of values whose file names none: mg/dL, mmol/L'],
  accelerationUnit: ['--unit <unit>', 'unit of acceleration whose file names none: g, m/s2'],
  swayUnit: ['--unit <unit>', 'unit of values whose file names none: m, cm, mm, or g, m/s2'],
  dateOrder: ['--date-order <order>', 'dmy or mdy, where dates can be read both ways'],
  hz: ['--hz <rate>', 'samples per second, where samples carry no times'],
  axes: ['--axes <order>', 'ml-ap or ap-ml, where columns are called x and y'],
  names: [
    '--names <file>',
    'people or rooms as the file names them, one a line, in the order of their numbers',
  ],
  start: ['--start <time>', 'when a recording began whose times count from its start'],
} as const

type SourceOption = keyof typeof SOURCE_OPTIONS

/** What each kind of file may leave open. */
const ANY: readonly SourceOption[] = ['tz', 'unit', 'dateOrder', 'hz', 'axes', 'start', 'names']
const GLUCOSE: readonly SourceOption[] = ['tz', 'glucoseUnit', 'dateOrder']
const TREMOR: readonly SourceOption[] = ['tz', 'accelerationUnit', 'hz', 'start']
const SWAY: readonly SourceOption[] = ['tz', 'swayUnit', 'hz', 'axes']

/** Adds `--json` and the options of a kind of file; others are refused. */
function withSource(command: Command, names: readonly SourceOption[]): Command {
  withJson(command)
  for (const name of names) {
    const [flags, description] = SOURCE_OPTIONS[name]
    command.option(flags, description)
  }
  return command
}

function withOut(command: Command): Command {
  return command
    .option('--out <file>', 'write here instead of to standard output')
    .option('--force', 'replace the file if it exists')
}
