import { MamError } from './errors.ts'

/** Finds masked messages by address, on a Tangle or on whatever stands for one. */
export interface TangleLookup {
  /**
   * All messages at an address, in trytes: anybody can put some there. None is an answer, an empty list; no
   * answer is a rejection.
   * @param address 81 trytes
   */
  find(
    address: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<{ readonly found: readonly string[] }>
}

/**
 * Asks what is at an address. All that the lookup throws means that nothing is known; only an empty answer
 * means that there is nothing.
 * @throws MamError `NODE_UNREACHABLE`; the signal's reason, also where the lookup does not listen to it
 */
export async function askNode(
  lookup: TangleLookup,
  address: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  try {
    const { found } = await untilAborted(lookup.find(address, signal === undefined ? {} : { signal }), signal)
    if (Array.isArray(found)) return found
  } catch (cause) {
    signal?.throwIfAborted()
    throw new MamError('NODE_UNREACHABLE', 'No node answers; try again, or another node.', { cause })
  }
  throw new MamError('NODE_UNREACHABLE', 'The node’s answer is no list of messages; try another node.')
}

/** A promise's outcome, or the signal's reason if that comes first. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
