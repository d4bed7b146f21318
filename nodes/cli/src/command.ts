import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { exitCodeOf } from './exit-code.ts'
import type { Output } from './output.ts'
import { createOutput, errorAsJson } from './output.ts'
import { renderOptions } from './shell-words.ts'

/** What every command can be given. */
export interface CommonOptions {
  readonly json?: boolean
  readonly data?: string
  readonly passphraseFile?: string
}

/** Adds `--json`. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print one JSON object on standard output and nothing else')
}

/** Adds `--data` and `--passphrase-file` for a role. */
export function withDataDir(command: Command, role: 'node' | 'wallet' | 'research'): Command {
  return withJson(command)
    .option('--data <dir>', `data directory (default: ${role} below $HALO_HOME, or below ~/.halo)`)
    .option(
      '--passphrase-file <file>',
      'file that holds the passphrase, mode 0600 (default: $HALO_PASSPHRASE_FILE, or "passphrase" in the data directory; asked for on a terminal)',
    )
}

/** The data directory that a command's options mean. */
export function dataDirOf(options: CommonOptions, role: 'node' | 'wallet' | 'research'): string {
  const home = process.env['HALO_HOME'] ?? join(homedir(), '.halo')
  return resolve(options.data ?? join(home, role))
}

/** The options that a command printed for the same data directory has to repeat, to be pasted after it. */
export function renderDataOptions({ data, passphraseFile }: CommonOptions): string {
  return renderOptions({ '--data': data, '--passphrase-file': passphraseFile })
}

/**
 * Runs a command: prints errors as one clear message without a stack trace, and sets the exit code.
 * With HALO_DEBUG=1 the stack follows, for reports.
 */
export function run<Options extends CommonOptions>(
  act: (options: Options, output: Output, args: readonly string[]) => Promise<number | undefined>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command
    const options = command.opts<Options>()
    const output = createOutput({ isJson: options.json === true })
    try {
      process.exitCode = (await act(options, output, command.args)) ?? 0
    } catch (error) {
      reportError(error, output)
      process.exitCode = exitCodeOf(error)
    }
  }
}

function reportError(error: unknown, output: Output): void {
  output.progressDone()
  const { error: reported } = errorAsJson(error) as { readonly error: Readonly<Record<string, unknown>> }
  if (output.isJson) output.result({ ok: false, error: reported }, [])
  else process.stderr.write(`halo: ${String(reported['message'])} (${codeText(reported)})\n`)
  if (process.env['HALO_DEBUG'] === '1') process.stderr.write(`${(error as Error | null)?.stack ?? ''}\n`)
}

function codeText({ code, reason }: Readonly<Record<string, unknown>>): string {
  return code === 'REFUSED' ? String(reason) : String(code)
}
