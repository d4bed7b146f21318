import type { WalletContext } from './parts.ts'

const POLL_MS = 200

/** Waits until a condition on the chain holds, within the wallet's patience. */
export async function untilTrue(
  context: WalletContext,
  isTrue: () => Promise<boolean>,
  failure: () => Error,
): Promise<void> {
  const deadline = AbortSignal.timeout(context.chainTimeoutMs)
  while (!(await isTrue())) {
    if (deadline.aborted) throw failure()
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
