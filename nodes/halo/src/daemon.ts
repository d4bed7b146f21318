import { join } from 'node:path'
import type { ChainLedger } from '@halo/chain'
import { announceAddresses, openAccount, openLedger, openWriter, watchLedger } from '@halo/chain'
import { signMessage } from '@halo/consent'
import type { HaloPeer } from '@halo/halo'
import { openHaloPeer } from '@halo/halo'
import { openHeliaBlockStore } from '@halo/ipfs'
import type { Host } from '@halo/peers'
import { linkOver, openHost, serveHalo, signReceipt } from '@halo/peers'
import type { BlockStore, Caller, HaloProtocols, LedgerListener, Log } from '@halo/ports'
import { RefusedError, systemClock } from '@halo/ports'
import { createWasmEngine } from '@halo/vault'
import { Wallet } from 'ethers'
import type { NodeConfig } from './config.ts'
import { lockDataDir } from './data-dir.ts'
import { NodeError } from './errors.ts'
import type { MemberBook } from './member-book.ts'
import { createMemberBook } from './member-book.ts'
import type { Metrics } from './metrics.ts'
import { createMetrics } from './metrics.ts'
import type { NodeKeys } from './node-keys.ts'
import { openSqliteStore } from './sqlite-store.ts'
import type { Health } from './status-server.ts'
import { openStatusServer } from './status-server.ts'

/** A running node. */
export interface RunningNode extends AsyncDisposable {
  readonly peerId: string
  readonly addresses: readonly string[]
  /** Loopback port of `/healthz` and `/metrics`. */
  readonly statusPort: number
  health(): Promise<Health>
}

/**
 * Starts a peer: opens its state, its libp2p node, its blocks and its ear on the chain, and serves
 * the Halo protocols until disposed, then stops in reverse.
 * @throws ChainError when the chain is not the configured one; NodeError `DATA_DIR_LOCKED`
 */
export async function runNode(config: NodeConfig, keys: NodeKeys, log: Log): Promise<RunningNode> {
  await using starting = new AsyncDisposableStack()
  starting.use(await lockDataDir(config.dataDir))
  const ledger = starting.use(await openLedger({ rpcUrl: config.chainUrl, deployment: config.deployment }))
  let cut: ((peerId: string) => void) | null = null
  const book = createMemberBook(ledger, log, (peerId) => cut?.(peerId))
  await book.refresh()
  const store = starting.use(openSqliteStore(join(config.dataDir, 'state.sqlite')))
  const host = starting.use(await listen(config, keys, book))
  cut = (peerId) => {
    host.hangUp(peerId).catch(() => log('warn', 'hang-up-failed', { peerId }))
  }
  const blocks = starting.use(
    await openHeliaBlockStore({ dir: join(config.dataDir, 'blocks'), libp2p: host.libp2p, log }),
  )
  const writer = await openWriter(ledger, keys.operatorKey)
  const link = starting.use(linkOver(host.libp2p, { log }))
  const peerKeys = peerKeysOf(keys, ledger)
  const erasure = await createWasmEngine()
  const { confirmations, relayStaggerMs } = config
  const capacityBytes = config.capacityGiB * 1024 ** 3
  const parts = {
    peerId: host.peerId,
    blocks,
    store,
    ledger,
    writer,
    link,
    members: book.members,
    keys: peerKeys,
    erasure,
    clock: systemClock,
    log,
  }
  const peer = starting.use(openHaloPeer(parts, { confirmations, relayStaggerMs, capacityBytes }))
  await announce(config, keys, book, host, log)
  const metrics = createMetrics()
  starting.use(
    await serveHalo(host.libp2p, countCalls(peer.service, metrics), { isMember: book.isMember, log }),
  )
  const watching = new AbortController()
  starting.defer(() => watching.abort())
  const listener = listenTo(peer, book, metrics)
  starting.use(
    await watchLedger(
      { ledger, state: store, listener, log },
      { signal: watching.signal, pollMs: config.pollMs, confirmations },
    ),
  )
  await peer.resume()
  const health = createHealth({ ledger, book, host, blocks, keys })
  const status = starting.use(
    await openStatusServer(config.statusPort, health, async () => metrics.render(gaugesOf(await health()))),
  )
  const running = starting.move()
  log('info', 'node-started', {
    peerId: host.peerId,
    statusPort: status.port,
    isMember: book.isMember(host.peerId),
  })
  return {
    peerId: host.peerId,
    addresses: host.addresses,
    statusPort: status.port,
    health,
    async [Symbol.asyncDispose]() {
      log('info', 'node-stopping')
      await running.disposeAsync()
      log('info', 'node-stopped')
    },
  }
}

/** Every address counts: a peer that listens on some of them only would not be found on the others. */
async function listen(config: NodeConfig, keys: NodeKeys, book: MemberBook): Promise<Host> {
  const { listen, announce } = config
  try {
    return await openHost({ privateKey: keys.peerKey, listen, announce, isMember: book.isMember })
  } catch (cause) {
    const message = `The peer cannot listen on ${listen.join(', ')}. Choose other addresses with --listen.`
    throw new NodeError('PORT_TAKEN', message, { cause })
  }
}

function peerKeysOf(keys: NodeKeys, ledger: ChainLedger): Parameters<typeof openHaloPeer>[0]['keys'] {
  const operator = new Wallet(keys.operatorKey)
  return {
    kemSecretKey: keys.kemSecretKey,
    signReceipt: (fields) => signReceipt(keys.peerKey, fields),
    signDelivery: (requestId) => signMessage(operator, 'Delivery', { requestId }, ledger.deployment),
  }
}

function listenTo(peer: HaloPeer, book: MemberBook, metrics: Metrics): LedgerListener {
  return {
    async onEvent(event) {
      metrics.count('halo_chain_events_total', { kind: event.kind })
      if (event.kind === 'members') await book.refresh()
      await peer.listener.onEvent(event)
    },
    async onRollback(block) {
      metrics.count('halo_chain_rollbacks_total')
      await book.refresh()
      await peer.listener.onRollback(block)
    },
  }
}

/** Keeps the addresses in the registry true, so that nobody has to publish them by hand. */
async function announce(
  config: NodeConfig,
  keys: NodeKeys,
  book: MemberBook,
  host: Host,
  log: Log,
): Promise<void> {
  const registered = book.members().find((member) => member.peerId === host.peerId)
  if (registered?.isActive !== true) return log('warn', 'not-a-member', { peerId: host.peerId })
  const addresses = [...host.addresses].sort()
  if (addresses.join() === [...registered.addresses].sort().join()) return
  await using account = await openAccount({ rpcUrl: config.chainUrl, signer: keys.operatorKey })
  const tx = await announceAddresses(account, config.deployment, addresses)
  log('info', 'addresses-announced', { count: addresses.length, gas: tx.gas })
}

/** Counts calls by protocol and reason: nothing that names who called or what for. */
function countCalls(service: HaloProtocols<Caller>, metrics: Metrics): HaloProtocols<Caller> {
  const counted = Object.entries(service).map(([call, serve]) => {
    const counting = async (message: unknown, caller: Caller): Promise<unknown> => {
      try {
        const reply = await (serve as (message: unknown, caller: Caller) => Promise<unknown>)(message, caller)
        metrics.count('halo_calls_total', { call, outcome: 'ok' })
        return reply
      } catch (error) {
        metrics.count('halo_calls_total', {
          call,
          outcome: error instanceof RefusedError ? error.reason : 'INTERNAL',
        })
        throw error
      }
    }
    return [call, counting]
  })
  return Object.fromEntries(counted)
}

interface HealthParts {
  readonly ledger: ChainLedger
  readonly book: MemberBook
  readonly host: Host
  readonly blocks: BlockStore
  readonly keys: NodeKeys
}

function createHealth({ ledger, book, host, blocks, keys }: HealthParts): () => Promise<Health> {
  const startedMs = Date.now()
  return async () => {
    const block = await ledger.connection
      .header('latest', { signal: AbortSignal.timeout(3000) })
      .catch(() => null)
    const others = book.members().filter((member) => member.isActive && member.peerId !== host.peerId)
    const connected = new Set(host.libp2p.getPeers().map(String))
    const isMember = book.isMember(host.peerId)
    const problems = [
      ...(block === null ? ['The chain node does not answer: nothing is released until it does.'] : []),
      ...(isMember ? [] : ['The registry does not list this peer as active: ask an admin to admit it.']),
    ]
    return {
      isHealthy: problems.length === 0,
      problems,
      peerId: host.peerId,
      operator: keys.operator,
      uptimeSec: Math.floor((Date.now() - startedMs) / 1000),
      chain: { isReachable: block !== null, block: block?.number ?? null, isMember },
      peers: {
        connected: others.filter((member) => connected.has(member.peerId)).length,
        members: others.length + (isMember ? 1 : 0),
      },
      storage: await blocks.usage(),
      addresses: host.addresses,
    }
  }
}

function gaugesOf(health: Health): Readonly<Record<string, number>> {
  return {
    halo_up: health.isHealthy ? 1 : 0,
    halo_uptime_seconds: health.uptimeSec,
    halo_chain_block: health.chain.block ?? 0,
    halo_peers_connected: health.peers.connected,
    halo_members: health.peers.members,
    halo_stored_shards: health.storage.shards,
    halo_stored_bytes: health.storage.sizeBytes,
  }
}
