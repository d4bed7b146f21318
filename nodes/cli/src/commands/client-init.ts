import { openLedger } from '@halo/chain'
import type { Secrets } from '@halo/node'
import {
  assertUnused,
  createPassphrase,
  openDataDir,
  readNetworkFile,
  readPassphrase,
  saveClientConfig,
  writeKeystore,
} from '@halo/node'
import { CliError } from '../errors.ts'
import { chooseNewPassphrase, passphraseFileOf } from '../passphrase.ts'

/** What a wallet or a researcher's client is set up with. */
export interface ClientSetup {
  readonly dataDir: string
  readonly chainUrl: string
  readonly network: string
  readonly passphraseFile: string | undefined
}

/** Whether a passphrase was made and left in the data directory. */
export type PassphraseOrigin = 'given' | 'made'

/**
 * Sets a client's data directory up, after checking that the chain is the one the network file means.
 * @throws NodeError `DATA_DIR_USED`; ChainError
 */
export async function initClient(setup: ClientSetup, secrets: Secrets): Promise<PassphraseOrigin> {
  const { dataDir, chainUrl } = setup
  if (!/^https?:$/.test(URL.parse(chainUrl)?.protocol ?? ''))
    throw new CliError('USAGE', '--chain-url takes an address such as http://127.0.0.1:8545.')
  const deployment = await readNetworkFile(setup.network)
  await using _reachable = await openLedger({ rpcUrl: chainUrl, deployment })
  await assertUnused(dataDir)
  const given = await givenPassphrase(dataDir, setup.passphraseFile)
  await openDataDir(dataDir)
  const passphrase = given ?? (await createPassphrase(dataDir))
  await saveClientConfig(dataDir, { chainUrl, deployment })
  await writeKeystore(dataDir, passphrase, secrets)
  return given === null ? 'made' : 'given'
}

/** Everything that can fail is asked for before the directory is made; null when nobody gives a passphrase. */
async function givenPassphrase(dataDir: string, file: string | undefined): Promise<string | null> {
  const named = passphraseFileOf(file)
  if (named !== undefined) return readPassphrase(dataDir, named)
  return process.stdin.isTTY === true ? chooseNewPassphrase() : null
}

/** What to tell the user about a passphrase that was made for them. */
export function passphraseNotes(origin: PassphraseOrigin): readonly string[] {
  return origin === 'made' ? ['Its passphrase is in the file "passphrase" there; keep a copy elsewhere.'] : []
}
