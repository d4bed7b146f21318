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

/**
 * Remembers how far channels have come, apart from their states: in another file, on another disk, in a
 * keystore, with another peer. A backup that brings back state and witness together goes unnoticed.
 */
export interface ChannelWitness {
  /** The highest number given for a channel; 0 when there is none. */
  highestSeen(channelId: Uint8Array): Promise<number>
  /** Remembers a number, unless a higher one is already known. Durable once resolved. */
  raise(channelId: Uint8Array, counter: number): Promise<void>
}
