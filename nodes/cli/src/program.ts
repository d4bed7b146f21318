import { Command, CommanderError } from 'commander'
import { addDevCommand } from './commands/dev.ts'
import { addNodeCommands } from './commands/node.ts'
import { addResearchCommands } from './commands/research.ts'
import { addWalletCommands } from './commands/wallet.ts'
import { EXIT, EXIT_HELP } from './exit-code.ts'

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
  return refuseByThrowing(program)
}

/** Sub-commands do not take this over from their parent once they exist. */
function refuseByThrowing(command: Command): Command {
  command.exitOverride()
  for (const sub of command.commands) refuseByThrowing(sub)
  return command
}

try {
  await createProgram().parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? EXIT.OK : EXIT.USAGE
}
