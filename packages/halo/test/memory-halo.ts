import type { Address, Hex, Reason } from '@halo/consent'
import { hexOf, NATIVE_COIN, signMessage } from '@halo/consent'
import type {
  BlockStore,
  Caller,
  HaloProtocols,
  KeyValueStore,
  LogLevel,
  Member,
  PeerClient,
  PeerLink,
  StoredShard,
} from '@halo/ports'
import { createMemoryStore, logOf, RefusedError, reasonOf } from '@halo/ports'
import type { TileStore } from '@halo/proofs'
import { createNoteSigner, createMemoryStore as createTileStore, formatLogOrigin } from '@halo/proofs'
import type { ErasureEngine } from '@halo/vault'
import { createKemKeyPair, createShardHasher, createWasmEngine } from '@halo/vault'
import { Wallet as Signer } from 'ethers'
import { createPeerKey, peerIdOf, seedOf, signReceipt, verifyReceipt } from '../../peers/src/index.ts'
import type { TestClock } from '../../ports/test/memory-chain.ts'
import { createTestClock, DEPLOYMENT, MemoryChain } from '../../ports/test/memory-chain.ts'
import type { RecordSink, Research, ResearchOptions, ResearchParts } from '../../research/src/index.ts'
import { openResearch } from '../../research/src/index.ts'
import type { Publishing, Wallet, WalletOptions, WalletParts } from '../../wallet/src/index.ts'
import { createMnemonic, encryptStore, openKeyring, openWallet } from '../../wallet/src/index.ts'
import type { HaloPeer, HaloPeerOptions } from '../src/index.ts'
import { openHaloPeer } from '../src/index.ts'

/** What a test has a peer do otherwise; what it leaves out is done as it should be. */
export type Override = (honest: PeerClient) => Partial<PeerClient>

/** A peer whose disk, chain and network are in memory; all else is real. */
export interface MemoryPeer {
  readonly peerId: string
  readonly member: Member
  readonly store: KeyValueStore
  /** Files of its log. */
  readonly tiles: TileStore
  readonly blocks: MemoryBlocks
  readonly operator: Signer
  readonly log: { readonly level: LogLevel; readonly event: string; readonly fields: object }[]
  /** Calls that reached it, by name. */
  readonly calls: string[]
  /** The peer as it runs now. */
  readonly peer: HaloPeer
  /** While true nobody reaches it. */
  isDown: boolean
  /** How it behaves towards all who call it. */
  override: Override
  /** Calls it as a stranger or member. */
  call(isMember?: boolean): PeerClient
  /** Stops it and starts it again on what it has stored. */
  restart(options?: HaloPeerOptions): Promise<void>
}

/** Five peers, a chain and a network in memory. */
export interface MemoryHalo extends AsyncDisposable {
  readonly clock: TestClock
  readonly chain: MemoryChain
  readonly peers: readonly MemoryPeer[]
  readonly erasure: ErasureEngine
  /** Peer ids of the links that were opened, one per link. */
  readonly links: string[]
  openLink(): Promise<PeerLink>
  openPatient(options?: WalletOptions): Promise<{ readonly wallet: Wallet; readonly parts: WalletParts }>
  openResearcher(
    options?: ResearchOptions,
  ): Promise<{ readonly research: Research; readonly parts: ResearchParts; readonly account: Address }>
}

/** Shards in memory, named as on disk. */
export interface MemoryBlocks extends BlockStore {
  readonly shards: Map<string, { readonly root: Uint8Array; readonly units: Uint8Array[] }>
}

/** A block store in memory; nothing stays behind when a deposit fails. */
function createMemoryBlocks(): MemoryBlocks {
  const shards: MemoryBlocks['shards'] = new Map()
  const held = (cid: string): { readonly root: Uint8Array; readonly units: Uint8Array[] } => {
    const shard = shards.get(cid)
    if (shard === undefined) throw new RefusedError('NOT_HELD')
    return shard
  }
  const sizeOf = (units: readonly Uint8Array[]): number => units.reduce((sum, unit) => sum + unit.length, 0)
  const describe = async (cid: string): Promise<StoredShard | null> => {
    const shard = shards.get(cid)
    return shard === undefined ? null : { cid, sizeBytes: sizeOf(shard.units), units: shard.units.length }
  }
  return {
    shards,
    async putShard(stream, { signal } = {}) {
      const units: Uint8Array[] = []
      const hasher = createShardHasher()
      for await (const unit of stream) {
        signal?.throwIfAborted()
        units.push(unit.slice())
        await hasher.add(unit)
      }
      const { cid, root, sizeBytes } = await hasher.finish()
      shards.set(cid, { root, units })
      return { cid, sizeBytes, units: units.length }
    },
    readUnit: async (cid, index) => {
      const unit = held(cid).units[index]
      if (unit === undefined) throw new RefusedError('NOT_HELD')
      return unit
    },
    readRoot: async (cid) => held(cid).root,
    describe,
    fetchShard: async () => {
      throw new RefusedError('NOT_HELD')
    },
    deleteShard: async (cid) => (shards.delete(cid) ? 1 : 0),
    usage: async () => ({
      shards: shards.size,
      sizeBytes: [...shards.values()].reduce((sum, { units }) => sum + sizeOf(units), 0),
    }),
    async [Symbol.asyncDispose]() {},
  }
}

/** Starts a Halo in memory. */
export async function openMemoryHalo(
  options: { readonly peers?: number; readonly quorum?: number; readonly peer?: HaloPeerOptions } = {},
): Promise<MemoryHalo> {
  const clock = createTestClock()
  const chain = new MemoryChain(clock, options.quorum)
  const erasure = await createWasmEngine()
  const peers: MemoryPeer[] = []
  const net: Net = { clock, chain, erasure, peers, links: [] }
  for (let index = 0; index < (options.peers ?? 5); index++) {
    const peer = await startPeer(net, index, { relayStaggerMs: 20, ...options.peer })
    peers.push(peer)
    chain.members = [...chain.members, peer.member]
  }
  return {
    clock,
    chain,
    peers,
    erasure,
    links: net.links,
    openLink: async () => openLink(net),
    openPatient: (wallet) => openPatient(net, wallet),
    openResearcher: (research) => openResearcher(net, research),
    async [Symbol.asyncDispose]() {
      for (const { peer } of peers) await peer[Symbol.asyncDispose]()
    },
  }
}

interface Net {
  readonly clock: TestClock
  readonly chain: MemoryChain
  readonly erasure: ErasureEngine
  readonly peers: MemoryPeer[]
  readonly links: string[]
}

async function startPeer(net: Net, index: number, options: HaloPeerOptions): Promise<MemoryPeer> {
  const key = await createPeerKey()
  const kem = await createKemKeyPair()
  const operator = new Signer(`0x${(index + 0x11).toString(16).repeat(32)}`)
  const member: Member = {
    operator: operator.address as Address,
    peerId: peerIdOf(key),
    kemPublicKey: kem.publicKey,
    addresses: [`/memory/${index}`],
    isActive: true,
  }
  const store = createMemoryStore()
  const tiles = createTileStore()
  const origin = formatLogOrigin(logOf(DEPLOYMENT, member.operator))
  const blocks = createMemoryBlocks()
  const log: MemoryPeer['log'] = []
  const start = (with_: HaloPeerOptions): HaloPeer =>
    openHaloPeer(
      {
        peerId: member.peerId,
        blocks,
        store,
        tiles,
        ledger: net.chain.ledger,
        writer: net.chain.writer(member.operator),
        link: linkAs(net, member.peerId),
        members: () => net.chain.members,
        keys: {
          kemSecretKey: kem.secretKey,
          logSigner: createNoteSigner(origin, seedOf(key)),
          signReceipt: (fields) => signReceipt(key, fields),
          signDelivery: (requestId) => signMessage(operator, 'Delivery', { requestId }, DEPLOYMENT),
        },
        erasure: net.erasure,
        clock: net.clock,
        log: (level, event, fields = {}) => void log.push({ level, event, fields }),
      },
      with_,
    )
  let running = start(options)
  net.chain.listen({
    onEvent: (event) => running.listener.onEvent(event),
    onRollback: (block) => running.listener.onRollback(block),
  })
  const self: MemoryPeer = {
    peerId: member.peerId,
    member,
    store,
    tiles,
    blocks,
    operator,
    log,
    calls: [],
    get peer() {
      return running
    },
    isDown: false,
    override: () => ({}),
    call: (isMember = false) => clientOf(self, { peerId: 'caller', isMember }),
    async restart(again = options) {
      await running[Symbol.asyncDispose]()
      running = start(again)
      await running.resume()
    },
  }
  return self
}

async function openLink(net: Net): Promise<PeerLink> {
  const peerId = peerIdOf(await createPeerKey())
  net.links.push(peerId)
  return linkAs(net, peerId)
}

function linkAs(net: Net, peerId: string): PeerLink {
  return {
    peerId,
    peer: (address) => {
      const peer = net.peers.find((candidate) => candidate.peerId === address.peerId)
      if (peer === undefined) throw new RefusedError('TIMED_OUT', { peerId: address.peerId })
      const isMember = net.chain.members.some((member) => member.peerId === peerId && member.isActive)
      const honest = clientOf(peer, { peerId, isMember })
      return { ...honest, ...asClient(peer.override(honest), peer) }
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** The peer's service as a client calls it: what it throws becomes a refusal that names it. */
function clientOf(peer: MemoryPeer, caller: Omit<Caller, 'signal'>): PeerClient {
  const service = new Proxy({} as HaloProtocols<Caller>, {
    get: (_, call: keyof HaloProtocols<Caller>) => (query: never, options: { signal?: AbortSignal }) => {
      peer.calls.push(call)
      const signal = options.signal ?? new AbortController().signal
      return (peer.peer.service[call] as (query: never, caller: Caller) => Promise<unknown>)(query, {
        ...caller,
        signal,
      })
    },
  })
  const calls: (keyof PeerClient)[] = [
    'storeShard',
    'storeShare',
    'publish',
    'catalogue',
    'notify',
    'pending',
    'answer',
    'status',
    'release',
    'collect',
    'readShard',
  ]
  const all = Object.fromEntries(calls.map((call) => [call, service[call]])) as unknown as PeerClient
  return asClient(all, peer) as PeerClient
}

type Call = (query: unknown, options: { readonly signal?: AbortSignal | undefined }) => Promise<unknown>

function asClient(calls: Partial<PeerClient>, peer: MemoryPeer): Partial<PeerClient> {
  const wrapped = Object.entries(calls).map(([name, serve]) => {
    const call: Call = async (query, options) => {
      if (peer.isDown) throw new RefusedError('TIMED_OUT', { peerId: peer.peerId })
      try {
        options.signal?.throwIfAborted()
        const reply = await untilAborted((serve as Call)(query, options), options.signal)
        return withStream(reply, peer)
      } catch (error) {
        throw asRefusal(error, peer)
      }
    }
    return [name, call]
  })
  return Object.fromEntries(wrapped) as Partial<PeerClient>
}

function asRefusal(error: unknown, peer: MemoryPeer): unknown {
  if (error instanceof DOMException && error.name === 'AbortError') return error
  return new RefusedError(reasonOf(error), { peerId: peer.peerId, cause: error })
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  const ended = Promise.withResolvers<never>()
  const onAbort = (): void => ended.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, ended.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Byte streams fail as calls do, also when the peer goes down while they run. */
function withStream(reply: unknown, peer: MemoryPeer): unknown {
  if (typeof reply !== 'object' || reply === null) return reply
  if (Symbol.asyncIterator in reply) return guarded(reply as AsyncIterable<Uint8Array>, peer)
  if ('sealed' in reply && !(reply.sealed instanceof Uint8Array))
    return { ...reply, sealed: guarded(reply.sealed as AsyncIterable<Uint8Array>, peer) }
  return reply
}

async function* guarded(stream: AsyncIterable<Uint8Array>, peer: MemoryPeer): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of stream) {
      if (peer.isDown) throw new RefusedError('TIMED_OUT')
      yield piece
    }
  } catch (error) {
    throw asRefusal(error, peer)
  }
}

/**
 * How long clients wait: for as long as work takes on a busy machine. Who is to be given up on is given up on sooner by
 * the test that has it not answer.
 */
const PATIENCE = { chainTimeoutMs: 30_000, peerTimeoutMs: 30_000 } as const

async function openPatient(
  net: Net,
  options: WalletOptions = {},
): Promise<{ readonly wallet: Wallet; readonly parts: WalletParts }> {
  const parts: WalletParts = {
    keyring: openKeyring(createMnemonic()),
    store: await encryptStore(createMemoryStore(), crypto.getRandomValues(new Uint8Array(32))),
    ledger: net.chain.ledger,
    openLink: () => openLink(net),
    verifyReceipt,
    erasure: net.erasure,
    clock: net.clock,
  }
  return { wallet: openWallet(parts, { ...PATIENCE, ...options }), parts }
}

async function openResearcher(
  net: Net,
  options: ResearchOptions = {},
): Promise<{ readonly research: Research; readonly parts: ResearchParts; readonly account: Address }> {
  const signer = new Signer(hexOf(crypto.getRandomValues(new Uint8Array(32))))
  const account = signer.address as Address
  const parts: ResearchParts = {
    ledger: net.chain.ledger,
    writer: net.chain.writer(account),
    signer,
    store: createMemoryStore(),
    link: await openLink(net),
    clock: net.clock,
  }
  return {
    research: openResearch(parts, { peerTimeoutMs: PATIENCE.peerTimeoutMs, ...options }),
    parts,
    account,
  }
}

/** What {@link publishing} asks. */
export const PRICE = 20_000n

/** Terms that researchers of tests accept. */
export const TERMS = {
  purpose: 'HRESCH',
  organisation: 'Test University',
  project: 'Whether this works.',
} as const

/** Bytes as a record to publish. */
export function publishing(bytes: Uint8Array, changes: Partial<Publishing> = {}): Publishing {
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.slice(at, at + 65_536)
  }
  return {
    record: pieces(),
    recordBytes: bytes.length,
    metadata: new TextEncoder().encode('{"kind":"test"}'),
    descriptor: {
      kind: 'test',
      format: 'bytes',
      readingsAbout: 1,
      days: 1,
      price: PRICE,
      currency: NATIVE_COIN,
      terms: 'Tests only.',
    },
    ...changes,
  }
}

/** Bytes that look random and come out the same each time. */
export function noise(sizeBytes: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(sizeBytes)
  for (let at = 0, state = seed; at < sizeBytes; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    bytes[at] = state >>> 16
  }
  return bytes
}

/** A sink that tells what became of it. */
export function memorySink(): {
  readonly open: () => Promise<RecordSink>
  readonly events: string[]
  readonly committed: () => Uint8Array | null
} {
  const events: string[] = []
  let committed: Uint8Array | null = null
  return {
    events,
    committed: () => committed,
    async open() {
      const pieces: Uint8Array[] = []
      events.push('open')
      return {
        write: async (piece) => void pieces.push(piece.slice()),
        commit: async () => {
          events.push('commit')
          committed = new Uint8Array(Buffer.concat(pieces))
        },
        discard: async () => void events.push('discard'),
      }
    },
  }
}

/** Reason of a refusal, or code of another error. */
export async function failureOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    const { code, reason } = error as { readonly code?: unknown; readonly reason?: Reason }
    return String(reason ?? code ?? error)
  }
  return 'nothing failed'
}

/** Waits until something holds; bounded, and polled because nothing announces it. */
export async function until(isTrue: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  const deadline = AbortSignal.timeout(withinMs)
  while (!(await isTrue())) {
    deadline.throwIfAborted()
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** 65 bytes that are nobody's signature. */
export const NO_SIGNATURE: Hex = `0x${'ab'.repeat(65)}`
