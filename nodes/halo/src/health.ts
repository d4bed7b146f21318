import type { ChainLedger } from '@halo/chain'
import type { LogProblem } from '@halo/halo'
import type { Host } from '@halo/peers'
import type { BlockStore } from '@halo/ports'
import type { MemberBook } from './member-book.ts'
import type { NodeKeys } from './node-keys.ts'
import type { Health } from './status-server.ts'

/** Where a node's health is read from. */
export interface HealthParts {
  readonly ledger: ChainLedger
  readonly book: MemberBook
  readonly host: Host
  readonly blocks: BlockStore
  readonly keys: NodeKeys
  /** Why this peer's log signs nothing, or null. */
  readonly logProblem: () => LogProblem | null
}

/** What an operator can do about a log that signs nothing. */
const LOG_PROBLEMS: Readonly<Record<LogProblem, string>> = {
  unusable:
    'The log cannot be read, or is older than what it has signed: stop the node and restore its newest directory log/.',
  behind:
    'The chain holds a larger log of this operator: stop the node and restore its newest directory log/. Until then nothing is logged.',
  forked:
    'The chain holds another log of this operator: see that no second node runs with its key, and restore the directory log/ of the one that anchored it. Until then nothing is logged.',
}

/** Reads a node's health, with a sentence for each thing that is wrong. */
export function createHealth({
  ledger,
  book,
  host,
  blocks,
  keys,
  logProblem,
}: HealthParts): () => Promise<Health> {
  const startedMs = Date.now()
  return async () => {
    const block = await ledger.connection
      .header('latest', { signal: AbortSignal.timeout(3000) })
      .catch(() => null)
    const others = book.members().filter((member) => member.isActive && member.peerId !== host.peerId)
    const connected = new Set(host.libp2p.getPeers().map(String))
    const isMember = book.isMember(host.peerId)
    const ofLog = logProblem()
    const problems = [
      ...(block === null ? ['The chain node does not answer: nothing is released until it does.'] : []),
      ...(isMember ? [] : ['The registry does not list this peer as active: ask an admin to admit it.']),
      ...(ofLog === null ? [] : [LOG_PROBLEMS[ofLog]]),
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
      log: { isSigning: ofLog === null, problem: ofLog },
      addresses: host.addresses,
    }
  }
}

/** Health as Prometheus gauges. */
export function gaugesOf(health: Health): Readonly<Record<string, number>> {
  return {
    halo_up: health.isHealthy ? 1 : 0,
    halo_uptime_seconds: health.uptimeSec,
    halo_chain_block: health.chain.block ?? 0,
    halo_peers_connected: health.peers.connected,
    halo_members: health.peers.members,
    halo_log_signing: health.log.isSigning ? 1 : 0,
    halo_stored_shards: health.storage.shards,
    halo_stored_bytes: health.storage.sizeBytes,
  }
}
