import type { AccessRequest, Address, Bytes32, DatasetId, Hex, RequestId } from '@halo/consent'
import type { PeerKey } from '@halo/peers'
import { createPeerKey, openHost, type SERVE_LIMITS, serveHalo, signReceipt } from '@halo/peers'
import type { Caller, CatalogueEntry, HaloProtocols, Log, RequestNotice, StorageReceipt } from '@halo/ports'
import { RefusedError } from '@halo/ports'

/** A log nobody reads. */
export const silent: Log = () => {}

/** 32 bytes of one digit, as an identifier. */
function id32<T extends Hex>(digit: string): T {
  return `0x${digit.repeat(64)}` as T
}

/** A request with every field set. */
export const REQUEST: AccessRequest = {
  dataset: id32<DatasetId>('1'),
  patient: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8' as Address,
  researcher: '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC' as Address,
  recipientKeyHash: id32<Bytes32>('2'),
  termsHash: id32<Bytes32>('3'),
  currency: '0x0000000000000000000000000000000000000000' as Address,
  price: 20_000_000_000_000_000n,
  relayFee: (1n << 128n) - 1n,
  answerBySec: 1_800_000_000,
  accessForSec: 604_800,
  nonce: id32<Bytes32>('4'),
}

/** What a researcher hands over. */
export const NOTICE: RequestNotice = {
  request: REQUEST,
  kemPublicKey: new Uint8Array(1216).fill(7),
  terms: 'For research only. Äë🙂',
}

/** The id of the only request there is. */
export const REQUEST_ID: RequestId = id32<RequestId>('5')

/** Signs nothing. */
export const SIGNATURE: Hex = `0x${'ab'.repeat(65)}`

/** Deterministic bytes. */
export function bytesOfSize(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size)
  for (let at = 0, state = seed; at < size; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    bytes[at] = state >>> 16
  }
  return bytes
}

/** The only data set on offer. */
export const ENTRY: CatalogueEntry = {
  commitment: REQUEST.nonce,
  patient: REQUEST.patient,
  descriptor: '{"kind":"glucose"}',
  signature: SIGNATURE,
  receipt: bytesOfSize(400),
}

/** Cuts bytes into units. */
export async function* unitsOf(bytes: Uint8Array, unitBytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += unitBytes) yield bytes.slice(at, at + unitBytes)
}

/** All bytes of a stream. */
export async function joined(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of stream) parts.push(part)
  return new Uint8Array(Buffer.concat(parts))
}

/** What the in-test service keeps, and what it saw. */
export interface Kept {
  readonly key: PeerKey
  readonly shards: Map<string, Uint8Array>
  readonly callers: Caller[]
  readonly seen: unknown[]
}

/** A peer that stores in memory and agrees to everything; a test overrides what it is about. */
function simpleService(kept: Kept): HaloProtocols<Caller> {
  const receipt = (id: Uint8Array, sizeBytes: number): Promise<StorageReceipt> =>
    signReceipt(kept.key, { id, content: 'test', sizeBytes, storedAtSec: 1 })
  const see = <T>(value: unknown, caller: Caller, answer: T): Promise<T> => {
    kept.seen.push(value)
    kept.callers.push(caller)
    return Promise.resolve(answer)
  }
  const shardOf = (id: Uint8Array): Uint8Array => {
    const shard = kept.shards.get(Buffer.from(id).toString('hex'))
    if (shard === undefined) throw new RefusedError('NOT_HELD')
    return shard
  }
  return {
    async storeShard({ units, ...header }, caller) {
      kept.callers.push(caller)
      const bytes = await joined(units)
      kept.shards.set(Buffer.from(header.id).toString('hex'), bytes)
      return receipt(header.id, bytes.length)
    },
    storeShare: async (deposit, caller) =>
      see(deposit, caller, await receipt(deposit.id, deposit.sealed.length)),
    publish: (publication, caller) =>
      see(publication, caller, { receipt: bytesOfSize(400), txHash: id32<Hex>('a') }),
    catalogue: (query, caller) => see(query, caller, [ENTRY]),
    notify: (notice, caller) => see(notice, caller, undefined),
    pending: (query, caller) => see(query, caller, [NOTICE]),
    answer: (answer, caller) => see(answer, caller, { txHash: null }),
    status: ({ requestId }, caller) =>
      see(requestId, caller, {
        requestId,
        isNoticed: true,
        isReady: false,
        reason: 'NOT_ANSWERED' as const,
        delivery: null,
      }),
    release: (proof, caller) =>
      see(proof, caller, { index: 3, sealed: bytesOfSize(1_200), delivery: `0x${'ab'.repeat(65)}` }),
    collect: async (proof, caller) => {
      kept.seen.push(proof)
      kept.callers.push(caller)
      const [sealed = new Uint8Array()] = kept.shards.values()
      return {
        manifest: bytesOfSize(500),
        grant: SIGNATURE,
        sealedBytes: sealed.length,
        sealed: unitsOf(sealed, 700_000),
      }
    },
    async readShard({ id, fromUnit }, caller) {
      kept.callers.push(caller)
      return unitsOf(shardOf(id).subarray(fromUnit * 1000), 1000)
    },
  }
}

/** A running peer with a service. */
export interface TestPeer extends AsyncDisposable {
  readonly host: Awaited<ReturnType<typeof openHost>>
  readonly kept: Kept
  readonly address: { readonly peerId: string; readonly addresses: readonly string[] }
}

/** Starts a peer on loopback. */
export async function openPeer(
  options: {
    readonly key?: PeerKey
    readonly listen?: readonly string[]
    readonly members?: ReadonlySet<string>
    readonly limits?: Partial<typeof SERVE_LIMITS>
    readonly log?: Log
    readonly override?: (service: HaloProtocols<Caller>, kept: Kept) => Partial<HaloProtocols<Caller>>
  } = {},
): Promise<TestPeer> {
  const key = options.key ?? (await createPeerKey())
  const isMember = (peerId: string): boolean => options.members?.has(peerId) ?? false
  const kept: Kept = { key, shards: new Map(), callers: [], seen: [] }
  const service = simpleService(kept)
  const host = await openHost({
    privateKey: key,
    listen: options.listen ?? ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'],
    isMember,
  })
  const server = await serveHalo(
    host.libp2p,
    { ...service, ...options.override?.(service, kept) },
    { isMember, limits: options.limits ?? {}, log: options.log ?? silent },
  )
  return {
    host,
    kept,
    address: { peerId: host.peerId, addresses: host.addresses },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]()
      await host[Symbol.asyncDispose]()
    },
  }
}
