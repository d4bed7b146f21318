import type { Bytes32, Hex } from '@halo/consent'
import { bytesOf, hexOf } from '@halo/consent'
import type { Clock, Ledger, LedgerWriter, Log } from '@halo/ports'
import { RefusedError } from '@halo/ports'
import type { MerkleLog, NoteSigner, TileStore } from '@halo/proofs'
import { createReceipt, encodeReceipt, openLog, saltCommitment, signCheckpoint } from '@halo/proofs'
import { once } from './once.ts'
import type { RelayBudget } from './relay-budget.ts'
import type { AnchoredRoot, PeerState } from './state.ts'

/** What the log of a member is kept with. */
export interface RecordLogParts {
  readonly tiles: TileStore
  readonly state: PeerState
  readonly ledger: Ledger
  readonly writer: LedgerWriter
  /** Signs checkpoints in the name of the log, with the peer's key. */
  readonly signer: NoteSigner
  readonly budget: RelayBudget
  readonly clock: Clock
  readonly log: Log
  /** Least time from one anchoring to the next. */
  readonly anchorEveryMs: number
  /** Told when an anchoring failed: what was logged by then is to be anchored without being asked for again. */
  readonly anchorLater: () => void
  /** Aborts when the peer stops. */
  readonly stopped: AbortSignal
}

/** A member's log: everything it has promised to be able to prove. */
export interface RecordLog {
  /**
   * Logs a commitment and returns its receipt once a root that covers it is on the chain. The same commitment and
   * salt again give the same receipt. All that arrives while one root is being anchored is covered by the next.
   * @returns also the transaction, unless it was anchored before
   * @throws RefusedError `BUSY` when too many wait or this hour's anchors are used up; what the chain refuses
   */
  enter(
    commitment: Uint8Array,
    salt: Uint8Array,
  ): Promise<{ readonly receipt: Uint8Array; readonly txHash: Hex | null }>
  /** Anchors what was logged and is not anchored yet. */
  anchorRest(): Promise<void>
}

/** Entries that one root brings in at most; as many again may wait. */
const MAX_BATCH = 1000

interface Waiting {
  /** Null for what is in the log already. */
  readonly leaf: Uint8Array | null
  readonly anchored: PromiseWithResolvers<Anchoring>
}

interface Anchoring {
  readonly root: AnchoredRoot
  /** Null when it was on the chain before. */
  readonly txHash: Hex | null
}

/** Parts, and the log once it is open. */
interface Context extends RecordLogParts {
  readonly openLog: () => Promise<MerkleLog>
}

/** A member's log over its parts. One anchoring runs at a time. */
export function createRecordLog(given: RecordLogParts): RecordLog {
  const parts: Context = { ...given, openLog: once(() => openOwnLog(given)) }
  const waiting: Waiting[] = []
  let lastMs = Number.NEGATIVE_INFINITY
  let isRunning = false

  const run = async (): Promise<void> => {
    if (isRunning) return
    isRunning = true
    try {
      while (waiting.length > 0) {
        await pause(lastMs + parts.anchorEveryMs - parts.clock.nowMs(), parts.stopped)
        const batch = waiting.splice(0, MAX_BATCH)
        await settle(parts, batch, () => commit(parts, batch))
        lastMs = parts.clock.nowMs()
      }
    } finally {
      isRunning = false
    }
  }

  const anchor = async (leaf: Uint8Array | null): Promise<Anchoring> => {
    if (waiting.length >= MAX_BATCH) throw new RefusedError('BUSY')
    const anchored = Promise.withResolvers<Anchoring>()
    waiting.push({ leaf, anchored })
    void run()
    return anchored.promise
  }

  return {
    async enter(commitment, salt) {
      const leaf = saltCommitment(commitment, salt)
      const known = await standingRoot(parts, leaf)
      const { root, txHash } = known === null ? await anchor(leaf) : { root: known, txHash: null }
      return { receipt: await writeReceipt(parts, root, commitment, salt), txHash }
    },
    async anchorRest() {
      const log = await parts.openLog()
      const { size } = log.head
      if (size > 0 && (await parts.state.anchoredRoot(size - 1)) === null) await anchor(null)
    },
  }
}

/** The log as this peer left it: an older copy, or another one, is not gone on with. */
async function openOwnLog({ tiles, state, log }: RecordLogParts): Promise<MerkleLog> {
  const newest = await state.newestRoot()
  try {
    return await openLog(tiles, newest === null ? {} : { lastCheckpoint: newest })
  } catch (error) {
    log('error', 'log-unusable', { code: String((error as { readonly code?: unknown }).code ?? 'unknown') })
    throw error
  }
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
  const log = await parts.openLog()
  await indexLeaves(parts, log)
  // Before anything is appended: what is refused leaves nothing behind.
  parts.budget.spend()
  await assertNotBehind(parts, log)
  const fresh = new Map<Hex, Uint8Array>()
  for (const { leaf } of batch)
    if (leaf !== null && (await parts.state.leafIndex(leaf)) === null) fresh.set(hexOf(leaf), leaf)
  if (fresh.size > 0) await log.append([...fresh.values()])
  await indexLeaves(parts, log)
  return anchorHead(parts, log)
}

/** Notes where each leaf is. A crash between appending and noting is made up for here. */
async function indexLeaves({ state }: RecordLogParts, log: MerkleLog): Promise<void> {
  for (let index = await state.leafCount(); index < log.head.size; index++)
    await state.addLeaf(await log.entry(index), index)
}

/** A log that was restored from an old copy must not grow: it would show two histories under one name. */
async function assertNotBehind({ ledger, writer, log: note }: RecordLogParts, log: MerkleLog): Promise<void> {
  const anchoredSize = (await ledger.anchoredHead(writer.account))?.size ?? 0
  if (anchoredSize <= log.head.size) return
  note('error', 'log-behind', { size: log.head.size, anchoredSize })
  throw new RefusedError('INTERNAL', {
    message: 'The chain holds a larger log of this operator. Restore the directory log/ from a newer copy.',
  })
}

/** Brings the root of the whole log on chain, unless it is there: a crash may have come before that was noted. */
async function anchorHead(parts: Context, log: MerkleLog): Promise<Anchoring> {
  const { ledger, writer, state, stopped } = parts
  const { size, root: rootBytes } = log.head
  const root = hexOf(rootBytes) as Bytes32
  const found = await ledger.rootAnchor(writer.account, size, root)
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

/** The first root that covers a leaf, if it is still on the chain; a chain may take blocks back. */
async function standingRoot(parts: Context, leaf: Uint8Array): Promise<AnchoredRoot | null> {
  const { state, ledger, writer } = parts
  const index = await state.leafIndex(leaf)
  const root = index === null ? null : await state.anchoredRoot(index)
  if (root === null) return null
  const found = await ledger.rootAnchor(writer.account, root.size, hexOf(root.root) as Bytes32)
  if (found !== null) return { ...root, ...found, txHash: found.txHash ?? root.txHash }
  await state.dropAnchoredRoot(root.size)
  return null
}

async function writeReceipt(
  { openLog, state, signer }: Context,
  { size, root, txHash, block, atSec }: AnchoredRoot,
  commitment: Uint8Array,
  salt: Uint8Array,
): Promise<Uint8Array> {
  const log = await openLog()
  const index = (await state.leafIndex(saltCommitment(commitment, salt))) ?? 0
  const anchor = { txHash: txHash === null ? null : bytesOf(txHash), block, atSec }
  const proof = await log.proveInclusion(index, size)
  // Signed anew, with the key that the peer has now: the signature of one key is always the same.
  const note = signCheckpoint({ origin: signer.verifier.name, size, root, extension: [] }, [signer])
  return encodeReceipt(createReceipt({ commitment, salt }, proof, note, anchor))
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
  })
}
