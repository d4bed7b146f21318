import type { Bytes32, Hex } from '@halo/consent'
import { bytesOf, hexOf } from '@halo/consent'
import type { CallOptions, Clock, Ledger } from '@halo/ports'
import { RefusedError } from '@halo/ports'
import type { MerkleLog, NoteSigner } from '@halo/proofs'
import { createReceipt, encodeReceipt, saltCommitment, signCheckpoint } from '@halo/proofs'
import type { LogHistory, LogHistoryParts, LogProblem } from './log-history.ts'
import { createLogHistory, noteLeaves } from './log-history.ts'
import { pause, unlessAborted } from './pause.ts'
import type { RelayBudget } from './relay-budget.ts'
import type { Room } from './room.ts'
import { LEAF_BYTES } from './room.ts'
import type { AnchoredRoot } from './state.ts'

/** What the log of a member is kept with. */
export interface RecordLogParts extends LogHistoryParts {
  /** Roots on the chain that are as deep as receipts want them. */
  readonly deepRoots: Pick<Ledger, 'rootAnchor'>
  /** Signs checkpoints in the name of the log, with the peer's key. */
  readonly signer: NoteSigner
  readonly budget: RelayBudget
  readonly room: Room
  readonly clock: Clock
  /** Least time from one anchoring to the next. */
  readonly anchorEveryMs: number
  /** Told when an anchoring failed: what was logged by then is to be anchored without being asked for again. */
  readonly anchorLater: () => void
}

/** What a caller who enters something has to say. */
export interface EnterOptions extends CallOptions {
  /** Told right before the log is added to: from then on it is there, though its caller leaves. */
  readonly onLogging?: () => void
}

/** A member's log: everything it has promised to be able to prove. */
export interface RecordLog {
  /**
   * Logs a commitment and returns its receipt once a root that covers it is on the chain, as deep as this peer wants
   * it. The same commitment and salt again give the same receipt. All that arrives while one root is being anchored
   * is covered by the next. For a caller who leaves before it is their turn nothing is logged.
   * @returns also the transaction, unless it was anchored before
   * @throws RefusedError `BUSY` when too many wait or this hour's anchors are used up; `STORAGE_FULL`; `INTERNAL` when
   * the log cannot be gone on with; `NOT_CONFIRMED` when the chain took the root back; what the chain refuses
   */
  enter(
    commitment: Uint8Array,
    salt: Uint8Array,
    options?: EnterOptions,
  ): Promise<{ readonly receipt: Uint8Array; readonly txHash: Hex | null }>
  /** Anchors what was logged and is not on the chain: not yet, or not any more. */
  anchorRest(): Promise<void>
  /** Why it signs nothing, or null. */
  problem(): LogProblem | null
}

/** Entries that one root brings in at most; as many again may wait. */
const MAX_BATCH = 1000

interface Waiting {
  /** Null for what is in the log already. */
  readonly leaf: Uint8Array | null
  readonly options: EnterOptions
  readonly anchored: PromiseWithResolvers<Anchoring>
}

interface Anchoring {
  readonly root: AnchoredRoot
  /** Null when it was on the chain before. */
  readonly txHash: Hex | null
}

/** Parts, and the log. */
interface Context extends RecordLogParts {
  readonly history: LogHistory
}

/** A member's log over its parts. One anchoring runs at a time. */
export function createRecordLog(given: RecordLogParts): RecordLog {
  const parts: Context = { ...given, history: createLogHistory(given) }
  const waiting: Waiting[] = []
  let lastMs = Number.NEGATIVE_INFINITY
  let isRunning = false

  const run = async (): Promise<void> => {
    if (isRunning) return
    isRunning = true
    try {
      while (waiting.length > 0) {
        // A clock that was set back must not make anybody wait longer than told.
        const leftMs = Math.min(parts.anchorEveryMs, lastMs + parts.anchorEveryMs - parts.clock.nowMs())
        await pause(leftMs, parts.stopped)
        dropAbandoned(waiting)
        if (waiting.length === 0) return
        const batch = waiting.splice(0, MAX_BATCH)
        await settle(parts, batch, () => commit(parts, batch))
        lastMs = parts.clock.nowMs()
      }
    } finally {
      isRunning = false
    }
  }

  const anchor = async (leaf: Uint8Array | null, options: EnterOptions = {}): Promise<Anchoring> => {
    if (waiting.length >= MAX_BATCH) dropAbandoned(waiting)
    if (waiting.length >= MAX_BATCH) throw new RefusedError('BUSY')
    const anchored = Promise.withResolvers<Anchoring>()
    waiting.push({ leaf, options, anchored })
    void run()
    return unlessAborted(anchored.promise, options.signal)
  }

  const anchorLeaf = async (leaf: Uint8Array, options: EnterOptions): Promise<Anchoring> => {
    using _room = await parts.room.reserve(LEAF_BYTES)
    return await anchor(leaf, options)
  }

  return {
    async enter(commitment, salt, options = {}) {
      const { signal } = options
      signal?.throwIfAborted()
      if (parts.history.problem() !== null) await parts.history.openContinuing()
      const leaf = saltCommitment(commitment, salt)
      const index = await parts.state.leafIndex(leaf)
      const known = index === null ? null : await standingRoot(parts, index)
      const { root, txHash } =
        known === null ? await anchorLeaf(leaf, options) : { root: known, txHash: null }
      const deep = await reachDepth(parts, root, signal)
      return { receipt: await writeReceipt(parts, deep, commitment, salt), txHash }
    },
    async anchorRest() {
      const { size } = (await parts.history.openContinuing()).head
      if (size > 0 && (await standingRoot(parts, size - 1)) === null) await anchor(null)
    },
    problem: parts.history.problem,
  }
}

/** A root with the block it is in once it is deep. @throws RefusedError `NOT_CONFIRMED` when it has gone */
async function reachDepth(
  { deepRoots, writer }: RecordLogParts,
  root: AnchoredRoot,
  signal: AbortSignal | undefined,
): Promise<AnchoredRoot> {
  const hash = hexOf(root.root) as Bytes32
  const found = await deepRoots.rootAnchor(writer.account, root.size, hash, { signal })
  if (found === null) throw new RefusedError('NOT_CONFIRMED')
  return { ...root, ...found, txHash: found.txHash ?? root.txHash }
}

/** Nothing is logged for who has left before it was their turn. */
function dropAbandoned(waiting: Waiting[]): void {
  const staying = waiting.filter(({ options }) => options.signal?.aborted !== true)
  waiting.splice(0, waiting.length, ...staying)
}

/** Gives everybody who waits in a batch what came of it. */
async function settle(
  parts: RecordLogParts,
  batch: readonly Waiting[],
  work: () => Promise<Anchoring>,
): Promise<void> {
  try {
    const anchoring = await work()
    for (const { anchored } of batch) anchored.resolve(anchoring)
  } catch (error) {
    for (const { anchored } of batch) anchored.reject(error)
    parts.anchorLater()
  }
}

async function commit(parts: Context, batch: readonly Waiting[]): Promise<Anchoring> {
  parts.stopped.throwIfAborted()
  // Before anything is appended: what is refused leaves nothing behind.
  parts.budget.spend()
  let isSent = false
  try {
    const log = await parts.history.openContinuing()
    await noteLeaves(parts, log)
    const fresh = await takeFresh(parts, batch)
    if (fresh.length > 0) await log.append(fresh)
    await noteLeaves(parts, log)
    if (log.head.size === 0) throw new DOMException('Nobody is left of those who waited.', 'AbortError')
    return await anchorHead(parts, log, () => {
      isSent = true
    })
  } finally {
    // Else who leaves again and again would use up the anchors of all others.
    if (!isSent) parts.budget.giveBack()
  }
}

/** Leaves that the log does not have, of callers who are there at the last moment, who are told of it. */
async function takeFresh({ state }: Context, batch: readonly Waiting[]): Promise<readonly Uint8Array[]> {
  const fresh = new Map<Hex, Uint8Array>()
  for (const { leaf, options } of batch) {
    if (leaf === null || (await state.leafIndex(leaf)) !== null || options.signal?.aborted === true) continue
    options.onLogging?.()
    fresh.set(hexOf(leaf), leaf)
  }
  return [...fresh.values()]
}

/** Brings the root of the whole log on chain, unless it is there: a crash may have come before that was noted. */
async function anchorHead(parts: Context, log: MerkleLog, onSend: () => void): Promise<Anchoring> {
  const { ledger, writer, state, stopped } = parts
  const { size, root: rootBytes } = log.head
  const root = hexOf(rootBytes) as Bytes32
  const found = await ledger.rootAnchor(writer.account, size, root)
  // Asked once more, as late as can be: another process with this key may have been faster meanwhile.
  if (found === null) await parts.history.openContinuing()
  stopped.throwIfAborted()
  if (found === null) onSend()
  const tx = found === null ? await writer.anchorRoot(size, root, { signal: stopped }) : null
  const anchor = found ?? (await ledger.rootAnchor(writer.account, size, root))
  if (anchor === null) throw new RefusedError('NOT_CONFIRMED')
  const anchored: AnchoredRoot = {
    size,
    root: rootBytes,
    ...anchor,
    txHash: anchor.txHash ?? tx?.hash ?? null,
  }
  await state.addAnchoredRoot(anchored)
  parts.log('info', 'root-anchored', { size, gas: tx?.gas ?? 0 })
  return { root: anchored, txHash: tx?.hash ?? null }
}

/** The first root that covers a leaf and still is on the chain, which may take blocks back; null for none. */
async function standingRoot({ state, ledger, writer }: Context, index: number): Promise<AnchoredRoot | null> {
  for (;;) {
    const root = await state.anchoredRoot(index)
    if (root === null) return null
    const found = await ledger.rootAnchor(writer.account, root.size, hexOf(root.root) as Bytes32)
    if (found !== null) return { ...root, ...found, txHash: found.txHash ?? root.txHash }
    await state.dropAnchoredRoot(root.size)
  }
}

async function writeReceipt(
  { history, state, signer }: Context,
  { size, root, txHash, block, atSec }: AnchoredRoot,
  commitment: Uint8Array,
  salt: Uint8Array,
): Promise<Uint8Array> {
  const log = await history.open()
  const index = (await state.leafIndex(saltCommitment(commitment, salt))) ?? 0
  const anchor = { txHash: txHash === null ? null : bytesOf(txHash), block, atSec }
  const proof = await log.proveInclusion(index, size)
  // Signed anew, with the key that the peer has now: the signature of one key is always the same.
  const note = signCheckpoint({ origin: signer.verifier.name, size, root, extension: [] }, [signer])
  return encodeReceipt(createReceipt({ commitment, salt }, proof, note, anchor))
}
