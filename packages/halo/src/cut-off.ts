import type { RequestId } from '@halo/consent'
import { RefusedError } from '@halo/ports'

/** Running work by request, so that a withdrawal ends it at once. */
export interface CutOffs {
  /** A signal that aborts with reason `WITHDRAWN` when the request is cut, or when `signal` aborts. */
  watch(id: RequestId, signal: AbortSignal): { readonly signal: AbortSignal } & Disposable
  /** Ends everything that runs for a request. */
  cut(id: RequestId): void
}

/** Keeps track of running work. @param stopped ends all of it */
export function createCutOffs(stopped: AbortSignal): CutOffs {
  const running = new Map<RequestId, Set<AbortController>>()
  return {
    watch(id, signal) {
      const controller = new AbortController()
      const group = running.get(id) ?? new Set()
      running.set(id, group.add(controller))
      return {
        signal: AbortSignal.any([signal, stopped, controller.signal]),
        [Symbol.dispose]() {
          group.delete(controller)
          if (group.size === 0 && running.get(id) === group) running.delete(id)
        },
      }
    },
    cut(id) {
      for (const controller of running.get(id) ?? []) controller.abort(new RefusedError('WITHDRAWN'))
    },
  }
}
