import type { LedgerListener } from '@halo/ports'
import type { Detached } from './detached.ts'
import type { Metrics } from './metrics.ts'

/**
 * Hands every event to the peer before anything else happens: a withdrawal has to cut what runs
 * within seconds. Reading the registry again waits for the chain, so nothing waits for it.
 */
export function createChainListener(
  peer: LedgerListener,
  rereadMembers: Detached,
  metrics: Metrics,
): LedgerListener {
  return {
    async onEvent(event) {
      metrics.count('halo_chain_events_total', { kind: event.kind })
      if (event.kind === 'members') rereadMembers.request()
      await peer.onEvent(event)
    },
    async onRollback(block) {
      metrics.count('halo_chain_rollbacks_total')
      rereadMembers.request()
      await peer.onRollback(block)
    },
  }
}
