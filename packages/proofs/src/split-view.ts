import type { OpenedCheckpoint } from './checkpoint.ts'
import { verifyConsistency } from './consistency.ts'
import { areEqual, emptyRoot } from './tree-hash.ts'
import type { ConsistencyProof } from './tree-proof.ts'

/** What is asked of a log about two of its checkpoints of different sizes. */
export interface PrefixProof {
  readonly consistency: ConsistencyProof
  /**
   * Root that the log now gives for the smaller size, 32 bytes. Where it is not that of the older checkpoint
   * and the proof holds, the log has shown itself that it rewrote its past. Left out, it is taken to be the
   * older checkpoint's.
   */
  readonly prefixRoot?: Uint8Array
}

/** Two checkpoints of one log held against each other. */
export type Comparison =
  /** Same size, same root. */
  | { readonly verdict: 'same'; readonly origin: string }
  /** The older one's tree is the beginning of the newer one's. */
  | { readonly verdict: 'consistent'; readonly origin: string }
  /** No log that only appends can have signed both: both notes together are the evidence. */
  | {
      readonly verdict: 'split'
      readonly reason: 'roots-differ' | 'past-rewritten'
      readonly origin: string
      /** The smaller first. */
      readonly sides: readonly [SplitSide, SplitSide]
    }
  /**
   * Nothing is shown either way: the proof is missing or does not hold, which anybody may have caused. A log
   * that goes on giving no proof is not to be trusted.
   */
  | {
      readonly verdict: 'unproven'
      readonly reason: 'proof-missing' | 'proof-wrong'
      readonly origin: string
    }
  /** Two logs: nothing to compare. */
  | { readonly verdict: 'other-log' }

/** One of two checkpoints that contradict each other. */
export interface SplitSide {
  /** The signed note, as evidence for anyone who knows the keys. */
  readonly note: string
  readonly size: number
  readonly root: Uint8Array
  /** Key name of the log. */
  readonly log: string
  /** Known co-signers who vouched for this side, with the time they gave. */
  readonly cosigners: readonly { readonly name: string; readonly timeSec: number | null }[]
}

/**
 * Holds two signed checkpoints against each other, in either order.
 * @param proof from the smaller to the larger; null where it was not to be had. Not looked at where sizes are
 * equal, or the smaller is 0: there is one empty tree, and every log has begun with it
 */
export function compareCheckpoints(
  first: OpenedCheckpoint,
  second: OpenedCheckpoint,
  proof: PrefixProof | null,
): Comparison {
  const { origin } = first.checkpoint
  if (second.checkpoint.origin !== origin) return { verdict: 'other-log' }
  const isOrdered = first.checkpoint.size <= second.checkpoint.size
  const [older, newer] = isOrdered ? [first, second] : [second, first]
  if (older.checkpoint.size === newer.checkpoint.size) {
    if (areEqual(older.checkpoint.root, newer.checkpoint.root)) return { verdict: 'same', origin }
    return nameSplit('roots-differ', older, newer)
  }
  if (older.checkpoint.size === 0) return judgePast(older, newer, emptyRoot())
  if (proof === null) return { verdict: 'unproven', reason: 'proof-missing', origin }
  return judgeProof(older, newer, proof)
}

/** What became of a note that claims to be a log's next checkpoint. */
export type FollowResult =
  | { readonly isAccepted: true; readonly latest: OpenedCheckpoint }
  | {
      readonly isAccepted: false
      /** `older`: consistent with what is trusted, but the log went back behind it. */
      readonly reason: 'older' | 'split' | 'unproven' | 'other-log'
      readonly comparison: Comparison
    }

/**
 * Goes from the last trusted checkpoint of a log to its next, or says why not. The first checkpoint of a log
 * is trusted as it is. Keep `latest` for the next time, durably, and nothing else.
 * @param proof from the trusted size to the next; null where sizes are equal or there is none
 */
export function followCheckpoint(
  trusted: OpenedCheckpoint | null,
  next: OpenedCheckpoint,
  proof: PrefixProof | null,
): FollowResult {
  if (trusted === null) return { isAccepted: true, latest: next }
  const comparison = compareCheckpoints(trusted, next, proof)
  const { verdict } = comparison
  if (verdict !== 'same' && verdict !== 'consistent') {
    return { isAccepted: false, reason: verdict, comparison }
  }
  if (next.checkpoint.size < trusted.checkpoint.size) {
    return { isAccepted: false, reason: 'older', comparison }
  }
  return { isAccepted: true, latest: next }
}

function judgeProof(older: OpenedCheckpoint, newer: OpenedCheckpoint, proof: PrefixProof): Comparison {
  const { origin, size, root } = older.checkpoint
  const { consistency, prefixRoot = root } = proof
  const isOfThese = consistency.from === size && consistency.to === newer.checkpoint.size
  if (!isOfThese || !verifyConsistency(consistency, prefixRoot, newer.checkpoint.root)) {
    return { verdict: 'unproven', reason: 'proof-wrong', origin }
  }
  return judgePast(older, newer, prefixRoot)
}

/** @param prefixRoot what the newer one's tree had as its root at the older one's size, and that is shown */
function judgePast(older: OpenedCheckpoint, newer: OpenedCheckpoint, prefixRoot: Uint8Array): Comparison {
  const { origin, root } = older.checkpoint
  if (areEqual(prefixRoot, root)) return { verdict: 'consistent', origin }
  return nameSplit('past-rewritten', older, newer)
}

function nameSplit(
  reason: 'roots-differ' | 'past-rewritten',
  older: OpenedCheckpoint,
  newer: OpenedCheckpoint,
): Comparison {
  const { origin } = older.checkpoint
  return { verdict: 'split', reason, origin, sides: [describeSide(older), describeSide(newer)] }
}

function describeSide({ checkpoint, note, log, cosigners }: OpenedCheckpoint): SplitSide {
  return {
    note,
    size: checkpoint.size,
    root: checkpoint.root,
    log: log.name,
    cosigners: cosigners.map(({ name, timeSec }) => ({ name, timeSec })),
  }
}
