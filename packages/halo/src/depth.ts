import type { Address, Bytes32 } from '@halo/consent'
import type { Ledger, RootAnchor } from '@halo/ports'
import { RefusedError } from '@halo/ports'
import { pause, unlessAborted } from './pause.ts'

/** What tells how deep a root is. */
export interface DepthParts {
  readonly ledger: Pick<Ledger, 'headBlock' | 'rootAnchor'>
  /** Blocks on top of a root, its own included, before a receipt names its block. */
  readonly confirmations: number
  /** How often the chain is asked. */
  readonly pollMs: number
  readonly stopped: AbortSignal
}

/** Whoever waits asks again after that; the root stays where it is. */
const MAX_WAIT_MS = 600_000

/**
 * Finds roots as a ledger does, but answers only when they are as deep as this peer wants them: one that is mined
 * again in another block would make every receipt untrue that names the first. Those who wait for the same root wait
 * together, each at most until their own signal aborts.
 * @returns the question; null is its answer where the chain does not hold the root. It is refused as `NOT_CONFIRMED`
 * when the root goes from the chain meanwhile, or stays too shallow
 */
export function createDeepRoots(parts: DepthParts): Pick<Ledger, 'rootAnchor'> {
  const waits = new Map<string, Promise<RootAnchor | null>>()
  return {
    rootAnchor(operator, size, root, { signal } = {}) {
      const key = `${operator} ${size} ${root}`
      const wait = waits.get(key) ?? findDeep(parts, operator, size, root).finally(() => waits.delete(key))
      waits.set(key, wait)
      return unlessAborted(wait, signal)
    },
  }
}

async function findDeep(
  { ledger, confirmations, pollMs, stopped }: DepthParts,
  operator: Address,
  size: number,
  root: Bytes32,
): Promise<RootAnchor | null> {
  for (let waitedMs = 0; waitedMs <= MAX_WAIT_MS; waitedMs += Math.max(1, pollMs)) {
    stopped.throwIfAborted()
    // Asked first: a root that is mined again between the two questions then comes out too shallow, never too deep.
    const head = confirmations <= 1 ? Number.POSITIVE_INFINITY : await ledger.headBlock()
    const anchor = await ledger.rootAnchor(operator, size, root)
    if (anchor === null && waitedMs === 0) return null
    if (anchor === null) break
    if (head - anchor.block + 1 >= confirmations) return anchor
    await pause(Math.max(1, pollMs), stopped)
  }
  throw new RefusedError('NOT_CONFIRMED')
}
