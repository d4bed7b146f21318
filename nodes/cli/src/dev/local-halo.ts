import { randomBytes } from 'node:crypto'
import { flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { ChainAccount, ChainLedger } from '@halo/chain'
import { admitPeer, deployHalo, openAccount, openLedger } from '@halo/chain'
import type { Address, Deployment } from '@halo/consent'
import { hexOf } from '@halo/consent'
import type { Secrets } from '@halo/node'
import {
  createPassphrase,
  openDataDir,
  plainDeployment,
  saveClientConfig,
  writeKeystore,
  writePrivateFile,
} from '@halo/node'
import type { CallOptions } from '@halo/ports'
import { createMnemonic } from '@halo/wallet'
import { parseEther, Wallet } from 'ethers'
import type { Anvil } from '../anvil.ts'
import { startAnvil } from '../anvil.ts'
import { CliError } from '../errors.ts'
import type { PeerProcess } from './peer-process.ts'
import { peerFailure, preparePeer, startPeer } from './peer-process.ts'
import type { Steps } from './steps.ts'

/** A whole Halo on this machine. */
export interface LocalHalo extends AsyncDisposable {
  readonly anvil: Anvil
  readonly ledger: ChainLedger
  readonly deployment: Deployment
  readonly peers: readonly PeerProcess[]
  readonly walletDir: string
  readonly researchDir: string
  /** Account of the researcher. */
  readonly researcher: Address
}

/** What a local Halo is made of. */
export interface LocalHaloOptions {
  readonly dataDir: string
  readonly peers: number
  readonly threshold: number
  readonly signal: AbortSignal
}

const OPERATOR_FUNDS = parseEther('10')
const RESEARCHER_FUNDS = parseEther('100')
const MEMBERS_TIMEOUT_MS = 30_000
const POLL_MS = 50

/** Starts a chain, deploys the contracts, starts the peers as processes of their own, admits them. */
export async function startLocalHalo(options: LocalHaloOptions, steps: Steps): Promise<LocalHalo> {
  await using starting = new AsyncDisposableStack()
  const { dataDir, signal } = options
  await openDataDir(dataDir)
  const anvil = starting.use(await steps.run('start a local chain', () => startAnvil({ signal })))
  const admin = anvil.accounts[0]
  if (admin === undefined) throw new CliError('NODE_FAILED', 'The local chain has no funded account.')
  const account = starting.use(await openAccount({ rpcUrl: anvil.rpcUrl, signer: admin.privateKey }))
  const { deployment } = await steps.run('deploy the contracts', () =>
    deployHalo(account, { admin: admin.address, deliveryQuorum: options.threshold }, { signal }),
  )
  const network = JSON.stringify(plainDeployment(deployment), null, 2)
  await writePrivateFile(join(dataDir, 'network.json'), `${network}\n`)
  await leaveKeys(dataDir, anvil)
  const ledger = starting.use(await openLedger({ rpcUrl: anvil.rpcUrl, deployment }))
  const peers = await steps.run(
    `start ${options.peers} peers and admit them`,
    () => startPeers(options, { rpcUrl: anvil.rpcUrl, deployment }, account, starting),
    (started) => started.map((peer) => peer.name).join(', '),
  )
  const clients = await prepareClients(options, { rpcUrl: anvil.rpcUrl, deployment }, account)
  const running = starting.move()
  return { anvil, ledger, deployment, peers, ...clients, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

/** Keys to go on by hand with: the registry's admin, and an account that has coins. */
async function leaveKeys(dataDir: string, { accounts }: Anvil): Promise<void> {
  const [admin, funded] = accounts
  await writePrivateFile(join(dataDir, 'admin.key'), `${admin?.privateKey ?? ''}\n`)
  await writePrivateFile(join(dataDir, 'funded.key'), `${funded?.privateKey ?? ''}\n`)
}

interface Chain {
  readonly rpcUrl: string
  readonly deployment: Deployment
}

async function startPeers(
  options: LocalHaloOptions,
  chain: Chain,
  account: ChainAccount,
  stack: AsyncDisposableStack,
): Promise<readonly PeerProcess[]> {
  flushCompileCache()
  const names = Array.from({ length: options.peers }, (_, index) => `peer-${index + 1}`)
  const prepared = await Promise.all(
    names.map((name) => preparePeer(name, join(options.dataDir, name), chain)),
  )
  const starts = await Promise.allSettled(prepared.map((peer) => startPeer(peer, options)))
  const peers = starts.filter((start) => start.status === 'fulfilled').map((start) => stack.use(start.value))
  const failed = starts.find((start) => start.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  for (const peer of peers) {
    await fund(account, peer.operator, OPERATOR_FUNDS, options)
    await admitPeer(account, chain.deployment, peer, { signal: options.signal })
  }
  await untilAllKnowAll(peers, options)
  return peers
}

/**
 * A peer serves others only once its own reading of the registry lists them.
 * @throws CliError `NODE_FAILED` when one does not see it in time, or has ended
 */
export async function untilAllKnowAll(peers: readonly PeerProcess[], { signal }: CallOptions): Promise<void> {
  const deadline = AbortSignal.timeout(MEMBERS_TIMEOUT_MS)
  for (const peer of peers) {
    while (((await peer.health({ signal }))?.peers.members ?? 0) < peers.length) {
      signal?.throwIfAborted()
      if (!peer.isRunning) throw await peerFailure(peer, 'has ended')
      if (deadline.aborted) throw await peerFailure(peer, 'does not see the registry')
      await pause(POLL_MS)
    }
  }
}

async function fund(
  account: ChainAccount,
  to: Address,
  value: bigint,
  { signal }: LocalHaloOptions,
): Promise<void> {
  await account.send({ name: 'fund', to, data: '0x', value }, { signal })
}

async function prepareClients(
  options: LocalHaloOptions,
  chain: Chain,
  account: ChainAccount,
): Promise<Pick<LocalHalo, 'walletDir' | 'researchDir' | 'researcher'>> {
  const walletDir = join(options.dataDir, 'wallet')
  const researchDir = join(options.dataDir, 'research')
  const storeKey = (): string => hexOf(randomBytes(32))
  const accountKey = hexOf(randomBytes(32))
  await prepareClient(walletDir, chain, { mnemonic: createMnemonic(), storeKey: storeKey() })
  await prepareClient(researchDir, chain, { accountKey, storeKey: storeKey() })
  const researcher = new Wallet(accountKey).address as Address
  await fund(account, researcher, RESEARCHER_FUNDS, options)
  return { walletDir, researchDir, researcher }
}

async function prepareClient(dataDir: string, chain: Chain, secrets: Secrets): Promise<void> {
  await openDataDir(dataDir)
  await saveClientConfig(dataDir, { chainUrl: chain.rpcUrl, deployment: chain.deployment })
  await writeKeystore(dataDir, await createPassphrase(dataDir), secrets)
}

/** Moves the local chain's clock ahead, so that a deadline need not be sat out. */
export async function skipTime(ledger: ChainLedger, seconds: number): Promise<void> {
  await ledger.connection.rpc.send('evm_increaseTime', [seconds])
  await ledger.connection.rpc.send('evm_mine', [])
}
