import type { CatalogueEntry, LedgerTx, Member, PeerLink, Publication } from '@halo/ports'
import { checkEntry, readAnchor } from '@halo/ports'
import { logAccess } from './access-log.ts'
import { WalletError } from './errors.ts'
import type { Holding } from './holdings.ts'
import { addHolding } from './holdings.ts'
import type { WalletContext } from './parts.ts'
import { untilTrue } from './until.ts'

/** A holding that is logged and listed, and what that took. */
export interface Anchored {
  /** With its receipt. */
  readonly holding: Holding
  /** Of the member that logged it, or null when it was logged before. */
  readonly anchorTx: Pick<LedgerTx, 'hash'> | null
  /** Peers, by id, whose receipt did not hold. */
  readonly liars: readonly string[]
}

/**
 * Has a placed record logged by one member, checks the receipt against this wallet's own reading of the chain,
 * keeps it and hands it to the other peers, who list the record with it. May be repeated: what is logged
 * is only listed again.
 * @throws WalletError `ANCHOR_MISSING`, `RECEIPT_FORGED`, `HOLDING_OUTDATED`
 */
export async function anchorHolding(context: WalletContext, holding: Holding): Promise<Anchored> {
  await using link = await context.openLink()
  const members = (await context.ledger.members()).filter((member) => member.isActive)
  const logged = (await isLogged(context, holding))
    ? { receipt: holding.receipt, anchorTx: null, liars: [] }
    : await haveLogged(context, link, members, holding)
  const anchored: Holding = { ...holding, receipt: logged.receipt }
  await addHolding(context, anchored)
  const listing = publicationOf(context, anchored)
  await Promise.all(members.map((member) => publishTo(context, link, member, listing).catch(() => null)))
  const { dataset } = holding
  await logAccess(context, { event: 'published', dataset, requestId: null, organisation: null, reason: null })
  return { holding: anchored, anchorTx: logged.anchorTx, liars: logged.liars }
}

/** One member at a time, until one has logged it and the chain shows its root: so one transaction is paid for. */
async function haveLogged(
  context: WalletContext,
  link: PeerLink,
  members: readonly Member[],
  holding: Holding,
): Promise<{ readonly receipt: Uint8Array } & Pick<Anchored, 'anchorTx' | 'liars'>> {
  const publication = publicationOf(context, { ...holding, receipt: null })
  const liars: string[] = []
  let cause: unknown
  for (const member of members) {
    try {
      const { receipt, txHash } = await publishTo(context, link, member, publication)
      if (await holdsSoon(context, { ...publication, receipt }))
        return { receipt, anchorTx: txHash === null ? null : { hash: txHash }, liars }
      liars.push(member.peerId)
    } catch (error) {
      cause = error
    }
  }
  throw liars.length > 0 ? forged(liars) : missing(cause)
}

/** Signs nothing anew: a key signs one entry only. */
function publicationOf(context: WalletContext, holding: Holding): Publication {
  const { commitment, descriptor, signature, salt, receipt, keyIndex } = holding
  if (signature === null || salt === null) throw outdated()
  const patient = context.keyring.datasetKey(keyIndex).address
  return { commitment, patient, descriptor, signature, salt: receipt === null ? salt : null, receipt }
}

function publishTo(
  context: WalletContext,
  link: PeerLink,
  member: Member,
  publication: Publication,
): ReturnType<ReturnType<PeerLink['peer']>['publish']> {
  const signal = AbortSignal.timeout(context.chainTimeoutMs)
  return link.peer(member).publish(publication, { signal })
}

/** Whether a holding's receipt holds in every respect, the chain's word included. */
async function isLogged(context: WalletContext, holding: Holding): Promise<boolean> {
  const { receipt } = holding
  if (receipt === null) return false
  const checked = await checkedOf(context, { ...publicationOf(context, holding), receipt })
  return checked !== null && (await readAnchor(checked, context.ledger)) !== null
}

/**
 * Whether a receipt holds. A member answers when its own chain node shows the root; this wallet's may be a moment
 * behind, and is waited for until it has come to the time at which the receipt says the root was there.
 * @throws WalletError `ANCHOR_MISSING` when the chain does not come to that time, or cannot be asked
 */
async function holdsSoon(context: WalletContext, entry: CatalogueEntry): Promise<boolean> {
  const checked = await checkedOf(context, entry)
  const anchor = checked?.receipt.anchor ?? null
  if (checked === null || anchor === null) return false
  let holds = false
  const isDecided = async (): Promise<boolean> => {
    const isPast = (await context.ledger.chainTimeSec()) >= anchor.atSec
    holds = (await readAnchor(checked, context.ledger)) !== null
    return holds || isPast
  }
  const patience = { chainTimeoutMs: Math.min(context.chainTimeoutMs, context.peerTimeoutMs) }
  await untilTrue(patience, isDecided, missing)
  return holds
}

/** All that needs no chain: a receipt is taken only with the signature of a member's registered key. */
async function checkedOf(
  context: WalletContext,
  entry: CatalogueEntry,
): Promise<ReturnType<typeof checkEntry>> {
  const checked = checkEntry(entry, context.ledger.deployment, await context.ledger.members())
  return checked?.isSigned === true ? checked : null
}

function missing(cause: unknown): WalletError {
  return new WalletError(
    'ANCHOR_MISSING',
    'The record is stored, but no peer has logged it and brought its log on chain. Publish the same record again to retry.',
    { cause },
  )
}

function forged(liars: readonly string[]): WalletError {
  return new WalletError(
    'RECEIPT_FORGED',
    `No peer gave a receipt that holds; those of ${liars.join(', ')} do not. Tell their operators, and publish the same record again to retry.`,
    { details: { peerId: liars[0] ?? '' } },
  )
}

function outdated(): WalletError {
  return new WalletError(
    'HOLDING_OUTDATED',
    'This record was published by an earlier version and cannot be logged as it is. Publish the record again.',
  )
}
