import { SOURCE_KINDS, WINDOW_KINDS } from '@halo/records'
import type { Command } from 'commander'
import { run, withJson } from '../command.ts'
import type { AggregateFlags, VerifyFlags } from '../records/aggregate.ts'
import { aggregateFile, verifyDir } from '../records/aggregate.ts'
import type { ConvertFlags } from '../records/convert.ts'
import { convertFile } from '../records/convert.ts'
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

/** Adds the options that say how to read a file where it does not say so itself. */
function withSource(command: Command): Command {
  return command
    .option('--tz <zone>', 'time zone of times without offset, such as Europe/Rome')
    .option('--unit <unit>', 'unit of values whose file names none: mg/dL, mmol/L, g, m/s2, cm, mm')
    .option('--date-order <order>', 'dmy or mdy, where dates can be read both ways')
    .option('--hz <rate>', 'samples per second, where samples carry no times')
    .option('--start <time>', 'when a recording began whose times count from its start')
}

function withOut(command: Command): Command {
  return command
    .option('--out <file>', 'write here instead of to standard output')
    .option('--force', 'replace the file if it exists')
}
