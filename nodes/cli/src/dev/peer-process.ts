import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Address, Deployment } from '@halo/consent'
import type { Health } from '@halo/node'
import {
  createNodeSecrets,
  createPassphrase,
  deriveNodeKeys,
  openDataDir,
  plainDeployment,
  saveConfig,
  writeKeystore,
} from '@halo/node'
import type { CallOptions } from '@halo/ports'
import { CliError } from '../errors.ts'

/** A peer of the local Halo, in a process of its own. */
export interface PeerProcess extends AsyncDisposable {
  readonly name: string
  readonly dataDir: string
  readonly peerId: string
  readonly operator: Address
  readonly kemPublicKey: Uint8Array
  readonly addresses: readonly string[]
  readonly isRunning: boolean
  /** Null when it does not answer: it may be gone at any moment. */
  health(options?: CallOptions): Promise<Health | null>
  /** SIGKILL, as a power cut would. */
  kill(): Promise<void>
}

interface Ready {
  readonly ready: true
  readonly statusPort: number
  readonly addresses: readonly string[]
}

const START_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 10_000
const HEALTH_TIMEOUT_MS = 5000

/** Makes a peer's data directory: keys, passphrase, configuration. Needs no chain yet. */
export async function preparePeer(
  name: string,
  dataDir: string,
  chain: { readonly rpcUrl: string; readonly deployment: Deployment },
): Promise<Pick<PeerProcess, 'name' | 'dataDir' | 'peerId' | 'operator' | 'kemPublicKey'>> {
  await openDataDir(dataDir)
  const secrets = createNodeSecrets()
  await saveConfig(dataDir, {
    chainUrl: chain.rpcUrl,
    network: plainDeployment(chain.deployment),
    listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'],
    relayStaggerMs: 500,
    pollMs: 200,
  })
  await writeKeystore(dataDir, await createPassphrase(dataDir), secrets)
  const { peerId, operator, kemPublicKey } = await deriveNodeKeys(secrets)
  return { name, dataDir, peerId, operator, kemPublicKey }
}

/**
 * Starts a prepared peer with this very command and waits until it serves. When it does not, or the signal comes
 * first, its process has ended by the time this throws; a signal that comes later stops the peer.
 * @throws CliError `NODE_FAILED` with its last words
 */
export async function startPeer(
  prepared: Awaited<ReturnType<typeof preparePeer>>,
  { signal }: CallOptions = {},
): Promise<PeerProcess> {
  signal?.throwIfAborted()
  const child = launch(prepared.dataDir)
  const ended = once(child, 'exit')
  const ready = await untilReady(child, ended, prepared, signal)
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null
  const stop = createStop(child, ended)
  // All peers at once; they are disposed of one after the other.
  signal?.addEventListener('abort', () => void stop(), { once: true })
  return {
    ...prepared,
    addresses: ready.addresses,
    get isRunning() {
      return isRunning()
    },
    health: (options) => askHealth(ready.statusPort, options),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    [Symbol.asyncDispose]: stop,
  }
}

/** The peer logs into its data directory; it ends when this process does, because its channel closes. */
function launch(dataDir: string): ChildProcess {
  const logFile = openSync(join(dataDir, 'node.log'), 'a', 0o600)
  const main = fileURLToPath(
    new URL(`../main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
  )
  try {
    return spawn(process.execPath, [...process.execArgv, main, 'node', 'start', '--data', dataDir], {
      stdio: ['ignore', 'ignore', logFile, 'ipc'],
      // Its own process group: Ctrl-C reaches the launcher alone, which ends things in order.
      detached: true,
    })
  } finally {
    closeSync(logFile)
  }
}

/** Asks a process to end, once: a second SIGTERM would cut it short. Waits until it has. */
function createStop(child: ChildProcess, ended: Promise<unknown>): () => Promise<void> {
  let stopped: Promise<void> | null = null
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await ended
    clearTimeout(timer)
  }
  return () => {
    stopped ??= child.exitCode === null && child.signalCode === null ? stop() : Promise.resolve()
    return stopped
  }
}

async function untilReady(
  child: ChildProcess,
  ended: Promise<unknown>,
  peer: Named,
  signal: AbortSignal | undefined,
): Promise<Ready> {
  const late = AbortSignal.timeout(START_TIMEOUT_MS)
  const until = signal === undefined ? late : AbortSignal.any([signal, late])
  const failed = once(child, 'exit', { signal: until }).then(() => {
    throw new Error('ended before it served')
  })
  try {
    const [message] = await Promise.race([once(child, 'message', { signal: until }), failed])
    failed.catch(() => undefined)
    return message as Ready
  } catch {
    child.kill('SIGKILL')
    await ended.catch(() => undefined)
    signal?.throwIfAborted()
    throw await peerFailure(peer, 'did not start')
  }
}

async function askHealth(statusPort: number, { signal }: CallOptions = {}): Promise<Health | null> {
  const late = AbortSignal.timeout(HEALTH_TIMEOUT_MS)
  try {
    const reply = await fetch(`http://127.0.0.1:${statusPort}/healthz`, {
      signal: signal === undefined ? late : AbortSignal.any([signal, late]),
    })
    return (await reply.json()) as Health
  } catch {
    signal?.throwIfAborted()
    return null
  }
}

type Named = Pick<PeerProcess, 'name' | 'dataDir'>

/** What went wrong with a peer, with the last line of its log. */
export async function peerFailure({ name, dataDir }: Named, what: string): Promise<CliError> {
  const log = await readFile(join(dataDir, 'node.log'), 'utf8').catch(() => '')
  const lastLine = log.trim().split('\n').at(-1) ?? ''
  return new CliError('NODE_FAILED', `${name} ${what}. Its last words: ${lastLine}`)
}
