import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { NodeError, readPassphrase } from '@halo/node'
import { CliError } from './errors.ts'

/** The file that holds the passphrase, as the option or else the environment names it. */
export function passphraseFileOf(option: string | undefined): string | undefined {
  return option ?? process.env['HALO_PASSPHRASE_FILE']
}

/** The passphrase of an existing keystore: from a file, the data directory, or asked for on a terminal. */
export async function obtainPassphrase(dataDir: string, file: string | undefined): Promise<string> {
  const named = passphraseFileOf(file)
  try {
    return await readPassphrase(dataDir, named)
  } catch (error) {
    const isMissing = error instanceof NodeError && error.code === 'PASSPHRASE_MISSING'
    if (!isMissing || named !== undefined || process.stdin.isTTY !== true) throw error
    return askHidden('Passphrase: ')
  }
}

/** A new passphrase, asked for twice. @throws CliError `USAGE` when the two differ or it is short */
export async function chooseNewPassphrase(): Promise<string> {
  const first = await askHidden('New passphrase (10 characters or more): ')
  if (first.length < 10)
    throw new CliError('USAGE', 'The passphrase needs 10 characters or more. Nothing was written.')
  if (first !== (await askHidden('Once more: ')))
    throw new CliError('USAGE', 'The two passphrases differ. Nothing was written.')
  return first
}

async function askHidden(question: string): Promise<string> {
  process.stderr.write(question)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await lines.question('')
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}
