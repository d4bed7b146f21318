import type { Caller, HaloProtocols } from '@halo/ports'
import { RefusedError } from '@halo/ports'
import type { Metrics } from './metrics.ts'

/** Counts calls by protocol and reason: nothing that names who called or what for. */
export function countCalls(service: HaloProtocols<Caller>, metrics: Metrics): HaloProtocols<Caller> {
  const counted = Object.entries(service).map(([call, serve]) => {
    const counting = async (message: unknown, caller: Caller): Promise<unknown> => {
      try {
        const reply = await (serve as (message: unknown, caller: Caller) => Promise<unknown>)(message, caller)
        metrics.count('halo_calls_total', { call, outcome: 'ok' })
        return reply
      } catch (error) {
        metrics.count('halo_calls_total', {
          call,
          outcome: error instanceof RefusedError ? error.reason : 'INTERNAL',
        })
        throw error
      }
    }
    return [call, counting]
  })
  return Object.fromEntries(counted)
}
