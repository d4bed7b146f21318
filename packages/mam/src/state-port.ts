/**
 * Keeps the state of one channel. The bytes are sealed under the channel's seed: whoever keeps them neither
 * reads nor changes them, but can keep old ones, which is what {@link ChannelWitness} is for.
 */
export interface ChannelStatePort {
  /** The newest state, in a buffer that the caller owns; null when none was ever stored. */
  load(): Promise<Uint8Array | null>
  /**
   * Replaces the state in one step, if what is stored is `expected` (null: nothing); false if it is not. Once
   * this has resolved, the new state survives SIGKILL and loss of power.
   */
  swap(expected: Uint8Array | null, next: Uint8Array): Promise<boolean>
}

/** Which state of a channel was the newest: two states of one number are told apart by their hashes. */
export interface WitnessMark {
  /** How often the state had been written, from 1. */
  readonly counter: number
  /** SHA-256 of the stored bytes, 32 bytes. */
  readonly stateHash: Uint8Array
}

/**
 * Remembers how far channels have come, apart from their states: in another file, on another disk, in a
 * keystore, with another peer. A backup that brings back state and witness together goes unnoticed.
 */
export interface ChannelWitness {
  /** The mark of the highest number given for a channel; null when there is none. */
  highestSeen(channelId: Uint8Array): Promise<WitnessMark | null>
  /**
   * Remembers a mark in one step, if its number is higher than the one known; false if it is not, and then
   * what is known stays. Durable once resolved.
   */
  raise(channelId: Uint8Array, mark: WitnessMark): Promise<boolean>
}
