/**
 * The peer's use cases: accept shards and shares under opaque ids, keep requests for phones that are
 * offline, relay answers, release a key share or rebuild sealed bytes after this peer's own check of
 * chain and signatures, and cut everything when a patient withdraws.
 *
 * @example
 * ```ts
 * import type { HaloPeerParts } from '@halo/halo'
 * import { openHaloPeer } from '@halo/halo'
 *
 * export async function run(parts: HaloPeerParts): Promise<void> {
 *   await using peer = openHaloPeer(parts, { confirmations: 6 })
 *   await peer.resume()
 * }
 * ```
 * @packageDocumentation
 */
import type { Caller, HaloProtocols, LedgerListener } from '@halo/ports'
import { acceptShard, acceptShare } from './accept.ts'
import { takeAnswer } from './answer.ts'
import { createCatalogue } from './catalogue.ts'
import { collectRecord } from './collect.ts'
import { createCommits } from './commits.ts'
import { createCutOffs } from './cut-off.ts'
import { createDeepRoots } from './depth.ts'
import { runLater } from './later.ts'
import { listDataset, readCatalogue } from './list.ts'
import { chainListener } from './listen.ts'
import type { LogProblem } from './log-history.ts'
import { pendingNotices, statusOf, takeNotice } from './mailbox.ts'
import type { HaloPeerOptions, HaloPeerParts, PeerContext } from './parts.ts'
import { createRecordLog } from './record-log.ts'
import { resumeRelays } from './relay.ts'
import { createRelayBudget } from './relay-budget.ts'
import { releaseShare } from './release.ts'
import { createRoom } from './room.ts'
import { serveShard } from './serve-shard.ts'
import { resumeSettlements } from './settle.ts'
import { openPeerState } from './state.ts'
import { openSweeper } from './sweep.ts'

export type { LogProblem } from './log-history.ts'
export type { HaloPeerOptions, HaloPeerParts, PeerKeys } from './parts.ts'

/** A peer: the protocols it serves and its ear on the chain. */
export interface HaloPeer extends AsyncDisposable {
  readonly service: HaloProtocols<Caller>
  readonly listener: LedgerListener
  /** Why this member's log signs nothing until somebody acts, or null; as found when it was looked at last. */
  logProblem(): LogProblem | null
  /**
   * Takes up what was left when the peer last stopped: relays at once; anchors, settlements, and what
   * may be forgotten, in the background, because the chain is asked about each.
   */
  resume(): Promise<void>
}

/** A peer over its parts; disposing it stops its timers and cuts running work, but not its parts. */
export function openHaloPeer(parts: HaloPeerParts, options: HaloPeerOptions = {}): HaloPeer {
  const stop = new AbortController()
  const gib = 1024 ** 3
  const state = openPeerState(parts.store)
  const room = createRoom({ blocks: parts.blocks, state }, options.capacityBytes ?? 100 * gib)
  const confirmations = options.confirmations ?? 1
  const deepRoots = createDeepRoots({
    ledger: parts.ledger,
    confirmations,
    pollMs: options.chainPollMs ?? 1000,
    stopped: stop.signal,
  })
  const anchorRetryMs = options.anchorRetryMs ?? 5000
  const anchorLater = (): void => anchorRest(context, anchorRetryMs, anchorRetryMs)
  const context: PeerContext = {
    ...parts,
    state,
    cutOffs: createCutOffs(stop.signal),
    confirmations,
    relayStaggerMs: options.relayStaggerMs ?? 3000,
    settleAfterMs: options.settleAfterMs ?? 600_000,
    maxRequestsPerDataset: options.maxRequestsPerDataset ?? 1000,
    room,
    catalogue: createCatalogue({
      state,
      maxEntries: options.maxListings ?? 100_000,
      budget: createRelayBudget(parts.clock, options.listingsPerHour ?? 1000),
      log: parts.log,
    }),
    commits: createCommits(),
    deepRoots,
    records: createRecordLog({
      ...parts,
      state,
      room,
      signer: parts.keys.logSigner,
      budget: createRelayBudget(parts.clock, options.anchorsPerHour ?? 600),
      deepRoots,
      anchorEveryMs: options.anchorEveryMs ?? 0,
      anchorLater,
      stopped: stop.signal,
    }),
    holderTimeoutMs: options.holderTimeoutMs ?? 15_000,
    later: new Map(),
    anchorLater,
    stopped: stop.signal,
  }
  const sweeper = openSweeper(context, options.sweepEveryMs ?? 600_000)
  let resuming = Promise.resolve()
  return {
    service: serviceOf(context),
    listener: chainListener(context),
    logProblem: context.records.problem,
    async resume() {
      await resumeRelays(context)
      anchorRest(context, 0, anchorRetryMs)
      resuming = resumeSettlements(context).then(sweeper.sweep)
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new DOMException('The peer stops.', 'AbortError'))
      await resuming
      await sweeper[Symbol.asyncDispose]()
    },
  }
}

/** What was logged is promised: it is anchored as soon as the chain can be reached, whoever asks for it. */
function anchorRest(context: PeerContext, delayMs: number, retryMs: number): void {
  runLater(context, {
    key: 'anchor',
    delayMs,
    retryMs,
    run: () => context.records.anchorRest(),
    isPromised: true,
    event: 'anchor-failed',
    fields: {},
  })
}

function serviceOf(context: PeerContext): HaloProtocols<Caller> {
  return {
    storeShard: (deposit, caller) => acceptShard(context, deposit, caller),
    storeShare: (deposit) => acceptShare(context, deposit),
    publish: (publication, caller) => listDataset(context, publication, caller.signal),
    catalogue: (query) => readCatalogue(context, query),
    notify: (notice) => takeNotice(context, notice),
    pending: (query, caller) => pendingNotices(context, query, caller.signal),
    answer: (answer) => takeAnswer(context, answer),
    status: (query) => statusOf(context, query),
    release: (proof, caller) => releaseShare(context, proof, caller),
    collect: (proof, caller) => collectRecord(context, proof, caller),
    readShard: (query, caller) => serveShard(context, query, caller),
  }
}
