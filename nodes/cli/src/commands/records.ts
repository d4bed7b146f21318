import { SOURCE_KINDS } from '@halo/records'
import type { Command } from 'commander'
import { run, withJson } from '../command.ts'
import type { ConvertFlags } from '../records/convert.ts'
import { convertFile } from '../records/convert.ts'
import { endQuietlyOnClosedPipe } from '../records/sink.ts'

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
