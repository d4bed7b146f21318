import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { CallOptions, Log, StoredShard } from '@halo/ports'
import type { CID } from 'multiformats/cid'
import { abortable } from './abortable.ts'
import { DiskBlocks } from './disk-blocks.ts'
import { syncPath } from './durable-files.ts'
import { IpfsError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { openExchange } from './exchange.ts'
import type { HeliaBlockStoreOptions, HeliaBlocks } from './index.ts'
import { KeyedLock } from './keyed-lock.ts'
import type { Pin } from './pins.ts'
import { Pins } from './pins.ts'
import { References } from './references.ts'
import type { ShardRoot } from './shard-root.ts'
import {
  decodeShardRoot,
  encodeShardRoot,
  isBlockOf,
  MAX_UNIT_BYTES,
  MAX_UNITS,
  packUnits,
  parseShardCid,
  unitCidAt,
  unitCidOf,
  unpackUnits,
} from './shard-root.ts'
import { mostOnDisk, sizeOnDisk } from './size-on-disk.ts'

/** Fsyncs under way while the next unit is awaited. */
const MAX_SYNCS = 4
/** Units of one shard fetched side by side. */
const MAX_FETCHES = 4

/** A pinned shard with the packed hashes of its units: it can be deleted even when its root is damaged. */
interface Kept {
  readonly shard: StoredShard
  readonly units: Uint8Array
  readonly diskBytes: number
}

/** A shard whose units are on disk, its root not yet. */
interface Written {
  readonly root: ShardRoot
  /** What the units take on disk. */
  readonly diskBytes: number
}

/** Shards on disk; see {@link HeliaBlocks}. */
export class HeliaBlockStore implements HeliaBlocks {
  readonly #blocks: DiskBlocks
  readonly #pins: Pins
  readonly #references = new References()
  readonly #kept = new Map<string, Kept>()
  /** Pinned, but with a root that cannot be read; its units cannot be told from leftovers. */
  readonly #damaged = new Set<string>()
  readonly #locks = new KeyedLock()
  readonly #log: Log
  readonly #fetchTimeoutMs: number
  #exchange: Exchange | null = null

  constructor(options: HeliaBlockStoreOptions) {
    this.#blocks = new DiskBlocks(join(options.dir, 'blocks'), (cid) => this.#references.has(cid))
    this.#pins = new Pins(join(options.dir, 'pins'))
    this.#log = options.log
    this.#fetchTimeoutMs = options.fetchTimeoutMs ?? 30_000
  }

  /** Reads what is kept, sweeps what a crash left behind, then joins the network. */
  async open(options: HeliaBlockStoreOptions): Promise<void> {
    await mkdir(options.dir, { recursive: true, mode: 0o700 })
    await this.#blocks.open()
    for (const pin of await this.#pins.open()) await this.#readPinned(pin)
    await syncPath(options.dir)
    await this.#sweep()
    const { libp2p, isServing = () => false } = options
    this.#exchange = await openExchange(this.#blocks, libp2p, isServing)
  }

  async putShard(units: AsyncIterable<Uint8Array>, { signal }: CallOptions = {}): Promise<StoredShard> {
    this.#requireOpen()
    const held: CID[] = []
    try {
      const written = await this.#writeUnits(abortable(units, signal), held)
      signal?.throwIfAborted()
      return await this.#commit(written, held)
    } catch (error) {
      await this.#dropAfterFailure(held)
      throw error
    }
  }

  async readUnit(cid: string, index: number, { signal }: CallOptions = {}): Promise<Uint8Array> {
    signal?.throwIfAborted()
    const kept = this.#kept.get(cid)
    if (kept === undefined || !(index >= 0 && index < kept.shard.units)) throw notHeld()
    return this.#readChecked(unitCidAt(kept.units, index))
  }

  async readRoot(cid: string, { signal }: CallOptions = {}): Promise<Uint8Array> {
    signal?.throwIfAborted()
    if (!this.#kept.has(cid)) throw notHeld()
    return this.#readChecked(parseShardCid(cid))
  }

  async describe(cid: string, { signal }: CallOptions = {}): Promise<StoredShard | null> {
    signal?.throwIfAborted()
    return this.#kept.get(cid)?.shard ?? null
  }

  async fetchShard(cid: string, { signal }: CallOptions = {}): Promise<StoredShard> {
    signal?.throwIfAborted()
    const held: CID[] = []
    try {
      const known = this.#kept.get(cid)
      if (known !== undefined) return known.shard
      const root = decodeShardRoot(await this.#fetchBlock(parseShardCid(cid), held, signal))
      const diskBytes = await this.#fetchUnits(root, held, signal)
      signal?.throwIfAborted()
      return await this.#commit({ root, diskBytes }, held)
    } catch (error) {
      await this.#dropAfterFailure(held)
      throw error
    }
  }

  deleteShard(cid: string, { signal }: CallOptions = {}): Promise<number> {
    signal?.throwIfAborted()
    return this.#locks.run(cid, async () => {
      if (this.#damaged.has(cid)) return this.#deleteDamaged(cid)
      const kept = this.#kept.get(cid)
      if (kept === undefined) return 0
      await this.#pins.remove(cid)
      this.#kept.delete(cid)
      return this.#dropUnused([...unpackUnits(kept.units), parseShardCid(cid)])
    })
  }

  async usage(): Promise<{ readonly shards: number; readonly sizeBytes: number }> {
    let sizeBytes = 0
    for (const { diskBytes } of this.#kept.values()) sizeBytes += diskBytes
    return { shards: this.#kept.size, sizeBytes }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exchange = this.#exchange
    this.#exchange = null
    await exchange?.[Symbol.asyncDispose]()
  }

  async #readPinned({ cid, diskBytes }: Pin): Promise<void> {
    try {
      const rootCid = parseShardCid(cid)
      const root = decodeShardRoot(await this.#readChecked(rootCid))
      for (const block of [...root.units, rootCid]) this.#references.take(block)
      this.#remember(cid, root, diskBytes ?? mostOnDisk(root))
    } catch (error) {
      this.#damaged.add(cid)
      this.#log('error', 'shard-root-damaged', { code: error instanceof IpfsError ? error.code : 'IO' })
    }
  }

  /** Removes files that no shard uses, unless they may belong to a shard whose root is damaged. */
  async #sweep(): Promise<number> {
    if (this.#damaged.size > 0) return 0
    const removed = await this.#blocks.sweep((key) => this.#references.hasKey(key))
    if (removed > 0) this.#log('info', 'leftovers-swept', { files: removed })
    return removed
  }

  async #deleteDamaged(cid: string): Promise<number> {
    await this.#pins.remove(cid)
    this.#damaged.delete(cid)
    if (this.#damaged.size === 0) return this.#sweep()
    throw new IpfsError(
      'ERASE_INCOMPLETE',
      'The blocks of a damaged shard stay until the others are deleted.',
    )
  }

  async #writeUnits(units: AsyncIterable<Uint8Array>, held: CID[]): Promise<Written> {
    const cids: CID[] = []
    const syncs = new Set<Promise<void>>()
    let sizeBytes = 0
    let diskBytes = 0
    try {
      for await (const unit of units) {
        if (unit.length === 0 || unit.length > MAX_UNIT_BYTES) throw badUnit(unit.length)
        if (cids.length === MAX_UNITS) throw badShard()
        const cid = unitCidOf(unit)
        this.#hold(cid, held)
        await this.#blocks.write(cid, unit)
        cids.push(cid)
        sizeBytes += unit.length
        diskBytes += sizeOnDisk(unit.length)
        track(syncs, this.#blocks.syncBlock(cid))
        if (syncs.size >= MAX_SYNCS) await Promise.race(syncs)
      }
      await Promise.all(syncs)
    } finally {
      // Whoever cleans up after a failure must not meet a file that is still in use.
      await Promise.allSettled(syncs)
    }
    if (cids.length === 0) throw badShard()
    return { root: { sizeBytes, units: cids }, diskBytes }
  }

  /** Makes a shard whose units are on disk count as stored; what was held for it then belongs to it. */
  #commit(written: Written, held: CID[]): Promise<StoredShard> {
    const { root } = written
    const { cid, block } = encodeShardRoot(root)
    const name = cid.toString()
    const diskBytes = written.diskBytes + sizeOnDisk(block.length)
    return this.#locks.run(name, async () => {
      if (!held.some((other) => other.equals(cid))) this.#hold(cid, held)
      await this.#blocks.write(cid, block)
      await this.#blocks.syncBlock(cid)
      await this.#blocks.syncDirectories(held)
      if (!this.#kept.has(name)) await this.#pins.add({ cid: name, diskBytes })
      else for (const other of held) this.#references.release(other)
      held.length = 0
      this.#damaged.delete(name)
      return this.#remember(name, root, diskBytes)
    })
  }

  /** Fetches the units; returns what they take on disk. */
  async #fetchUnits(root: ShardRoot, held: CID[], signal: AbortSignal | undefined): Promise<number> {
    const waiting = root.units.values()
    let sizeBytes = 0
    let diskBytes = 0
    const work = async (): Promise<void> => {
      for (const unit of waiting) {
        const { length } = await this.#fetchBlock(unit, held, signal)
        if (length === 0 || length > MAX_UNIT_BYTES) throw badUnit(length)
        sizeBytes += length
        diskBytes += sizeOnDisk(length)
      }
    }
    const results = await Promise.allSettled(Array.from({ length: MAX_FETCHES }, work))
    for (const result of results) if (result.status === 'rejected') throw result.reason
    if (sizeBytes !== root.sizeBytes) throw badShard()
    return diskBytes
  }

  async #fetchBlock(cid: CID, held: CID[], signal: AbortSignal | undefined): Promise<Uint8Array> {
    const exchange = this.#requireOpen()
    this.#hold(cid, held)
    const local = await this.#blocks.read(cid)
    if (local !== null && isBlockOf(cid, local)) return local
    const timeout = AbortSignal.timeout(this.#fetchTimeoutMs)
    try {
      if (local !== null) await this.#blocks.delete(cid)
      const bytes = await exchange.fetch(cid, signal ? AbortSignal.any([signal, timeout]) : timeout)
      await this.#blocks.syncBlock(cid)
      return bytes
    } catch (cause) {
      signal?.throwIfAborted()
      throw new IpfsError('SHARD_UNREACHABLE', 'No connected member sent a block of this shard in time.', {
        cause,
      })
    }
  }

  async #readChecked(cid: CID): Promise<Uint8Array> {
    const bytes = await this.#blocks.read(cid)
    if (bytes === null) throw notHeld()
    if (!isBlockOf(cid, bytes))
      throw new IpfsError('BLOCK_DAMAGED', 'A block on disk does not match its hash.')
    return bytes
  }

  #hold(cid: CID, held: CID[]): void {
    this.#references.take(cid)
    held.push(cid)
  }

  /** Releases blocks and removes those nobody uses; checks that they are gone. */
  async #dropUnused(cids: readonly CID[]): Promise<number> {
    const unused = cids.filter((cid) => this.#references.release(cid))
    let removed = 0
    for (const cid of unused) if (await this.#blocks.erase(cid)) removed++
    if (removed > 0) await this.#blocks.syncDirectories(unused)
    for (const cid of unused) {
      if (!this.#references.has(cid) && (await this.#blocks.has(cid)))
        throw new IpfsError('ERASE_INCOMPLETE', 'A block is still on disk after it was deleted.')
    }
    return removed
  }

  async #dropAfterFailure(held: readonly CID[]): Promise<void> {
    try {
      await this.#dropUnused(held)
    } catch {
      this.#log('warn', 'leftovers-kept', { blocks: held.length })
    }
  }

  #remember(cid: string, root: ShardRoot, diskBytes: number): StoredShard {
    const shard = { cid, sizeBytes: root.sizeBytes, units: root.units.length }
    this.#kept.set(cid, { shard, units: packUnits(root.units), diskBytes })
    return shard
  }

  #requireOpen(): Exchange {
    if (this.#exchange === null) throw new IpfsError('STORE_CLOSED', 'This block store is closed.')
    return this.#exchange
  }
}

function track(running: Set<Promise<void>>, work: Promise<void>): void {
  running.add(work)
  work.then(
    () => running.delete(work),
    () => {},
  )
}

function notHeld(): IpfsError {
  return new IpfsError('BLOCK_NOT_HELD', 'This peer does not hold that shard or unit.')
}

function badUnit(sizeBytes: number): IpfsError {
  return new IpfsError('BAD_UNIT', `A unit has 1 to ${MAX_UNIT_BYTES} bytes.`, { details: { sizeBytes } })
}

function badShard(): IpfsError {
  return new IpfsError('BAD_SHARD', `A shard has 1 to ${MAX_UNITS} units, whose sizes add up to its own.`)
}
