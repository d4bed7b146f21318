import { signMessage, textHash } from '@halo/consent'
import type { Anchored, LedgerTx, Member, PeerLink, Publication } from '@halo/ports'
import { logAccess } from './access-log.ts'
import { WalletError } from './errors.ts'
import type { Holding } from './holdings.ts'
import { dropHolding } from './holdings.ts'
import type { DatasetKey } from './keyring.ts'
import type { WalletContext } from './parts.ts'
import { untilTrue } from './until.ts'

/**
 * Has a kept record anchored and listed. May be repeated: peers relay only what is not there yet.
 * Returns once the chain shows this very entry under this very address.
 * @returns the transaction of the peer that relayed it, or null when it was anchored before
 * @throws WalletError `ANCHOR_MISSING`, `ANCHOR_TAKEN`
 */
export async function anchorHolding(
  context: WalletContext,
  holding: Holding,
  key: DatasetKey = context.keyring.datasetKey(holding.keyIndex),
): Promise<Pick<LedgerTx, 'hash'> | null> {
  const { dataset, commitment, descriptor } = holding
  const { ledger } = context
  const message = { dataset, descriptor: textHash(descriptor) }
  const signature = await signMessage(key, 'Anchor', message, ledger.deployment)
  const publication: Publication = { commitment, patient: key.address, descriptor, signature }
  const txHash = await listEverywhere(context, publication)
  let anchored: Anchored | null = null
  await untilTrue(
    context,
    async () => {
      anchored = await ledger.anchorOf(dataset)
      return anchored !== null
    },
    anchorMissing,
  )
  await assertOwnEntry(context, holding, anchored)
  await logAccess(context, { event: 'published', dataset, requestId: null, organisation: null, reason: null })
  return txHash === null ? null : { hash: txHash }
}

/** A key signs one entry only; should the chain hold another, this record cannot be offered as it is. */
async function assertOwnEntry(
  context: WalletContext,
  { dataset, descriptor }: Holding,
  anchored: Anchored | null,
): Promise<void> {
  if (anchored?.descriptorHash === textHash(descriptor)) return
  await dropHolding(context, dataset)
  throw new WalletError(
    'ANCHOR_TAKEN',
    'This data set is anchored with another catalogue entry, so it cannot be offered. Publish the record again.',
  )
}

/** One peer at a time until the anchor is relayed, so that one transaction is paid for; then the rest. */
async function listEverywhere(
  context: WalletContext,
  publication: Publication,
): Promise<LedgerTx['hash'] | null> {
  await using link = await context.openLink()
  const rest = (await context.ledger.members()).filter((member) => member.isActive)
  let txHash: LedgerTx['hash'] | null = null
  for (let member = rest.shift(); member !== undefined; member = rest.shift()) {
    const reply = await publishTo(context, link, member, publication)
    txHash ??= reply?.txHash ?? null
    if (reply !== null) break
  }
  await Promise.all(rest.map((member) => publishTo(context, link, member, publication)))
  return txHash
}

async function publishTo(
  context: WalletContext,
  link: PeerLink,
  member: Member,
  publication: Publication,
): Promise<{ readonly txHash: LedgerTx['hash'] | null } | null> {
  try {
    const signal = AbortSignal.timeout(context.chainTimeoutMs)
    return await link.peer(member).publish(publication, { signal })
  } catch {
    return null
  }
}

function anchorMissing(cause: unknown): WalletError {
  return new WalletError(
    'ANCHOR_MISSING',
    'The record is stored, but the chain has not taken its anchor. Publish the same record again to retry.',
    { cause },
  )
}
