import type { Bytes32 } from '@halo/consent'
import { hexOf } from '@halo/consent'
import type { Ledger, LedgerWriter, RootAnchor } from '@halo/ports'
import { RefusedError } from '@halo/ports'
import { pause } from './pause.ts'
import type { AnchoredRoot } from './state.ts'

/** What tells how deep a root is. */
export interface DepthParts {
  readonly ledger: Ledger
  readonly writer: LedgerWriter
  /** Blocks on top of a root, its own included, before a receipt names its block. */
  readonly confirmations: number
  /** How often the chain is asked. */
  readonly pollMs: number
  readonly stopped: AbortSignal
}

/** Whoever waits asks again after that; the root stays where it is. */
const MAX_WAIT_MS = 600_000

/**
 * Waits until roots are as deep as this peer wants them: one that is mined again in another block would make
 * every receipt untrue that names the first. Those who wait for the same root wait together.
 * @throws RefusedError `NOT_CONFIRMED` when it has gone from the chain, or stays too shallow
 */
export function createDepthWait(parts: DepthParts): (root: AnchoredRoot) => Promise<AnchoredRoot> {
  const waits = new Map<number, Promise<RootAnchor>>()
  return async (root) => {
    if (parts.confirmations <= 1) return root
    const wait = waits.get(root.size) ?? waitForDepth(parts, root).finally(() => waits.delete(root.size))
    waits.set(root.size, wait)
    const anchor = await wait
    return { ...root, ...anchor, txHash: anchor.txHash ?? root.txHash }
  }
}

async function waitForDepth(parts: DepthParts, { size, root }: AnchoredRoot): Promise<RootAnchor> {
  const { ledger, writer, confirmations, pollMs, stopped } = parts
  for (let waitedMs = 0; waitedMs <= MAX_WAIT_MS; waitedMs += Math.max(1, pollMs)) {
    stopped.throwIfAborted()
    const anchor = await ledger.rootAnchor(writer.account, size, hexOf(root) as Bytes32)
    if (anchor === null) break
    if ((await ledger.headBlock()) - anchor.block + 1 >= confirmations) return anchor
    await pause(Math.max(1, pollMs), stopped)
  }
  throw new RefusedError('NOT_CONFIRMED')
}
