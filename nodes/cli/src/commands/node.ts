import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hexOf } from '@halo/consent'
import type { Health, Settings } from '@halo/node'
import {
  assertUnused,
  checkConfig,
  createLog,
  createNodeSecrets,
  createPassphrase,
  deriveNodeKeys,
  isCode,
  loadConfig,
  openDataDir,
  plainDeployment,
  readKeystore,
  readNetworkFile,
  readPassphrase,
  runNode,
  saveConfig,
  settingsFromEnvironment,
  writeKeystore,
  writePrivateFile,
} from '@halo/node'
import type { Command } from 'commander'
import type { CommonOptions } from '../command.ts'
import { dataDirOf, run, withDataDir } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { formatBytes, formatCount } from '../output.ts'
import { passphraseFileOf } from '../passphrase.ts'
import { shutdownSignal, untilAborted } from '../shutdown.ts'

interface NodeOptions extends CommonOptions {
  readonly chainUrl?: string
  readonly network?: string
  readonly listen?: readonly string[]
  readonly announce?: readonly string[]
  readonly statusPort?: string
  readonly logLevel?: string
  readonly confirmations?: string
  readonly capacityGib?: string
}

const STATUS_FILE = 'status.json'
/** What the registry is told of a peer; nothing of it is secret. */
const PEER_FILE = 'peer.json'

/** `halo node …` for operators. */
export function addNodeCommands(program: Command): void {
  const node = program.command('node').description('run a peer of the Halo')
  withDataDir(node.command('init'), 'node')
    .description('make keys and configuration for a peer')
    .requiredOption('--chain-url <url>', 'JSON-RPC of a chain node you trust')
    .requiredOption('--network <file>', 'contract addresses, a file as in deploy/networks')
    .requiredOption('--listen <multiaddr...>', 'where to listen, such as /ip4/127.0.0.1/tcp/4101')
    .option('--announce <multiaddr...>', 'where others reach this peer, behind NAT or a proxy')
    .option('--status-port <port>', 'loopback port of /healthz and /metrics (default: a free one)')
    .option('--confirmations <n>', 'blocks before a consent counts or a receipt is given (default: 1)')
    .option('--capacity-gib <n>', 'room for what others store here (default: 100)')
    .action(run<NodeOptions>((options, output) => initNode(options, output)))
  withDataDir(node.command('start'), 'node')
    .description('start the peer and stay up until Ctrl-C or SIGTERM')
    .option('--chain-url <url>', 'override the configured chain node')
    .option('--listen <multiaddr...>', 'override where to listen')
    .option('--announce <multiaddr...>', 'override what is announced')
    .option('--status-port <port>', 'override the loopback port of /healthz and /metrics')
    .option('--log-level <level>', 'error, warn, info or debug')
    .option('--confirmations <n>', 'override the blocks before a consent counts or a receipt is given')
    .option('--capacity-gib <n>', 'override the room for what others store here')
    .action(run<NodeOptions>((options, output) => startNode(options, output)))
  withDataDir(node.command('status'), 'node')
    .description('show whether the peer is healthy, and why not')
    .action(run<NodeOptions>((options, output) => showStatus(options, output)))
}

type Out = Parameters<Parameters<typeof run>[0]>[1]

async function initNode(options: NodeOptions, output: Out): Promise<undefined> {
  const dataDir = dataDirOf(options, 'node')
  // Everything that can fail comes before the directory is made.
  settingsFromEnvironment(process.env)
  const network = plainDeployment(await readNetworkFile(options.network ?? ''))
  const settings = { ...flagsOf(options), network }
  checkConfig(dataDir, settings)
  await assertUnused(dataDir)
  const passphraseFile = passphraseFileOf(options.passphraseFile)
  const given = passphraseFile === undefined ? null : await readPassphrase(dataDir, passphraseFile)
  await openDataDir(dataDir)
  await saveConfig(dataDir, settings)
  const secrets = createNodeSecrets()
  const { peerId, operator, kemPublicKey } = await deriveNodeKeys(secrets)
  const peerFile = join(dataDir, PEER_FILE)
  const peer = { peerId, operator, kemPublicKey: hexOf(kemPublicKey) }
  await writePrivateFile(peerFile, `${JSON.stringify(peer, null, 2)}\n`)
  await writeKeystore(dataDir, given ?? (await createPassphrase(dataDir)), secrets)
  output.result({ dataDir, ...peer, peerFile }, [
    `Peer ${peerId} is set up in ${dataDir}.`,
    `Its operator account is ${operator}: fund it.`,
    `Send ${peerFile}, which holds no secret, to an admin: halo registry admit ${PEER_FILE}`,
    ...(given === null ? ['Its passphrase is in the file "passphrase" there; keep a copy elsewhere.'] : []),
    'Then: halo node start',
  ])
  return undefined
}

function flagsOf(options: NodeOptions): Settings {
  const { chainUrl, listen, announce, statusPort, logLevel, confirmations, capacityGib } = options
  const flags = { chainUrl, listen, announce, statusPort, logLevel, confirmations, capacityGiB: capacityGib }
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined))
}

async function startNode(options: NodeOptions, output: Out): Promise<undefined> {
  const dataDir = dataDirOf(options, 'node')
  const signal = shutdownSignal()
  const config = await loadConfig(dataDir, flagsOf(options), settingsFromEnvironment(process.env))
  const passphrase = await readPassphrase(dataDir, passphraseFileOf(options.passphraseFile))
  const keys = await deriveNodeKeys(await readKeystore(dataDir, passphrase))
  const statusFile = join(dataDir, STATUS_FILE)
  await using node = await runNode(config, keys, createLog(config.logLevel))
  const { peerId, statusPort, addresses } = node
  await writePrivateFile(statusFile, JSON.stringify({ pid: process.pid, statusPort }))
  process.send?.({ ready: true, peerId, statusPort, addresses })
  output.result({ peerId, statusPort, addresses }, [
    `Peer ${peerId} is up; status at http://127.0.0.1:${statusPort}/healthz`,
  ])
  await untilAborted(signal)
  await rm(statusFile, { force: true })
  return undefined
}

async function showStatus(options: NodeOptions, output: Out): Promise<number> {
  const dataDir = dataDirOf(options, 'node')
  const health = await askHealth(dataDir)
  if (health === null) {
    output.result({ isRunning: false }, [`No peer runs from ${dataDir}. Start it with: halo node start`])
    return EXIT.UNREACHABLE
  }
  output.result({ isRunning: true, ...health }, describeHealth(health))
  return health.isHealthy ? EXIT.OK : EXIT.FAILED
}

async function askHealth(dataDir: string): Promise<Health | null> {
  try {
    const { statusPort } = JSON.parse(await readFile(join(dataDir, STATUS_FILE), 'utf8')) as {
      readonly statusPort: number
    }
    const reply = await fetch(`http://127.0.0.1:${statusPort}/healthz`, { signal: AbortSignal.timeout(5000) })
    return (await reply.json()) as Health
  } catch (error) {
    if (isCode(error, 'EACCES')) throw error
    return null
  }
}

/** An operator's view of a peer, in lines. */
export function describeHealth(health: Health): readonly string[] {
  const { chain, peers, storage } = health
  return [
    `${health.isHealthy ? 'healthy' : 'NOT HEALTHY'}: peer ${health.peerId}, up ${health.uptimeSec} s`,
    ...health.problems.map((problem) => `  ! ${problem}`),
    `chain: ${chain.isReachable ? `block ${chain.block}` : 'not reachable'}, ${chain.isMember ? 'member' : 'not a member'}`,
    `peers: connected to ${peers.connected}; ${formatCount(peers.members, 'member')} with this one`,
    `holds: ${formatCount(storage.shards, 'shard')}, ${formatBytes(storage.sizeBytes)}, all sealed`,
  ]
}
