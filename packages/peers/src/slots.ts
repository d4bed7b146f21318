/** How many calls may run at once. */
export interface SlotLimits {
  readonly perPeer: number
  readonly total: number
}

/** Counts running calls; who finds no slot is told to come back. */
export class Slots {
  readonly #limits: SlotLimits
  readonly #running = new Map<string, number>()
  #total = 0

  constructor(limits: SlotLimits) {
    this.#limits = limits
  }

  /** Takes a slot, to be given back by {@link leave}; false when there is none. */
  enter(peerId: string): boolean {
    const running = this.#running.get(peerId) ?? 0
    if (running >= this.#limits.perPeer || this.#total >= this.#limits.total) return false
    this.#running.set(peerId, running + 1)
    this.#total++
    return true
  }

  leave(peerId: string): void {
    const left = (this.#running.get(peerId) ?? 1) - 1
    if (left > 0) this.#running.set(peerId, left)
    else this.#running.delete(peerId)
    this.#total--
  }
}
