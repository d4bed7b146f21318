import { hexOf } from '@halo/consent'
import type { Member, PeerClient, PeerLink, Progress, StorageReceipt } from '@halo/ports'
import type { Placement } from '@halo/vault'
import { createShardHasher, rendezvousOrder, sealTo, storedShareContext } from '@halo/vault'
import { WalletError } from './errors.ts'
import type { WalletContext } from './parts.ts'

const ID_BYTES = 16

/** A fresh opaque id: it says nothing about what it stands for. */
function freshId(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(ID_BYTES))
}

/**
 * Chooses who holds a record: active members in rendezvous order of a random subject, that answer now,
 * no two of one operator, so that the loss of any one of them costs one shard and one share.
 * @throws WalletError `PEERS_TOO_FEW`, before anything was stored
 */
export async function chooseHolders(
  context: WalletContext,
  link: PeerLink,
  count: number,
): Promise<readonly Member[]> {
  const members = await candidatesOf(context)
  const waiting = [...members]
  const holders: Member[] = []
  while (holders.length < count && waiting.length > 0) {
    const asked = waiting.splice(0, count - holders.length)
    const areUp = await Promise.all(asked.map((member) => isUp(context, link, member)))
    holders.push(...asked.filter((_, at) => areUp[at]))
  }
  if (holders.length === count) return holders
  throw new WalletError(
    'PEERS_TOO_FEW',
    `This record needs ${count} peers, but only ${holders.length} of ${members.length} registered peers answer. Nothing was stored.`,
    { details: { needed: count, reachable: holders.length, registered: members.length } },
  )
}

/** One active member of each operator, in an order that is another one for each record. */
async function candidatesOf(context: WalletContext): Promise<readonly Member[]> {
  const active = (await context.ledger.members()).filter((member) => member.isActive)
  const order = await rendezvousOrder(
    active.map((member) => member.peerId),
    hexOf(freshId()),
  )
  const sorted = active.toSorted((a, b) => order.indexOf(a.peerId) - order.indexOf(b.peerId))
  return [...new Map(sorted.map((member) => [member.operator, member])).values()]
}

async function isUp(context: WalletContext, link: PeerLink, member: Member): Promise<boolean> {
  try {
    await link
      .peer(member)
      .catalogue({ after: null, limit: 1 }, { signal: AbortSignal.timeout(context.peerTimeoutMs) })
    return true
  } catch {
    return false
  }
}

/**
 * Sends one shard to its holder, naming it on the way, and checks the receipt against that name.
 * @throws WalletError `RECEIPT_FORGED`
 */
export async function placeShard(
  context: WalletContext,
  peer: PeerClient,
  holder: Member,
  units: AsyncIterable<Uint8Array>,
  shape: { readonly sizeBytes: number; readonly unitBytes: number },
  signal: AbortSignal | undefined,
): Promise<Placement['shards'][number]> {
  const id = freshId()
  const hasher = createShardHasher()
  const receipt = await peer.storeShard({ id, ...shape, units: named(units, hasher) }, { signal })
  const name = await hasher.finish()
  await assertReceipt(context, receipt, {
    peerId: holder.peerId,
    id,
    content: name.cid,
    sizeBytes: name.sizeBytes,
  })
  return { peerId: holder.peerId, id, cid: name.cid, sizeBytes: name.sizeBytes }
}

async function* named(
  units: AsyncIterable<Uint8Array>,
  hasher: ReturnType<typeof createShardHasher>,
): AsyncGenerator<Uint8Array> {
  for await (const unit of units) {
    await hasher.add(unit)
    yield unit
  }
}

/** Seals one key share to its holder and stores it there; only that holder can open it. */
export async function placeShare(
  context: WalletContext,
  peer: PeerClient,
  holder: Member,
  share: Uint8Array,
  dataset: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Placement['shares'][number]> {
  const id = freshId()
  const sealed = await sealTo(holder.kemPublicKey, share, storedShareContext(holder.peerId, id, dataset))
  const limits = [AbortSignal.timeout(context.peerTimeoutMs), ...(signal === undefined ? [] : [signal])]
  const receipt = await peer.storeShare({ id, sealed }, { signal: AbortSignal.any(limits) })
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', sealed as Uint8Array<ArrayBuffer>))
  const content = `sha256:${hexOf(digest).slice(2)}`
  await assertReceipt(context, receipt, { peerId: holder.peerId, id, content, sizeBytes: sealed.length })
  return { peerId: holder.peerId, id }
}

async function assertReceipt(
  context: WalletContext,
  receipt: StorageReceipt,
  wanted: Pick<StorageReceipt, 'peerId' | 'id' | 'content' | 'sizeBytes'>,
): Promise<void> {
  const isSame =
    receipt.peerId === wanted.peerId &&
    receipt.content === wanted.content &&
    receipt.sizeBytes === wanted.sizeBytes &&
    hexOf(receipt.id) === hexOf(wanted.id)
  if (isSame && (await context.verifyReceipt(receipt))) return
  throw new WalletError(
    'RECEIPT_FORGED',
    `Peer ${wanted.peerId} did not confirm what it was given. Nothing was published.`,
    {
      details: { peerId: wanted.peerId },
    },
  )
}

/** Reports placed bytes as they leave. */
export function reportPlaced(
  onProgress: ((progress: Progress) => void) | undefined,
  total: number,
): (bytes: number) => void {
  let done = 0
  return (bytes) => {
    done += bytes
    onProgress?.({ step: 'place', done, total, unit: 'bytes' })
  }
}
