import type { CID } from 'multiformats/cid'
import { keyOf } from './disk-blocks.ts'

/** Counts who uses a block: pinned shards, and stores and fetches under way. */
export class References {
  readonly #counts = new Map<string, number>()

  has(cid: CID): boolean {
    return this.#counts.has(keyOf(cid))
  }

  /** By the key of {@link keyOf}. */
  hasKey(key: string): boolean {
    return this.#counts.has(key)
  }

  take(cid: CID): void {
    const key = keyOf(cid)
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
  }

  /** True when nobody uses the block any more. */
  release(cid: CID): boolean {
    const key = keyOf(cid)
    const left = (this.#counts.get(key) ?? 0) - 1
    if (left > 0) this.#counts.set(key, left)
    else this.#counts.delete(key)
    return left <= 0
  }
}
