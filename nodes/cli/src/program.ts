import { Command, CommanderError } from 'commander'
import { addDevCommand } from './commands/dev.ts'
import { addNodeCommands } from './commands/node.ts'
import { addRecordsCommands } from './commands/records.ts'
import { addRegistryCommands } from './commands/registry.ts'
import { addResearchCommands } from './commands/research.ts'
import { addWalletCommands } from './commands/wallet.ts'
import { CliError } from './errors.ts'
import { EXIT, EXIT_HELP } from './exit-code.ts'
import { createOutput, errorAsJson } from './output.ts'

const isJsonAsked = process.argv.includes('--json')

function createProgram(): Command {
  const program = new Command('halo')
    .description('Health data that only its patient can open, held by a Halo of trusted peers.')
    .version('0.1.0')
    .showHelpAfterError('(add --help for what this command takes)')
    .addHelpText('after', `\n${EXIT_HELP}`)
  addDevCommand(program)
  addNodeCommands(program)
  addWalletCommands(program)
  addResearchCommands(program)
  addRegistryCommands(program)
  addRecordsCommands(program)
  return refuseByThrowing(program)
}

/** A script that asked for JSON gets it, also when it called wrongly. */
function reportUsage({ message }: CommanderError): void {
  const usage = new CliError('USAGE', message.replace(/^error: /, ''))
  createOutput({ isJson: true }).result(errorAsJson(usage), [])
}

/** Sub-commands do not take this over from their parent once they exist. */
function refuseByThrowing(command: Command): Command {
  command.exitOverride()
  if (isJsonAsked) command.configureOutput({ writeErr: () => undefined })
  for (const sub of command.commands) refuseByThrowing(sub)
  return command
}

try {
  await createProgram().parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? EXIT.OK : EXIT.USAGE
  if (error.exitCode !== 0 && isJsonAsked) reportUsage(error)
}
