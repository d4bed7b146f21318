import type { RequestId } from '@halo/consent'
import type { LedgerEvent, LedgerListener } from '@halo/ports'
import { reasonOf } from '@halo/ports'
import { isWithdrawn } from './authorise.ts'
import type { PeerContext } from './parts.ts'
import { relayAnswer } from './relay.ts'

/**
 * What a peer does when the chain moves: a withdrawal cuts running work at once, and what a refunded
 * request left here is forgotten; after blocks were taken back, roots of this member's log are looked for. Decisions never rest on these events alone: every release reads
 * the chain again.
 */
export function chainListener(context: PeerContext): LedgerListener {
  return {
    async onEvent(event: LedgerEvent) {
      if (event.kind === 'answered' && event.answer === 'Revoke') context.cutOffs.cut(event.id)
      if (event.kind === 'answered' && event.answer === 'Grant') await relayWithdrawal(context, event.id)
      if (event.kind === 'closed' && event.outcome === 'refunded') {
        context.cutOffs.cut(event.id)
        await context.state.forgetRequest(event.id)
      }
    },
    async onRollback(block) {
      context.log('warn', 'chain-rolled-back', { block })
      context.anchorLater()
    },
  }
}

/** A patient who took a grant back while it was under way is heeded on chain as soon as it lands there. */
async function relayWithdrawal(context: PeerContext, id: RequestId): Promise<void> {
  if (!(await isWithdrawn(context, id))) return
  relayAnswer(context, id, 'Revoke').catch((error: unknown) => {
    context.log('warn', 'relay-failed', { requestId: id, kind: 'Revoke', reason: reasonOf(error) })
  })
}
