import type { SecurityLevel } from './curl-engine.ts'
import type { MamEngine, MamTree } from './engine.ts'

/** Trees derived in one go: enough to fill the lanes of the engine a few times over. */
const AT_ONCE = 16

/** One-time keys of a channel, derived when needed or ahead, and wiped when done with. */
export interface ChannelTrees {
  /** 81 trytes. */
  rootOf(index: number): string
  /** The tree of an index, to be looked at; it stays here. */
  see(index: number): MamTree
  /** The tree of an index, to be signed with; the caller wipes it. Taken again, it is derived again. */
  take(index: number): MamTree
  /** Derives those of `from` and the `count − 1` after it that are missing, together: that takes less time. */
  prepare(from: number, count: number): void
  wipe(): void
}

/** @param maxKept trees kept at most; those of the lowest indices are dropped first */
export function createTrees(
  engine: MamEngine,
  seed: string,
  security: SecurityLevel,
  maxKept: number,
): ChannelTrees {
  const kept = new Map<number, MamTree>()

  function see(index: number): MamTree {
    const known = kept.get(index)
    if (known !== undefined) return known
    const tree = engine.deriveTree(seed, index, security)
    keep(tree)
    return tree
  }

  function keep(tree: MamTree): void {
    kept.get(tree.index)?.wipe()
    kept.set(tree.index, tree)
    if (kept.size > maxKept) drop(Math.min(...kept.keys()))
  }

  function drop(index: number): void {
    kept.get(index)?.wipe()
    kept.delete(index)
  }

  return {
    see,
    rootOf: (index) => see(index).root,
    take(index) {
      const tree = kept.get(index) ?? engine.deriveTree(seed, index, security)
      kept.delete(index)
      return tree
    },
    prepare(from, count) {
      const missing = Array.from({ length: count }, (_, at) => from + at).filter((index) => !kept.has(index))
      const [first, last] = [missing[0], missing.at(-1)]
      if (first === undefined || last === undefined) return
      for (let at = first; at <= last; at += AT_ONCE)
        engine.deriveTrees(seed, at, Math.min(AT_ONCE, last - at + 1), security).forEach(keep)
    },
    wipe() {
      for (const index of [...kept.keys()]) drop(index)
    },
  }
}
