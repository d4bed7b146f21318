import type { LedgerTx } from '@halo/ports'
import type { Published } from '@halo/wallet'
import type { Outcome } from './ending.ts'
import type { Step } from './steps.ts'
import type { Story } from './story.ts'

/** What `report.json` holds: figures and checks, nothing of the record's content but the count. */
export interface Report {
  readonly ok: boolean
  readonly outcome: Outcome
  readonly readings: number
  readonly sealedBytes: number
  readonly shards: number
  readonly peers: number
  readonly threshold: number
  readonly dataset: string
  readonly request: string
  readonly txs: readonly Pick<LedgerTx, 'name' | 'gas' | 'hash'>[]
  readonly steps: readonly Step[]
  /** Parts of the store step, as the wallet timed them. */
  readonly storeSteps: Published['steps']
  /** What was found in the files on disk. */
  readonly verified: { readonly hash: boolean; readonly signature: boolean; readonly anchor: boolean }
  /** The Provenance among them is the patient's, for these bytes; null when nothing was delivered. */
  readonly provenance: boolean | null
  readonly liars: readonly string[]
  readonly damaged: readonly string[]
  /** Why not, where a peer, the chain or a rule said no; else see `code`. */
  readonly reason: string | null
  readonly code: string | null
  readonly explanation: string | null
  /** Decimal text, smallest unit; null when nothing was refunded. */
  readonly refunded: string | null
}

/** Sums a story up. A refusal that was asked for is a success of the story; a failed delivery is not. */
export function reportOf(
  story: Story,
  steps: readonly Step[],
  txs: readonly Pick<LedgerTx, 'name' | 'gas' | 'hash'>[],
): Report {
  const { published, collected, verified, ending } = story
  return {
    ok: ending.outcome === 'delivered' || ending.outcome === 'declined',
    outcome: ending.outcome,
    readings: story.view?.readings ?? story.readings,
    sealedBytes: published.sealedBytes,
    shards: published.shards,
    peers: published.peers,
    threshold: published.threshold,
    dataset: story.dataset,
    request: story.requestId,
    txs,
    steps,
    storeSteps: published.steps,
    verified: {
      hash: verified?.hash ?? false,
      signature: verified?.signature ?? false,
      anchor: verified?.anchor ?? false,
    },
    provenance: verified?.provenance ?? null,
    liars: collected?.liars ?? [],
    damaged: collected?.damaged ?? [],
    reason: ending.reason,
    code: ending.code,
    explanation: ending.explanation,
    refunded: story.refunded?.toString() ?? null,
  }
}
