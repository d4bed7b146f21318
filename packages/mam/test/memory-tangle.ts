import type { TangleLookup } from '../src/read-lookup.ts'

/** A Tangle in memory, on which anybody puts anything, and whose nodes can be down. */
export interface MemoryTangle extends TangleLookup {
  attach(address: string, payload: string): void
  /** Whether the message is there. */
  holds(address: string, payload: string): boolean
  lose(address: string): void
  isDown: boolean
  /** How often a node was asked. */
  asked: number
}

export function createMemoryTangle(): MemoryTangle {
  const messages = new Map<string, string[]>()
  return {
    isDown: false,
    asked: 0,
    async find(address) {
      this.asked++
      if (this.isDown) throw new Error('connect ECONNREFUSED')
      return { found: [...(messages.get(address) ?? [])] }
    },
    attach: (address, payload) => void messages.set(address, [...(messages.get(address) ?? []), payload]),
    holds: (address, payload) => messages.get(address)?.includes(payload) ?? false,
    lose: (address) => void messages.delete(address),
  }
}
