/** Where a reader stands: what it is given to begin with, and what it keeps to go on later. */
export interface ReadingPosition {
  /** 16 bytes. */
  readonly channelId: Uint8Array
  /** 81 trytes: the root of the message to be read next. It opens this one and, from there, all after it. */
  readonly root: string
  /** Number of the message to be read next, from 0. */
  readonly sequence: number
  /** SHA-256 of the envelope before it, 32 bytes; zeros before the first. */
  readonly previousHash: Uint8Array
}
