import { Command, CommanderError } from 'commander'
import { CliError } from './errors.ts'
import { EXIT, EXIT_HELP } from './exit-code.ts'
import { createOutput, errorAsJson } from './output.ts'
import { startWhereCalled } from './start-dir.ts'
import { VERSION } from './version.ts'

const isJsonAsked = process.argv.includes('--json')

/** What each first word loads: chain and peers take a second to load, which `halo records` need not wait for. */
const GROUPS: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  dev: async () => (await import('./commands/dev.ts')).addDevCommand,
  node: async () => (await import('./commands/node.ts')).addNodeCommands,
  wallet: async () => (await import('./commands/wallet.ts')).addWalletCommands,
  research: async () => (await import('./commands/research.ts')).addResearchCommands,
  registry: async () => (await import('./commands/registry.ts')).addRegistryCommands,
  proof: async () => (await import('./commands/proof.ts')).addProofCommands,
  records: async () => (await import('./commands/records.ts')).addRecordsCommands,
}

async function createProgram(): Promise<Command> {
  const program = new Command('halo')
    .description('Health data that only its patient can open, held by a Halo of trusted peers.')
    .version(VERSION)
    .showHelpAfterError('(add --help for what this command takes)')
    .addHelpText('after', `\n${EXIT_HELP}`)
    .hook('preAction', startWhereCalled)
  const first = process.argv[2] ?? ''
  const wanted = Object.hasOwn(GROUPS, first) ? [GROUPS[first]] : Object.values(GROUPS)
  for (const load of wanted) (await load?.())?.(program)
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
  await (await createProgram()).parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? EXIT.OK : EXIT.USAGE
  if (error.exitCode !== 0 && isJsonAsked) reportUsage(error)
}
