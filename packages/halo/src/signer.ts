import type { Address, Hex, Messages } from '@halo/consent'
import { recoverSigner } from '@halo/consent'
import type { PeerContext } from './parts.ts'

/** Who signed a message for this deployment, or null when the bytes are no signature at all. */
export function signerOf<Kind extends keyof Messages>(
  context: Pick<PeerContext, 'ledger'>,
  kind: Kind,
  message: Messages[Kind],
  signature: Hex,
): Address | null {
  try {
    return recoverSigner(kind, message, signature, context.ledger.deployment)
  } catch {
    return null
  }
}
