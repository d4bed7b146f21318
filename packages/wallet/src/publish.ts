import type { Descriptor } from '@halo/consent'
import { encodeDescriptor, hexOf, parseDatasetId, signMessage, textHash } from '@halo/consent'
import type { LedgerTx, Member, OnProgress, PeerLink, Publication } from '@halo/ports'
import type { ErasureShape, KeySplit, Placement, SealResult } from '@halo/vault'
import {
  encodeManifest,
  encodeShards,
  sealedSizeOf,
  sealRecord,
  shardSizeOf,
  shardStreams,
  signManifest,
  splitKey,
} from '@halo/vault'
import { logAccess } from './access-log.ts'
import { WalletError } from './errors.ts'
import type { Holding } from './holdings.ts'
import { addHolding, takeKeyIndex } from './holdings.ts'
import type { DatasetKey } from './keyring.ts'
import type { WalletContext } from './parts.ts'
import { chooseHolders, placeShard, placeShare, reportPlaced } from './place.ts'
import { untilTrue } from './until.ts'

/** A record to publish, and what the catalogue shall say of it. */
export interface Publishing {
  readonly record: AsyncIterable<Uint8Array>
  /** Exact number of bytes `record` yields. */
  readonly recordBytes: number
  /** Sealed with the record; at most 64 KiB. */
  readonly metadata: Uint8Array
  readonly descriptor: Omit<Descriptor, 'version'>
  /** Shards needed to rebuild. @defaultValue 3 */
  readonly dataShards?: number
  /** Shards that may be lost. @defaultValue 2 */
  readonly parityShards?: number
  /** Key shares needed to open. @defaultValue 3 */
  readonly threshold?: number
  readonly onProgress?: OnProgress
  readonly signal?: AbortSignal
}

/** A published record, and what it took. */
export interface Published {
  readonly holding: Holding
  readonly sealedBytes: number
  readonly shards: number
  readonly peers: number
  readonly threshold: number
  readonly anchorTx: Pick<LedgerTx, 'hash'> | null
  /** Milliseconds by step. */
  readonly steps: readonly { readonly name: string; readonly ms: number }[]
}

/** Bytes of one unit at most: fewer, larger blocks to make durable; a small record's units are smaller. */
const UNIT_BYTES = 1 << 20

/**
 * Seals a record on this device, places its shards and key shares on distinct peers, keeps the
 * manifest here and has the commitment anchored. Returns once the chain shows the anchor. When it
 * fails before the anchor nothing is listed, and what peers took in cannot be opened by anyone.
 * @throws WalletError `PEERS_TOO_FEW`, `RECEIPT_FORGED`, `ANCHOR_MISSING`; RefusedError from a peer
 */
export async function publishRecord(context: WalletContext, publishing: Publishing): Promise<Published> {
  const timer = createStepTimer(context)
  const erasure = {
    data: publishing.dataShards ?? 3,
    parity: publishing.parityShards ?? 2,
    unitBytes: UNIT_BYTES,
  }
  const count = erasure.data + erasure.parity
  const threshold = publishing.threshold ?? 3
  await using link = await context.openLink()
  const holders = await chooseHolders(context, link, count)
  const keyIndex = await takeKeyIndex(context)
  const key = context.keyring.datasetKey(keyIndex)
  timer.mark('choose peers')
  const sealing = sealRecord(publishing.record, { metadata: publishing.metadata, ...signalOf(publishing) })
  try {
    const shards = await placeShards(context, link, holders, erasure, sealing.sealed, publishing)
    const result = await sealing.result
    timer.mark('seal and place shards')
    const split = await splitKey(sealing.dataKey, { shares: count, threshold })
    const shares = await placeShares(context, link, holders, split)
    timer.mark('place key shares')
    const placement: Placement = { version: 1, erasure, shards, shares }
    const holding = await keepHolding(context, publishing, {
      key,
      keyIndex,
      result,
      split,
      threshold,
      placement,
    })
    timer.mark('sign and keep manifest')
    const anchorTx = await anchorHolding(context, holding, key)
    timer.mark('anchor')
    return {
      holding,
      sealedBytes: result.sealedBytes,
      shards: count,
      peers: count,
      threshold,
      anchorTx,
      steps: timer.steps,
    }
  } finally {
    sealing.dataKey.fill(0)
  }
}

async function placeShards(
  context: WalletContext,
  link: PeerLink,
  holders: readonly Member[],
  erasure: ErasureShape,
  sealed: AsyncIterable<Uint8Array>,
  publishing: Publishing,
): Promise<Placement['shards']> {
  const sealedBytes = sealedSizeOf(publishing.recordBytes, publishing.metadata.length)
  const sizeBytes = shardSizeOf(erasure, sealedBytes).shardBytes
  const failure = new AbortController()
  const signal = AbortSignal.any([
    failure.signal,
    ...(publishing.signal === undefined ? [] : [publishing.signal]),
  ])
  const report = reportPlaced(publishing.onProgress, sizeBytes * holders.length)
  const streams = shardStreams(encodeShards(sealed, erasure, context.erasure, { signal }), holders.length)
  const placing = holders.map(async (holder, index) => {
    try {
      const units = counted(streams[index] ?? noUnits(), report)
      const shape = { sizeBytes, unitBytes: erasure.unitBytes }
      return await placeShard(context, link.peer(holder), holder, units, shape, signal)
    } catch (error) {
      failure.abort(error)
      throw error
    }
  })
  const settled = await Promise.allSettled(placing)
  if (failure.signal.aborted) throw failure.signal.reason
  return settled.map((place) => {
    if (place.status === 'rejected') throw place.reason
    return place.value
  })
}

async function* counted(
  units: AsyncIterable<Uint8Array>,
  report: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const unit of units) {
    yield unit
    report(unit.length)
  }
}

async function* noUnits(): AsyncGenerator<Uint8Array> {}

async function placeShares(
  context: WalletContext,
  link: PeerLink,
  holders: readonly Member[],
  split: KeySplit,
): Promise<Placement['shares']> {
  const placing = holders.map((holder, index) => {
    const share = split.shares[index] ?? new Uint8Array()
    return placeShare(context, link.peer(holder), holder, share)
  })
  const settled = await Promise.allSettled(placing)
  for (const share of split.shares) share.fill(0)
  return settled.map((place) => {
    if (place.status === 'rejected') throw place.reason
    return place.value
  })
}

async function keepHolding(
  context: WalletContext,
  publishing: Publishing,
  made: {
    readonly key: DatasetKey
    readonly keyIndex: number
    readonly result: SealResult
    readonly split: KeySplit
    readonly threshold: number
    readonly placement: Placement
  },
): Promise<Holding> {
  const { key, keyIndex, result, split, threshold, placement } = made
  const core = { ...result, threshold, commitments: split.commitments }
  const manifest = await signManifest(core, placement, (digest) => key.signDigest(digest))
  const holding: Holding = {
    dataset: parseDatasetId(hexOf(result.dataset)),
    keyIndex,
    manifest: encodeManifest(manifest, { withPlacement: true }),
    descriptor: encodeDescriptor({ version: 1, ...publishing.descriptor }),
    publishedAtSec: Math.floor(context.clock.nowMs() / 1000),
  }
  await addHolding(context, holding)
  return holding
}

/**
 * Has a kept record anchored and listed. May be repeated: peers relay only what is not there yet.
 * @throws WalletError `ANCHOR_MISSING`
 */
export async function anchorHolding(
  context: WalletContext,
  holding: Holding,
  key: DatasetKey = context.keyring.datasetKey(holding.keyIndex),
): Promise<Pick<LedgerTx, 'hash'> | null> {
  const { dataset, descriptor } = holding
  const { deployment } = context.ledger
  const signature = await signMessage(
    key,
    'Anchor',
    { dataset, descriptor: textHash(descriptor) },
    deployment,
  )
  await using link = await context.openLink()
  const publication: Publication = { dataset, patient: key.address, descriptor, signature }
  const members = (await context.ledger.members()).filter((member) => member.isActive)
  const txHash = await listEverywhere(context, link, members, publication)
  await untilTrue(
    context,
    async () => (await context.ledger.anchorOf(dataset)) !== null,
    () =>
      new WalletError(
        'ANCHOR_MISSING',
        'The record is stored, but the chain has not taken its anchor. Publish again to retry.',
      ),
  )
  await logAccess(context, { event: 'published', dataset, requestId: null, organisation: null, reason: null })
  return txHash === null ? null : { hash: txHash }
}

/** One peer at a time until the anchor is relayed, so that one transaction is paid for; then the rest. */
async function listEverywhere(
  context: WalletContext,
  link: PeerLink,
  members: readonly Member[],
  publication: Publication,
): Promise<LedgerTx['hash'] | null> {
  let txHash: LedgerTx['hash'] | null = null
  const rest = [...members]
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

function signalOf(publishing: Publishing): { readonly signal: AbortSignal } | Record<string, never> {
  return publishing.signal === undefined ? {} : { signal: publishing.signal }
}

function createStepTimer(context: WalletContext): {
  mark(name: string): void
  readonly steps: { name: string; ms: number }[]
} {
  const steps: { name: string; ms: number }[] = []
  let last = context.clock.nowMs()
  return {
    steps,
    mark(name) {
      const now = context.clock.nowMs()
      steps.push({ name, ms: now - last })
      last = now
    },
  }
}
