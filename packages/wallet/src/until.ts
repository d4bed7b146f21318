import type { WalletContext } from './parts.ts'

const POLL_MS = 200

/**
 * Waits until a condition on the chain holds, within the wallet's patience. A question that fails is
 * asked again: what was sent to the chain is not undone by a moment without connection.
 * @param failure makes the error for when it never held, from why the last question failed
 */
export async function untilTrue(
  context: Pick<WalletContext, 'chainTimeoutMs'>,
  isTrue: () => Promise<boolean>,
  failure: (cause: unknown) => Error,
): Promise<void> {
  const deadline = AbortSignal.timeout(context.chainTimeoutMs)
  let cause: unknown
  for (;;) {
    try {
      if (await isTrue()) return
      cause = undefined
    } catch (error) {
      cause = error
    }
    if (deadline.aborted) throw failure(cause)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
