import type { Bytes32 } from '@halo/consent'
import type { KeyValueStore } from '@halo/ports'

/** Blocks whose hash is remembered, newest last. */
export interface Cursor {
  /** Where the watch began; before it the contracts were not there. */
  readonly firstBlock: number
  /** First block not handled yet. */
  readonly nextBlock: number
  readonly ring: readonly RememberedBlock[]
}

/** A block as it was when its logs were handled. */
export interface RememberedBlock {
  readonly number: number
  readonly hash: Bytes32
}

/** How many block hashes are remembered: the deepest reorg that is undone exactly. */
export const RING_SIZE = 128

/** The cursor, kept under one key; a damaged one counts as none, since events may come again. */
export async function readCursor(state: KeyValueStore, key: string): Promise<Cursor | null> {
  const bytes = await state.get(key)
  if (bytes === null) return null
  try {
    const { firstBlock, nextBlock, ring }: Readonly<Record<string, unknown>> = JSON.parse(
      new TextDecoder().decode(bytes),
    )
    if (!isBlockNumber(firstBlock) || !isBlockNumber(nextBlock) || !Array.isArray(ring)) return null
    const blocks = ring.map(([number, hash]: [number, Bytes32]) => ({ number, hash }))
    return { firstBlock, nextBlock, ring: blocks }
  } catch {
    return null
  }
}

function isBlockNumber(value: unknown): value is number {
  return Number.isSafeInteger(value)
}

/** Stores the cursor; once this returns, what it says was handled is not read again after a restart. */
export async function writeCursor(state: KeyValueStore, key: string, cursor: Cursor): Promise<void> {
  const ring = cursor.ring.map(({ number, hash }) => [number, hash])
  const { firstBlock, nextBlock } = cursor
  const text = JSON.stringify({ firstBlock, nextBlock, ring })
  await state.put(key, new TextEncoder().encode(text))
}

/** The cursor after more blocks were handled. */
export function advance(cursor: Cursor, nextBlock: number, blocks: readonly RememberedBlock[]): Cursor {
  return { ...cursor, nextBlock, ring: [...cursor.ring, ...blocks].slice(-RING_SIZE) }
}
