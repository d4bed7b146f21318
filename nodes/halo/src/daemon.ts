import { join } from 'node:path'
import type { ChainLedger } from '@halo/chain'
import { openLedger, openWriter, watchLedger } from '@halo/chain'
import { signMessage } from '@halo/consent'
import { openHaloPeer } from '@halo/halo'
import { openHeliaBlockStore } from '@halo/ipfs'
import type { Host } from '@halo/peers'
import { linkOver, openHost, seedOf, serveHalo, signReceipt } from '@halo/peers'
import type { Log } from '@halo/ports'
import { logOf, systemClock } from '@halo/ports'
import { createNoteSigner, formatLogOrigin } from '@halo/proofs'
import { createWasmEngine } from '@halo/vault'
import { Wallet } from 'ethers'
import { createAnnouncer } from './announcer.ts'
import { createChainListener } from './chain-listener.ts'
import type { NodeConfig } from './config.ts'
import { countCalls } from './count-calls.ts'
import { lockDataDir } from './data-dir.ts'
import { createDetached } from './detached.ts'
import { NodeError } from './errors.ts'
import { createHealth, gaugesOf } from './health.ts'
import type { MemberBook } from './member-book.ts'
import { createMemberBook } from './member-book.ts'
import { createMetrics } from './metrics.ts'
import type { NodeKeys } from './node-keys.ts'
import { openSqliteStore } from './sqlite-store.ts'
import type { Health } from './status-server.ts'
import { openStatusServer } from './status-server.ts'
import { openTileStore } from './tile-store.ts'

/** A running node. */
export interface RunningNode extends AsyncDisposable {
  readonly peerId: string
  readonly addresses: readonly string[]
  /** Loopback port of `/healthz` and `/metrics`. */
  readonly statusPort: number
  health(): Promise<Health>
}

/** A transaction that a slow chain has not mined by then is sent again at the next change of the registry. */
const ANNOUNCE_TIMEOUT_MS = 60_000
const REREAD_TIMEOUT_MS = 30_000

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
  const anchorEveryMs = config.anchorEverySec * 1000
  const capacityBytes = config.capacityGiB * 1024 ** 3
  const parts = {
    peerId: host.peerId,
    blocks,
    store,
    tiles: openTileStore(join(config.dataDir, 'log')),
    ledger,
    writer,
    link,
    members: book.members,
    keys: peerKeys,
    erasure,
    clock: systemClock,
    log,
  }
  const peer = starting.use(
    openHaloPeer(parts, {
      confirmations,
      relayStaggerMs,
      anchorEveryMs,
      capacityBytes,
      chainPollMs: config.pollMs,
    }),
  )
  const metrics = createMetrics()
  starting.use(
    await serveHalo(host.libp2p, countCalls(peer.service, metrics), { isMember: book.isMember, log }),
  )
  const stopping = new AbortController()
  starting.defer(() => stopping.abort(new DOMException('The node stops.', 'AbortError')))
  const { signal } = stopping
  const announcer = createAnnouncer(config, keys, book, host, log)
  const announcing = createDetached(announcer.announce, { signal, timeoutMs: ANNOUNCE_TIMEOUT_MS })
  const rereading = createDetached(
    async (options) => {
      await book.refresh(options)
      announcing.request()
    },
    { signal, timeoutMs: REREAD_TIMEOUT_MS },
  )
  announcing.request()
  const listener = createChainListener(peer.listener, rereading, metrics)
  starting.use(
    await watchLedger(
      { ledger, state: store, listener, log },
      { signal, pollMs: config.pollMs, confirmations },
    ),
  )
  await peer.resume()
  const health = createHealth({ ledger, book, host, blocks, keys, logProblem: peer.logProblem })
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
  const origin = formatLogOrigin(logOf(ledger.deployment, keys.operator))
  return {
    kemSecretKey: keys.kemSecretKey,
    logSigner: createNoteSigner(origin, seedOf(keys.peerKey)),
    signReceipt: (fields) => signReceipt(keys.peerKey, fields),
    signDelivery: (requestId) => signMessage(operator, 'Delivery', { requestId }, ledger.deployment),
  }
}
