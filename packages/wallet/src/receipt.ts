import type { Address } from '@halo/consent'
import type { CatalogueEntry, CheckedEntry } from '@halo/ports'
import { checkEntry, refreshReceipt } from '@halo/ports'
import { WalletError } from './errors.ts'
import type { WalletContext } from './parts.ts'
import { untilTrue } from './until.ts'

/**
 * How often a chain that has come far enough has to show no root before its member is said to lie: behind one
 * address may be several nodes, of which one is behind the other.
 */
const MISSES = 2

/** A receipt whose root the chain holds. */
export interface Standing {
  /** With what the chain says of that root now. */
  readonly receipt: Uint8Array
  readonly operator: Address
  /** Whether others list the record with it: not while its signature is missing and could be had. */
  readonly isSound: boolean
}

/** What a receipt that is kept here comes to, if the chain holds its root in whatever block. */
export async function findStanding(context: WalletContext, entry: CatalogueEntry): Promise<Standing | null> {
  const checked = await checkedOf(context, entry)
  return checked === null ? null : standingOf(context, checked)
}

/**
 * What a member's receipt comes to; null when it does not hold. A member answers when its own chain node shows the
 * root; this wallet's may be behind, and is waited for until it has come to the block that the receipt names.
 * @throws WalletError `ANCHOR_MISSING` when the chain does not come to that block, or cannot be asked
 */
export async function findSoon(
  context: WalletContext,
  entry: CatalogueEntry,
  signal: AbortSignal | undefined,
): Promise<Standing | null> {
  const checked = await checkedOf(context, entry)
  const anchor = checked?.receipt.anchor ?? null
  if (checked === null || anchor === null) return null
  let standing: Standing | null = null
  let misses = 0
  const isDecided = async (): Promise<boolean> => {
    if (signal?.aborted === true) return true
    // Asked first: blocks of rollups come several to the second, so that the time would not tell them apart.
    const isPast = (await context.ledger.headBlock()) >= anchor.block
    standing = await standingOf(context, checked)
    if (standing === null && isPast) misses++
    return standing !== null || misses >= MISSES
  }
  const patience = { chainTimeoutMs: Math.min(context.chainTimeoutMs, context.peerTimeoutMs) }
  await untilTrue(patience, isDecided, missing)
  signal?.throwIfAborted()
  return standing
}

async function standingOf(context: WalletContext, checked: CheckedEntry): Promise<Standing | null> {
  const receipt = await refreshReceipt(checked, context.ledger)
  const { operator, lacksSignature } = checked
  return receipt === null ? null : { receipt, operator, isSound: !lacksSignature }
}

/** All that needs no chain. */
async function checkedOf(context: WalletContext, entry: CatalogueEntry): Promise<CheckedEntry | null> {
  return checkEntry(entry, context.ledger.deployment, await context.ledger.members())
}

/** Why nothing is logged, when that is nobody’s lie. */
export function missing(cause: unknown): WalletError {
  return new WalletError(
    'ANCHOR_MISSING',
    'The record is stored, but no peer has logged it and brought its log on chain. Publish the same record again to retry.',
    { cause },
  )
}
