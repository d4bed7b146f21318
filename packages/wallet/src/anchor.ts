import type { LedgerTx, Listed, Member, PeerLink, Publication } from '@halo/ports'
import { logAccess } from './access-log.ts'
import { WalletError } from './errors.ts'
import type { Holding } from './holdings.ts'
import { addHolding } from './holdings.ts'
import type { WalletContext } from './parts.ts'
import type { Standing } from './receipt.ts'
import { findSoon, findStanding, missing } from './receipt.ts'

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
 * is only listed again, with a receipt that says of the chain what it says by now.
 * @param signal ends the waiting; what a member was asked to log by then, it may log all the same
 * @throws WalletError `ANCHOR_MISSING`, `RECEIPT_FORGED`, `HOLDING_OUTDATED`; the signal's reason
 */
export async function anchorHolding(
  context: WalletContext,
  holding: Holding,
  signal?: AbortSignal,
): Promise<Anchored> {
  signal?.throwIfAborted()
  await using link = await context.openLink()
  const calls: Calls = { context, link, signal }
  const members = (await context.ledger.members()).filter((member) => member.isActive)
  const { receipt } = holding
  const kept =
    receipt === null ? null : await findStanding(context, { ...publicationOf(context, holding), receipt })
  const logged =
    kept?.isSound === true
      ? { receipt: kept.receipt, anchorTx: null, liars: [] }
      : await haveLogged(calls, members, holding, kept)
  const anchored: Holding = { ...holding, receipt: logged.receipt }
  await addHolding(context, anchored)
  const listing = publicationOf(context, anchored)
  await Promise.all(members.map((member) => publishTo(calls, member, listing).catch(() => null)))
  const { dataset } = holding
  await logAccess(context, { event: 'published', dataset, requestId: null, organisation: null, reason: null })
  return { holding: anchored, anchorTx: logged.anchorTx, liars: logged.liars }
}

/** What the calls to members are made with. */
interface Calls {
  readonly context: WalletContext
  readonly link: PeerLink
  readonly signal: AbortSignal | undefined
}

type Logged = { readonly receipt: Uint8Array } & Pick<Anchored, 'anchorTx' | 'liars'>

/**
 * One member at a time, until one has logged it and the chain shows its root: so one transaction is paid for. A
 * receipt that lacks its signature is nobody's lie and better than none: another member may have taken the signature
 * off, or its key has changed.
 * @param kept such a receipt; its member is asked first, who has the record in its log already
 */
async function haveLogged(
  calls: Calls,
  members: readonly Member[],
  holding: Holding,
  kept: Standing | null,
): Promise<Logged> {
  const publication = publicationOf(calls.context, { ...holding, receipt: null })
  const isFirst = ({ operator }: Member): boolean => operator === kept?.operator
  const liars: string[] = []
  let spare: Logged | null = kept === null ? null : { receipt: kept.receipt, anchorTx: null, liars }
  let cause: unknown
  for (const member of [...members.filter(isFirst), ...members.filter((one) => !isFirst(one))]) {
    try {
      const { receipt, txHash } = await publishTo(calls, member, publication)
      const standing = await findSoon(calls.context, { ...publication, receipt }, calls.signal)
      if (standing === null) liars.push(member.peerId)
      else {
        const anchorTx = txHash === null ? null : { hash: txHash }
        const found: Logged = { receipt: standing.receipt, anchorTx, liars }
        if (standing.isSound) return found
        spare ??= found
      }
    } catch (error) {
      calls.signal?.throwIfAborted()
      cause = error
    }
  }
  if (spare !== null) return spare
  throw liars.length > 0 ? forged(liars) : missing(cause)
}

/** Signs nothing anew: a key signs one entry only. */
function publicationOf(context: WalletContext, holding: Holding): Publication {
  const { commitment, descriptor, signature, salt, receipt, keyIndex } = holding
  if (signature === null || salt === null) throw outdated()
  const patient = context.keyring.datasetKey(keyIndex).address
  return { commitment, patient, descriptor, signature, salt: receipt === null ? salt : null, receipt }
}

async function publishTo(
  { context, link, signal }: Calls,
  member: Member,
  publication: Publication,
): Promise<Listed> {
  const patience = AbortSignal.timeout(context.chainTimeoutMs)
  const options = { signal: signal === undefined ? patience : AbortSignal.any([signal, patience]) }
  return link.peer(member).publish(publication, options)
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
