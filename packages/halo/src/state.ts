import type { AccessRequest, AnswerKind, DatasetId, Hex, RequestId } from '@halo/consent'
import { hexOf, parseAccessRequest, plainAccessRequest } from '@halo/consent'
import type { CatalogueEntry, KeyValueStore, RequestNotice } from '@halo/ports'
import { decode, encode } from '@ipld/dag-cbor'
import { walk } from './walk.ts'

/** A shard this peer acknowledged, by its opaque id. */
export interface StoredShardEntry {
  readonly cid: string
  readonly sizeBytes: number
  readonly units: number
  readonly storedAtSec: number
}

/** An answer this peer checked and took in. */
export interface StoredAnswer {
  readonly kind: AnswerKind
  readonly signature: Hex
  /** Encoded signed manifest with placement; null unless granted. */
  readonly manifest: Uint8Array | null
}

/** A root of this member's log that the chain holds, with what receipts say of it. */
export interface AnchoredRoot {
  /** Leaves of the log. */
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
  readonly txHash: Hex | null
  readonly block: number
  /** Unix seconds of the block. */
  readonly atSec: number
}

/** A peer's durable state, typed: everything it has acknowledged, and nothing that says who a patient is. */
export interface PeerState {
  shard(id: Uint8Array): Promise<StoredShardEntry | null>
  /** False when the id was taken. */
  addShard(id: Uint8Array, entry: StoredShardEntry): Promise<boolean>
  /** Whether any id still stands for these blocks. */
  isShardNeeded(cid: string): Promise<boolean>
  share(id: Uint8Array): Promise<Uint8Array | null>
  addShare(id: Uint8Array, sealed: Uint8Array): Promise<boolean>
  /** Bytes of each sealed share held. */
  shareSizes(): AsyncGenerator<number>
  catalogueEntry(dataset: DatasetId): Promise<CatalogueEntry | null>
  addCatalogueEntry(dataset: DatasetId, entry: CatalogueEntry): Promise<void>
  /** In order of their ids, those that follow `after`. */
  catalogueEntries(limit: number, after: DatasetId | null): Promise<readonly CatalogueEntry[]>
  /** Ids of all entries, in their order, and whether each has what an entry of this version has. */
  catalogueIds(): AsyncGenerator<{ readonly id: DatasetId; readonly isCurrent: boolean }>
  dropCatalogueEntry(dataset: DatasetId): Promise<void>
  /** Where a leaf is in the log, or null. */
  leafIndex(leaf: Uint8Array): Promise<number | null>
  /** Notes leaves that follow those noted before, the first of them at an index. */
  addLeaves(leaves: readonly Uint8Array[], first: number): Promise<void>
  /** Leaves noted; those of the log after them are not. */
  leafCount(): Promise<number>
  /** The first root noted that covers a leaf, or null. */
  anchoredRoot(index: number): Promise<AnchoredRoot | null>
  /** The root noted with the most leaves, or null. */
  newestRoot(): Promise<AnchoredRoot | null>
  addAnchoredRoot(root: AnchoredRoot): Promise<void>
  dropAnchoredRoot(size: number): Promise<void>
  notice(id: RequestId): Promise<RequestNotice | null>
  addNotice(id: RequestId, notice: RequestNotice): Promise<void>
  noticesFor(dataset: DatasetId, limit: number): Promise<readonly RequestNotice[]>
  /** The request of a notice held here, or of a grant that came without one. */
  request(id: RequestId): Promise<AccessRequest | null>
  /** Keeps the request a grant is about, so that its manifest is found again when the request is over. */
  addGranted(id: RequestId, request: AccessRequest): Promise<void>
  /** Every request of which a notice or a manifest is held, once. */
  heldRequests(): AsyncGenerator<RequestId>
  /** Forgets what a closed request no longer needs: the notice and the manifest. */
  forgetRequest(id: RequestId): Promise<void>
  answer(id: RequestId, kind: AnswerKind): Promise<StoredAnswer | null>
  addAnswer(id: RequestId, answer: StoredAnswer): Promise<void>
  /** Answers taken in and perhaps not yet relayed. */
  unrelayed(limit: number): Promise<readonly { readonly id: RequestId; readonly kind: AnswerKind }[]>
  isUnrelayed(id: RequestId, kind: AnswerKind): Promise<boolean>
  markRelayed(id: RequestId, kind: AnswerKind): Promise<void>
  /** This operator's statement that it released its key share, or null. */
  delivery(id: RequestId): Promise<Hex | null>
  /** Keeps the statement, and that the patient is still to be paid. */
  addDelivery(id: RequestId, signature: Hex): Promise<void>
  /** Requests this peer released a share for and has not seen paid. */
  unsettled(limit: number): Promise<readonly RequestId[]>
  markSettled(id: RequestId): Promise<void>
}

/** Lays a peer's state out on a key-value store. */
export function openPeerState(store: KeyValueStore): PeerState {
  const notice = async (id: RequestId): Promise<RequestNotice | null> => {
    const dataset = await store.get(`request/${id}`)
    return dataset === null ? null : readNotice(store, `notice/${text(dataset)}/${id}`)
  }
  return {
    shard: (id) => read(store, `shard/${hexOf(id)}`),
    async addShard(id, entry) {
      // The way back first: a crash in between leaves blocks that are kept, never an entry without them.
      await store.put(`by-cid/${entry.cid}/${hexOf(id)}`, new Uint8Array())
      return store.putNew(`shard/${hexOf(id)}`, encode(entry))
    },
    async isShardNeeded(cid) {
      for await (const { key } of walk(store, `by-cid/${cid}/`)) {
        const entry = await read<StoredShardEntry>(store, `shard/${key.split('/')[2]}`)
        if (entry?.cid === cid) return true
      }
      return false
    },
    share: (id) => store.get(`share/${hexOf(id)}`),
    addShare: (id, sealed) => store.putNew(`share/${hexOf(id)}`, sealed),
    async *shareSizes() {
      for await (const { value } of walk(store, 'share/')) yield value.length
    },
    catalogueEntry: (dataset) => read(store, `entry/${dataset}`),
    addCatalogueEntry: (dataset, { commitment, patient, descriptor, signature, receipt }) =>
      store.put(`entry/${dataset}`, encode({ commitment, patient, descriptor, signature, receipt })),
    async catalogueEntries(limit, after) {
      const entries = await store.list('entry/', { limit, after: after === null ? '' : `entry/${after}` })
      return entries.map((entry) => decode<CatalogueEntry>(entry.value))
    },
    async *catalogueIds() {
      for await (const { key, value } of walk(store, 'entry/'))
        yield { id: key.slice('entry/'.length) as DatasetId, isCurrent: isCurrentEntry(value) }
    },
    dropCatalogueEntry: (dataset) => store.delete(`entry/${dataset}`),
    leafIndex: (leaf) => read(store, `leaf/${hexOf(leaf)}`),
    async addLeaves(leaves, first) {
      // Should a leaf be in the log twice, its first place counts.
      for (const [at, leaf] of leaves.entries()) await store.putNew(`leaf/${hexOf(leaf)}`, encode(first + at))
      await store.put('log/leaves', encode(first + leaves.length))
    },
    leafCount: async () => (await read<number>(store, 'log/leaves')) ?? 0,
    async anchoredRoot(index) {
      const [entry] = await store.list('root/', { limit: 1, after: rootKey(index) })
      return entry === undefined ? null : decode<AnchoredRoot>(entry.value)
    },
    newestRoot: () => read(store, 'log/newest'),
    async addAnchoredRoot(root) {
      await store.put(rootKey(root.size), encode(root))
      await store.put('log/newest', encode(root))
    },
    dropAnchoredRoot: (size) => store.delete(rootKey(size)),
    notice,
    async addNotice(id, notice) {
      const { dataset } = notice.request
      await store.put(
        `notice/${dataset}/${id}`,
        encode({ ...notice, request: plainAccessRequest(notice.request) }),
      )
      await store.put(`request/${id}`, new TextEncoder().encode(dataset))
    },
    async noticesFor(dataset, limit) {
      const entries = await store.list(`notice/${dataset}/`, { limit })
      return entries.map((entry) => toNotice(entry.value))
    },
    async request(id) {
      const held = await notice(id)
      if (held !== null) return held.request
      const granted = await read(store, `granted/${id}`)
      return granted === null ? null : parseAccessRequest(granted)
    },
    addGranted: (id, request) => store.put(`granted/${id}`, encode(plainAccessRequest(request))),
    async *heldRequests() {
      for await (const { key } of walk(store, 'notice/')) yield lastPart(key)
      for await (const { key } of walk(store, 'granted/')) {
        const id = lastPart(key)
        if ((await store.get(`request/${id}`)) === null) yield id
      }
    },
    async forgetRequest(id) {
      // The manifest first, what leads to it last: after a crash in between it is found again.
      await store.delete(`answer/${id}/Grant`)
      const dataset = await store.get(`request/${id}`)
      if (dataset !== null) await store.delete(`notice/${text(dataset)}/${id}`)
      await store.delete(`request/${id}`)
      await store.delete(`granted/${id}`)
    },
    answer: (id, kind) => read(store, `answer/${id}/${kind}`),
    async addAnswer(id, answer) {
      await store.put(`answer/${id}/${answer.kind}`, encode(answer))
      await store.put(`unrelayed/${id}/${answer.kind}`, new Uint8Array())
    },
    async unrelayed(limit) {
      const entries = await store.list('unrelayed/', { limit })
      return entries.map(({ key }) => {
        const [, id, kind] = key.split('/')
        return { id: id as RequestId, kind: kind as AnswerKind }
      })
    },
    isUnrelayed: async (id, kind) => (await store.get(`unrelayed/${id}/${kind}`)) !== null,
    markRelayed: (id, kind) => store.delete(`unrelayed/${id}/${kind}`),
    async delivery(id) {
      const signature = await store.get(`delivery/${id}`)
      return signature === null ? null : (text(signature) as Hex)
    },
    async addDelivery(id, signature) {
      await store.put(`unsettled/${id}`, new Uint8Array())
      await store.put(`delivery/${id}`, new TextEncoder().encode(signature))
    },
    async unsettled(limit) {
      const entries = await store.list('unsettled/', { limit })
      return entries.map(({ key }) => key.slice('unsettled/'.length) as RequestId)
    },
    markSettled: (id) => store.delete(`unsettled/${id}`),
  }
}

async function read<T>(store: KeyValueStore, key: string): Promise<T | null> {
  const bytes = await store.get(key)
  return bytes === null ? null : decode<T>(bytes)
}

/** Entries of before there were receipts lack what peers and researchers check. */
function isCurrentEntry(bytes: Uint8Array): boolean {
  try {
    const { commitment, patient, descriptor, signature, receipt } = decode<Record<string, unknown>>(bytes)
    const texts = [commitment, patient, descriptor, signature]
    return texts.every((text) => typeof text === 'string') && receipt instanceof Uint8Array
  } catch {
    return false
  }
}

/** Sizes in the order of their keys: 2^53 has 16 digits. */
function rootKey(size: number): string {
  return `root/${String(size).padStart(16, '0')}`
}

/** The request id at the end of a key. */
function lastPart(key: string): RequestId {
  return key.slice(key.lastIndexOf('/') + 1) as RequestId
}

async function readNotice(store: KeyValueStore, key: string): Promise<RequestNotice | null> {
  const bytes = await store.get(key)
  return bytes === null ? null : toNotice(bytes)
}

function toNotice(bytes: Uint8Array): RequestNotice {
  const plain = decode<{ request: unknown; kemPublicKey: Uint8Array; terms: string }>(bytes)
  const request: AccessRequest = parseAccessRequest(plain.request)
  return { request, kemPublicKey: plain.kemPublicKey, terms: plain.terms }
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
