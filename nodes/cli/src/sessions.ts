import { join } from 'node:path'
import type { ChainLedger } from '@halo/chain'
import { openLedger, openWriter } from '@halo/chain'
import { bytesOf, type Hex } from '@halo/consent'
import type { Secrets } from '@halo/node'
import {
  loadClientConfig,
  lockDataDir,
  NodeError,
  openDataDir,
  openSqliteStore,
  readKeystore,
  silentLog,
} from '@halo/node'
import { openPeerLink, verifyReceipt } from '@halo/peers'
import { systemClock } from '@halo/ports'
import type { Research } from '@halo/research'
import { openResearch } from '@halo/research'
import { createWasmEngine } from '@halo/vault'
import type { Wallet } from '@halo/wallet'
import { encryptStore, openKeyring, openWallet } from '@halo/wallet'
import { Wallet as Signer } from 'ethers'

/** An open wallet with its chain connection. */
export interface WalletSession extends AsyncDisposable {
  readonly wallet: Wallet
  readonly ledger: ChainLedger
}

/** Opens the wallet in a data directory for this process alone. */
export async function openWalletSession(dataDir: string, passphrase: string): Promise<WalletSession> {
  await using opening = new AsyncDisposableStack()
  const config = await loadClientConfig(dataDir)
  const secrets = await readKeystore(dataDir, passphrase)
  await openDataDir(dataDir)
  opening.use(await lockDataDir(dataDir))
  const ledger = opening.use(await openLedger({ rpcUrl: config.chainUrl, deployment: config.deployment }))
  const inner = opening.use(openSqliteStore(join(dataDir, 'wallet.sqlite')))
  const wallet = openWallet({
    keyring: openKeyring(secretOf(secrets, 'mnemonic', dataDir)),
    store: await encryptStore(inner, bytesOf((secrets['storeKey'] ?? '0x') as Hex)),
    ledger,
    openLink: () => openPeerLink({ log: silentLog }),
    verifyReceipt,
    erasure: await createWasmEngine(),
    clock: systemClock,
  })
  const session = opening.move()
  return { wallet, ledger, [Symbol.asyncDispose]: () => session.disposeAsync() }
}

/** A researcher's open client with its chain connection. */
export interface ResearchSession extends AsyncDisposable {
  readonly research: Research
  readonly ledger: ChainLedger
  readonly account: string
}

/** Opens the researcher's client in a data directory for this process alone. */
export async function openResearchSession(dataDir: string, passphrase: string): Promise<ResearchSession> {
  await using opening = new AsyncDisposableStack()
  const config = await loadClientConfig(dataDir)
  const secrets = await readKeystore(dataDir, passphrase)
  await openDataDir(dataDir)
  opening.use(await lockDataDir(dataDir))
  const ledger = opening.use(await openLedger({ rpcUrl: config.chainUrl, deployment: config.deployment }))
  const inner = opening.use(openSqliteStore(join(dataDir, 'research.sqlite')))
  const signer = new Signer(secretOf(secrets, 'accountKey', dataDir))
  const research = openResearch({
    ledger,
    writer: await openWriter(ledger, signer),
    signer,
    store: await encryptStore(inner, bytesOf((secrets['storeKey'] ?? '0x') as Hex)),
    link: opening.use(await openPeerLink({ log: silentLog })),
    clock: systemClock,
  })
  const session = opening.move()
  return { research, ledger, account: signer.address, [Symbol.asyncDispose]: () => session.disposeAsync() }
}

/** @throws NodeError `DATA_DIR_MISSING` when the directory is another role's */
function secretOf(secrets: Secrets, name: 'mnemonic' | 'accountKey', dataDir: string): string {
  const secret = secrets[name]
  if (secret !== undefined) return secret
  const role = name === 'mnemonic' ? 'wallet' : 'researcher’s client'
  throw new NodeError('DATA_DIR_MISSING', `${dataDir} holds no ${role}. Name another directory with --data.`)
}
