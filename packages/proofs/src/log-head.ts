import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { ProofsError } from './errors.ts'
import { decodeBase64, encodeBase64 } from './note-base64.ts'
import type { TileStore } from './store.ts'
import { areEqual, HASH_BYTES, isHash } from './tree-hash.ts'
import { isCount } from './tree-shape.ts'

/** How far a log is committed. */
export interface LogHead {
  /** Leaves. */
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
}

/** The newest head of a store and in which of its two places it lies. */
export interface StoredHead {
  readonly head: LogHead
  readonly slot: 0 | 1
  /** Whether the other place holds the same: then what is stored is durable. */
  readonly isTwice: boolean
}

const SLOTS = ['head/0', 'head/1'] as const
const MAGIC = 'halo-log-head/1'
const SIZE_DIGITS = 16

/** Writes a head to one of the two places. The other one holds the head before it until the next. */
export async function writeHead(store: TileStore, slot: 0 | 1, head: LogHead): Promise<void> {
  await store.write(SLOTS[slot], formatHead(head))
}

/**
 * Reads the newest whole head, or null from a store that has none yet. The places are written in turn, the
 * first one first, so that a cut write leaves the other one whole.
 * @throws {@link ProofsError} `STORE_DAMAGED`, which no cut write can cause
 */
export async function readHead(store: TileStore): Promise<StoredHead | null> {
  const [first, second] = [await readSlot(store, 0), await readSlot(store, 1)]
  if (typeof first === 'string' && typeof second === 'string') {
    if (second !== 'absent') throw damagedHead('neither head is whole')
    return null
  }
  if (typeof first === 'string') return { head: second as LogHead, slot: 1, isTwice: false }
  if (typeof second === 'string') return { head: first, slot: 0, isTwice: false }
  if (first.size === second.size && !areEqual(first.root, second.root)) {
    throw damagedHead('two heads of one size differ')
  }
  const slot = first.size >= second.size ? 0 : 1
  return { head: slot === 0 ? first : second, slot, isTwice: first.size === second.size }
}

/** Lines of fixed length, so that a cut one is always shorter: name, size, root, hash of the lines before. */
function formatHead({ size, root }: LogHead): Uint8Array {
  const lines = `${MAGIC}\n${String(size).padStart(SIZE_DIGITS, '0')}\n${encodeBase64(root)}\n`
  return utf8ToBytes(`${lines}${encodeBase64(sha256(utf8ToBytes(lines)))}\n`)
}

const HEAD_BYTES = formatHead({ size: 0, root: new Uint8Array(HASH_BYTES) }).length

/** Zeros of full length are what some file systems leave of a cut write. */
async function readSlot(store: TileStore, slot: 0 | 1): Promise<LogHead | 'absent' | 'cut'> {
  const bytes = await store.read(SLOTS[slot])
  if (bytes === null) return 'absent'
  if (bytes.length < HEAD_BYTES || bytes.every((byte) => byte === 0)) return 'cut'
  const head = parseHead(bytes)
  if (head === null) throw damagedHead('a head is whole in length and wrong in content')
  return head
}

function parseHead(bytes: Uint8Array): LogHead | null {
  const [, sizeText, rootText] = String.fromCharCode(...bytes.subarray(0, HEAD_BYTES)).split('\n')
  const head = { size: Number(sizeText), root: decodeBase64(rootText ?? '') }
  if (!isCount(head.size) || !isHash(head.root)) return null
  const { size, root } = head
  return areEqual(formatHead({ size, root }), bytes) ? { size, root } : null
}

function damagedHead(what: string): ProofsError {
  return new ProofsError('STORE_DAMAGED', `the store's head is damaged, ${what}: restore it from a copy`)
}
