import type { ChannelStatePort, ChannelWitness, WitnessMark } from '../src/state-port.ts'

/** A state in memory, of which backups are made, and at whose writes a process can be made to crash. */
export interface MemoryState extends ChannelStatePort {
  backUp(): Uint8Array | null
  restore(backup: Uint8Array | null): void
  /** The next swap fails, before or after it is stored; null calls it off. */
  crashNext(at: 'before' | 'after' | null): void
}

export function createMemoryState(): MemoryState {
  let stored: Uint8Array | null = null
  let crash: 'before' | 'after' | null = null
  return {
    load: async () => stored?.slice() ?? null,
    async swap(expected, next) {
      const at = crash
      crash = null
      if (at === 'before') throw new Error('crashed before the write')
      if (!areEqual(stored, expected)) return false
      stored = next.slice()
      if (at === 'after') throw new Error('crashed after the write')
      return true
    },
    backUp: () => stored?.slice() ?? null,
    restore(backup) {
      stored = backup?.slice() ?? null
    },
    crashNext(at) {
      crash = at
    },
  }
}

export function createMemoryWitness(): ChannelWitness & { crashNext(isCrashing: boolean): void } {
  const seen = new Map<string, WitnessMark>()
  let isCrashing = false
  return {
    highestSeen: async (channelId) => seen.get(channelId.join()) ?? null,
    async raise(channelId, mark) {
      if (isCrashing) {
        isCrashing = false
        throw new Error('crashed at the witness')
      }
      if ((seen.get(channelId.join())?.counter ?? 0) >= mark.counter) return false
      seen.set(channelId.join(), mark)
      return true
    },
    crashNext(is) {
      isCrashing = is
    },
  }
}

function areEqual(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}
