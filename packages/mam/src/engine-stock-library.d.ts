/**
 * What of `@iota/mam.js` 1.6.3 is used here. The library has types, but its `exports` do not lead to them.
 */
declare module '@iota/mam.js' {
  type Mode = 'public' | 'private' | 'restricted'

  export interface IMamChannelState {
    seed: string
    mode: Mode
    sideKey?: string
    security: number
    /** Index of the first one-time key of the current tree. */
    start: number
    /** Leaves of the current tree. */
    count: number
    nextRoot?: string
    /** Leaves of the next tree. */
    nextCount: number
    /** Leaf within the current tree. */
    index: number
  }

  export interface IMamMessage {
    address: string
    payload: string
    root: string
  }

  /** @throws Error for seeds, levels, modes and side keys that cannot be */
  export function createChannel(
    seed: string,
    security: number,
    mode: Mode,
    sideKey?: string,
  ): IMamChannelState
  export function channelRoot(channelState: IMamChannelState): string
  /** Advances the channel it is given. */
  export function createMessage(channelState: IMamChannelState, message: string): IMamMessage
  /** @throws Error, and RangeError for some that is no message */
  export function parseMessage(
    payload: string,
    root: string,
    channelKey?: string,
  ): { nextRoot: string; message: string }
  export function decodeAddress(root: string, mode: Mode): string
}
