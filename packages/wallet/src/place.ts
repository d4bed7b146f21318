import type { Member, PeerClient, PeerLink, Progress, StorageReceipt } from '@halo/ports'
import type { Placement } from '@halo/vault'
import { createShardHasher, rendezvousOrder, sealTo, storedShareContext } from '@halo/vault'
import { WalletError } from './errors.ts'
import type { WalletContext } from './parts.ts'

const ID_BYTES = 16

/** A fresh opaque id: it says nothing about what it stands for. */
export function freshId(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(ID_BYTES))
}

/**
 * Chooses who holds a record: active members in rendezvous order of a random subject, that answer now.
 * @throws WalletError `PEERS_TOO_FEW`, before anything was stored
 */
export async function chooseHolders(
  context: WalletContext,
  link: PeerLink,
  count: number,
): Promise<readonly Member[]> {
  const members = (await context.ledger.members()).filter((member) => member.isActive)
  const byId = new Map(members.map((member) => [member.peerId, member]))
  const subject = Array.from(freshId()).join('.')
  const holders: Member[] = []
  for (const peerId of await rendezvousOrder([...byId.keys()], subject)) {
    const member = byId.get(peerId)
    if (holders.length < count && member !== undefined && (await isUp(context, link, member)))
      holders.push(member)
  }
  if (holders.length === count) return holders
  throw new WalletError(
    'PEERS_TOO_FEW',
    `This record needs ${count} peers, but only ${holders.length} of ${members.length} registered peers answer. Nothing was stored.`,
    { details: { needed: count, reachable: holders.length, registered: members.length } },
  )
}

async function isUp(context: WalletContext, link: PeerLink, member: Member): Promise<boolean> {
  try {
    await link
      .peer(member)
      .catalogue({ skip: 0, limit: 1 }, { signal: AbortSignal.timeout(context.peerTimeoutMs) })
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
): Promise<Placement['shares'][number]> {
  const id = freshId()
  const sealed = await sealTo(holder.kemPublicKey, share, storedShareContext(holder.peerId, id))
  const receipt = await peer.storeShare(
    { id, sealed },
    { signal: AbortSignal.timeout(context.peerTimeoutMs) },
  )
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', sealed as Uint8Array<ArrayBuffer>))
  const content = `sha256:${Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
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
    receipt.id.length === wanted.id.length &&
    receipt.id.every((byte, at) => byte === wanted.id[at])
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
