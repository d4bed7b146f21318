import type { Descriptor } from '@halo/consent'
import {
  bytesOf,
  datasetIdOf,
  encodeDescriptor,
  hexOf,
  parseBytes32,
  signMessage,
  textHash,
} from '@halo/consent'
import type { LedgerTx, Member, OnProgress, PeerLink } from '@halo/ports'
import { nowSec } from '@halo/ports'
import type { ErasureShape, KeySplit, Placement, SealResult } from '@halo/vault'
import {
  encodeManifest,
  encodeShards,
  MAX_METADATA_BYTES,
  MAX_SHARDS,
  MAX_STRIPE_BYTES,
  sealedSizeOf,
  sealRecord,
  shardSizeOf,
  shardStreams,
  signManifest,
  splitKey,
} from '@halo/vault'
import { anchorHolding } from './anchor.ts'
import { WalletError } from './errors.ts'
import type { RecordSource } from './foresee.ts'
import { foreseeRecord } from './foresee.ts'
import type { Holding } from './holdings.ts'
import { addHolding, takeKeyIndex } from './holdings.ts'
import type { DatasetKey } from './keyring.ts'
import type { WalletContext } from './parts.ts'
import { chooseHolders, placeShard, placeShare, reportPlaced } from './place.ts'
import { addProvenance, PROVENANCE_BYTES } from './provenance.ts'

/** A record to publish, and what the catalogue shall say of it. */
export interface Publishing {
  /**
   * The record's bytes, or a function that gives them from the start at every call. Bytes that can be read
   * more than once are packed where that makes them much smaller, and signed for as to where they come from.
   */
  readonly record: RecordSource
  /** Exact number of bytes `record` yields. */
  readonly recordBytes: number
  /**
   * Sealed with the record; at most 62 KiB. A JSON object gets one more member `provenance`: a FHIR
   * Provenance of the record's bytes, signed with the data set's key; other metadata get none.
   */
  readonly metadata: Uint8Array
  readonly descriptor: Omit<Descriptor, 'version'>
  /** Shards needed to rebuild. @defaultValue 3 */
  readonly dataShards?: number
  /** Shards that may be lost. @defaultValue 2 */
  readonly parityShards?: number
  /** Key shares needed to open. @defaultValue what the Halo settles on; anything else is refused */
  readonly threshold?: number
  /** Id of the kept record that this is. @defaultValue null */
  readonly recordId?: string | null
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
  /** Of the member that logged it, for this and what else it was given meanwhile; null when it was logged before. */
  readonly anchorTx: Pick<LedgerTx, 'hash'> | null
  /** Peers, by id, whose receipt did not hold; the entry is in another member's log. */
  readonly liars: readonly string[]
  /** Milliseconds by step. */
  readonly steps: readonly { readonly name: string; readonly ms: number }[]
}

/** Bytes of one unit at most: fewer, larger blocks to make durable; a small record's units are smaller. */
const UNIT_BYTES = 1 << 20

/**
 * Seals a record on this device, places its shards and key shares on distinct peers, keeps the
 * manifest here and has its catalogue entry logged by a member. Returns once the chain shows the root of that
 * log. When it fails before the record is offered to a member, nothing is listed, and what peers took in cannot be
 * opened by anyone; a member that was asked by then may go on to log and list it.
 * @throws WalletError `PUBLISHING_INVALID`, `PEERS_TOO_FEW`, `RECEIPT_FORGED`, `ANCHOR_MISSING`;
 * ConsentError for a catalogue entry out of range; RefusedError from a peer
 */
export async function publishRecord(context: WalletContext, publishing: Publishing): Promise<Published> {
  const quorum = await context.ledger.deliveryQuorum({ signal: publishing.signal })
  const { erasure, count, threshold, descriptor } = checkPublishing(publishing, quorum)
  const timer = createStepTimer(context)
  const foreseen = await foreseeRecord(publishing.record, publishing.signal)
  if (foreseen.packing !== null && foreseen.packing.recordBytes !== publishing.recordBytes)
    throw outOfRange('recordBytes')
  timer.mark('measure packing')
  await using link = await context.openLink()
  const holders = await chooseHolders(context, link, count)
  const keyIndex = await takeKeyIndex(context)
  const key = context.keyring.datasetKey(keyIndex)
  timer.mark('choose peers')
  const metadata = await addProvenance(context, publishing.metadata, foreseen.sha256, key)
  const { packing } = foreseen
  const sealing = sealRecord(foreseen.open(), { metadata, packing, ...signalOf(publishing) })
  try {
    const sealedBytes = sealedSizeOf(packing ?? publishing.recordBytes, metadata.length)
    const sealed = { pieces: sealing.sealed, sizeBytes: sealedBytes }
    const shards = await placeShards(context, link, holders, erasure, sealed, publishing)
    const result = await sealing.result
    timer.mark('seal and place shards')
    const split = await splitKey(sealing.dataKey, { shares: count, threshold })
    const shares = await placeShares(
      context,
      link,
      holders,
      split,
      bytesOf(datasetIdOf(result.commitment, key.address)),
      publishing.signal,
    )
    publishing.signal?.throwIfAborted()
    timer.mark('place key shares')
    const placement: Placement = { version: 1, erasure, shards, shares }
    const holding = await keepHolding(context, {
      key,
      keyIndex,
      descriptor,
      recordId: publishing.recordId ?? null,
      result,
      split,
      threshold,
      placement,
    })
    timer.mark('sign and keep manifest')
    const { holding: anchored, ...listed } = await anchorHolding(context, holding, publishing.signal)
    timer.mark('anchor')
    return {
      holding: anchored,
      ...listed,
      sealedBytes: result.sealedBytes,
      shards: count,
      peers: count,
      threshold,
      steps: timer.steps,
    }
  } finally {
    sealing.dataKey.fill(0)
  }
}

/** Everything that can be known to be wrong before the first byte is sealed. */
function checkPublishing(
  publishing: Publishing,
  quorum: number,
): {
  readonly erasure: ErasureShape
  readonly count: number
  readonly threshold: number
  readonly descriptor: string
} {
  const { dataShards: data = 3, parityShards: parity = 2, threshold = quorum, metadata } = publishing
  const count = data + parity
  if (!isWhole(data, 1, MAX_SHARDS)) throw outOfRange('dataShards')
  if (!isWhole(parity, 0, MAX_SHARDS - data)) throw outOfRange('parityShards')
  if (!isWhole(threshold, 2, count)) throw outOfRange('threshold')
  if (threshold !== quorum) throw unlikeQuorum(quorum)
  if (!isWhole(publishing.recordBytes, 0, Number.MAX_SAFE_INTEGER)) throw outOfRange('recordBytes')
  if (metadata.length > MAX_METADATA_BYTES - PROVENANCE_BYTES) throw outOfRange('metadata')
  const descriptor = encodeDescriptor({ version: 1, ...publishing.descriptor })
  const unitBytes = Math.min(UNIT_BYTES, Math.floor(MAX_STRIPE_BYTES / count))
  return { erasure: { data, parity, unitBytes }, count, threshold, descriptor }
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most
}

/** With fewer the researcher could open and not pay, with more they could pay and not open. */
function unlikeQuorum(quorum: number): WalletError {
  return new WalletError(
    'PUBLISHING_INVALID',
    `This Halo settles once ${quorum} peers have released their key share, so the threshold has to be ${quorum}. Nothing was stored.`,
    { details: { field: 'threshold', quorum } },
  )
}

function outOfRange(field: string): WalletError {
  return new WalletError('PUBLISHING_INVALID', `The ${field} is out of range. Nothing was stored.`, {
    details: { field },
  })
}

async function placeShards(
  context: WalletContext,
  link: PeerLink,
  holders: readonly Member[],
  erasure: ErasureShape,
  sealed: { readonly pieces: AsyncIterable<Uint8Array>; readonly sizeBytes: number },
  publishing: Publishing,
): Promise<Placement['shards']> {
  const sizeBytes = shardSizeOf(erasure, sealed.sizeBytes).shardBytes
  const failure = new AbortController()
  const signal = AbortSignal.any([
    failure.signal,
    ...(publishing.signal === undefined ? [] : [publishing.signal]),
  ])
  const report = reportPlaced(publishing.onProgress, sizeBytes * holders.length)
  const stripes = encodeShards(sealed.pieces, erasure, context.erasure, { signal })
  const streams = shardStreams(stripes, holders.length, { signal })
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
  dataset: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<Placement['shares']> {
  const placing = holders.map((holder, index) => {
    const share = split.shares[index] ?? new Uint8Array()
    return placeShare(context, link.peer(holder), holder, share, dataset, signal)
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
  made: Pick<Holding, 'keyIndex' | 'descriptor' | 'recordId'> & {
    readonly key: DatasetKey
    readonly result: SealResult
    readonly split: KeySplit
    readonly threshold: number
    readonly placement: Placement
  },
): Promise<Holding> {
  const { key, keyIndex, descriptor, recordId, result, split, threshold, placement } = made
  const core = { ...result, threshold, commitments: split.commitments }
  const manifest = await signManifest(core, placement, (digest) => key.signDigest(digest))
  const commitment = parseBytes32(hexOf(result.commitment))
  const dataset = datasetIdOf(commitment, key.address)
  const message = { dataset, descriptor: textHash(descriptor) }
  const holding: Holding = {
    dataset,
    commitment,
    keyIndex,
    manifest: encodeManifest(manifest, { withPlacement: true }),
    descriptor,
    signature: await signMessage(key, 'Anchor', message, context.ledger.deployment),
    salt: crypto.getRandomValues(new Uint8Array(32)),
    receipt: null,
    publishedAtSec: nowSec(context.clock),
    recordId,
  }
  await addHolding(context, holding)
  return holding
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
