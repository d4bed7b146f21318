import type { LedgerEvent, LedgerListener } from '@halo/ports'
import type { PeerContext } from './parts.ts'

/**
 * What a peer does when the chain moves: a withdrawal cuts running work at once, and what a refunded
 * request left here is forgotten. Decisions never rest on these events alone: every release reads
 * the chain again.
 */
export function chainListener(context: PeerContext): LedgerListener {
  return {
    async onEvent(event: LedgerEvent) {
      if (event.kind === 'answered' && event.answer === 'Revoke') context.cutOffs.cut(event.id)
      if (event.kind === 'closed' && event.outcome === 'refunded') {
        context.cutOffs.cut(event.id)
        await context.state.forgetRequest(event.id)
      }
    },
    async onRollback(block) {
      context.log('warn', 'chain-rolled-back', { block })
    },
  }
}
