/** How many calls may run at once. */
export interface SlotLimits {
  readonly perPeer: number
  /** Of all peers at one address; ids are free, addresses are not. */
  readonly perAddress: number
  readonly total: number
}

/** Who takes a slot. */
export interface SlotTaker {
  readonly peerId: string
  /** As {@link sourceOf} names it. */
  readonly source: string
}

/** Counts what runs; who finds no slot is told to come back. */
export class Slots {
  readonly #limits: SlotLimits
  readonly #peers = new Map<string, number>()
  readonly #addresses = new Map<string, number>()
  #total = 0

  constructor(limits: SlotLimits) {
    this.#limits = limits
  }

  /** Takes a slot and returns how to give it back, once; null when there is none. */
  enter({ peerId, source }: SlotTaker): (() => void) | null {
    const { perPeer, perAddress, total } = this.#limits
    const isFull =
      (this.#peers.get(peerId) ?? 0) >= perPeer ||
      (this.#addresses.get(source) ?? 0) >= perAddress ||
      this.#total >= total
    if (isFull) return null
    add(this.#peers, peerId, 1)
    add(this.#addresses, source, 1)
    this.#total++
    return () => {
      add(this.#peers, peerId, -1)
      add(this.#addresses, source, -1)
      this.#total--
    }
  }
}

/**
 * The slots of one kind of caller, byte streams apart: who fills them with streams, which may last,
 * leaves the slots of short calls alone, so that a patient can always withdraw.
 */
export class SlotPools {
  readonly #calls: Slots
  readonly #streams: Slots

  constructor(limits: { readonly calls: SlotLimits; readonly streams: SlotLimits }) {
    this.#calls = new Slots(limits.calls)
    this.#streams = new Slots(limits.streams)
  }

  /** A slot among the short calls, which every call needs until its request is read; null when there is none. */
  enter(taker: SlotTaker): HeldSlot | null {
    const leave = this.#calls.enter(taker)
    return leave === null ? null : new HeldSlot(leave, () => this.#streams.enter(taker))
  }
}

/** A slot that a running call holds. */
export class HeldSlot implements Disposable {
  #leave: () => void
  readonly #enterStreams: () => (() => void) | null

  constructor(leave: () => void, enterStreams: () => (() => void) | null) {
    this.#leave = leave
    this.#enterStreams = enterStreams
  }

  /** Changes to a slot among the byte streams; false, and nothing changes, when there is none. */
  changeToStream(): boolean {
    const leave = this.#enterStreams()
    if (leave === null) return false
    this.#leave()
    this.#leave = leave
    return true
  }

  [Symbol.dispose](): void {
    this.#leave()
    this.#leave = () => {}
  }
}

function add(counts: Map<string, number>, key: string, change: number): void {
  const count = (counts.get(key) ?? 0) + change
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}
