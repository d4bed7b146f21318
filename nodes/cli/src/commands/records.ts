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
import { measureBalanceFile, plotSwayFile } from '../records/measure-balance.ts'
import type { AirFlags, MeasureFlags, PlotFlags, SwayFlags } from '../records/measure-flags.ts'
import { measureGlucoseFile, plotAgpFile } from '../records/measure-glucose.ts'
import { measureTremorFile, plotTremorFile } from '../records/measure-tremor.ts'
import { endQuietlyOnClosedPipe } from '../records/sink.ts'
import type { ValidateFlags } from '../records/validate.ts'
import { validateFile } from '../records/validate.ts'

/** `halo records …`: files on this machine; needs neither chain nor peers. */
export function addRecordsCommands(program: Command): void {
  const records = program
    .command('records')
    .description('turn exports of devices into FHIR R4, check, de-identify, measure and draw them')
    .hook('preAction', endQuietlyOnClosedPipe)
  withSource(withOut(withJson(records.command('convert'))))
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
  const kinds = [
    ['glucose', 'figures of a glucose report, for each subject of the file', measureGlucoseFile],
    ['tremor', 'frequency and amplitude, over all and minute by minute; experimental', measureTremorFile],
  ] as const
  for (const [name, description, act] of kinds)
    withSource(withJson(measure.command(name)))
      .description(description)
      .argument('<file>', 'an export; glucose also as FHIR')
      .option('--fhir', 'print FHIR Observations instead of figures')
      .action(run<MeasureFlags>(act))
  withJson(measure.command('air'))
    .description('indoor air of each room: means, gaps, WHO guideline values where the unit is known')
    .argument('<file>', 'a list of entries as paper 000’s sensors write it, or FHIR')
    .option('--tz <zone>', 'time zone of times without offset, such as Europe/Rome')
    .option('--units <pair...>', 'units that the file does not name, such as co2=[ppm] no2=ug/m3')
    .action(run<AirFlags>(measureAirFile))
  withSway(withSource(withJson(measure.command('balance'))))
    .description('indices of quiet stance, of a force plate or a phone at the navel')
    .argument('<file>', 'centre of pressure or acceleration as CSV')
    .option('--past <file...>', 'earlier tests of the same person, done in the same way, to compare with')
    .option('--closed <file>', 'the same test with closed eyes, for the Romberg quotient')
    .option('--fhir', 'print FHIR Observations instead of figures')
    .action(run<SwayFlags>(measureBalanceFile))
}

function addPlots(records: Command): void {
  const plot = records.command('plot').description('draw a file as SVG, with its figures as a table')
  const kinds = [
    ['agp', 'glucose by time of day, time in ranges, single days', plotAgpFile],
    ['skg', 'statokinesigram: the path of the body seen from above', plotSwayFile(plotStatokinesigram)],
    ['stabilogram', 'sway to the side and forward over time', plotSwayFile(plotStabilogram)],
    ['tremor', 'amplitude and frequency of tremor over time', plotTremorFile],
  ] as const
  for (const [name, description, act] of kinds) {
    const command = withSource(withJson(plot.command(name)))
      .description(description)
      .argument('<file>', 'as for measure')
      .requiredOption('--out <file>', 'the SVG to write')
      .option('--force', 'replace the file if it exists')
    if (name === 'agp') command.option('--subject <id>', 'whose, where the file is of several')
    if (name === 'skg' || name === 'stabilogram') withSway(command)
    command.action(run<PlotFlags>(act))
  }
}

function withSway(command: Command): Command {
  return command
    .option('--source <sensor>', 'force-plate, accelerometer or gravity (default: by the header)')
    .option('--height <m>', 'height of the person in metres, for a phone at the navel')
    .option('--eyes <state>', 'open or closed')
}

/** Adds the options that say how to read a file where it does not say so itself. */
function withSource(command: Command): Command {
  return command
    .option('--tz <zone>', 'time zone of times without offset, such as Europe/Rome')
    .option('--unit <unit>', 'unit of values whose file names none: mg/dL, mmol/L, g, m/s2, cm, mm')
    .option('--date-order <order>', 'dmy or mdy, where dates can be read both ways')
    .option('--hz <rate>', 'samples per second, where samples carry no times')
    .option('--axes <order>', 'ml-ap or ap-ml, where columns are called x and y')
    .option('--start <time>', 'when a recording began whose times count from its start')
}

function withOut(command: Command): Command {
  return command
    .option('--out <file>', 'write here instead of to standard output')
    .option('--force', 'replace the file if it exists')
}
