/**
 * - `SEED_INVALID`: not 81 trytes; make a new seed.
 * - `SIDE_KEY_INVALID`: not 1 to 81 trytes; correct the key.
 * - `MODE_INVALID`: neither public, private nor restricted, or a side key where none belongs; correct the mode.
 * - `SECURITY_INVALID`: not 1, 2 or 3; correct the level.
 * - `TRYTES_INVALID`: characters other than 9 and A to Z, or a length that cannot be; get the text again.
 * - `MESSAGE_TOO_LONG`: more bytes than one message carries at this level; split it, or send a hash.
 * - `MESSAGE_NONE`: nothing has been published at this address yet; ask again later.
 * - `NODE_UNREACHABLE`: no answer from the node, none that makes sense, or more messages than it can list; try another node.
 * - `NOT_FOR_KEY`: the message does not open with this root and side key; the key was changed or is wrong, or the message was altered.
 * - `MESSAGE_FORGED`: the message opens, but was not made by the publisher; do not trust it.
 * - `MESSAGE_MALFORMED`: not a message of this format; ignore it.
 * - `STATE_ROLLED_BACK`: the channel's state is older than what was used; one-time keys would be used twice. Start a new channel.
 * - `STATE_MALFORMED`: what is stored is not a state of this seed's channel; look for the right seed or file. Never bring back an older copy: start a new channel.
 * - `STATE_EXISTS`: this seed has a channel already; open it without `isNew`.
 * - `STATE_LOCKED`: the state was changed by somebody else, or may not have been stored; close this channel, and the other, and open it again.
 * - `WITNESS_MALFORMED`: the witness gave no mark of a state; repair the witness.
 * - `POSITION_INVALID`: not a place in a channel; ask the publisher for it.
 * - `CHANNEL_FULL`: the channel has no one-time keys left; start a new one.
 * - `TREE_INVALID`: the index, the tree or the next tree is not the one that belongs there; derive it anew.
 * - `TREE_USED`: the tree has signed a message or was wiped; derive the tree of the next index.
 * - `PARSE_TIMEOUT`: foreign data took longer to read than allowed; ignore it.
 * - `ENGINE_MISSING`: the engine asked for is not available here; use another.
 * - `KEY_INVALID`: a key is missing, not 32 bytes long, or to be derived from what gives none; give the right one.
 * - `LIMIT_INVALID`: a limit is no whole number in its range; correct it.
 * - `QUEUE_FULL`: more waits than the limit allows; go on when some of it is done.
 * - `CHANNEL_CLOSED`: the channel or parser was closed; open another one.
 * - `PARSER_DIED`: the worker that reads foreign data ended while it read; ignore the data.
 */
export type MamErrorCode =
  | 'SEED_INVALID'
  | 'SIDE_KEY_INVALID'
  | 'MODE_INVALID'
  | 'SECURITY_INVALID'
  | 'TRYTES_INVALID'
  | 'MESSAGE_TOO_LONG'
  | 'MESSAGE_NONE'
  | 'NODE_UNREACHABLE'
  | 'NOT_FOR_KEY'
  | 'MESSAGE_FORGED'
  | 'MESSAGE_MALFORMED'
  | 'STATE_ROLLED_BACK'
  | 'STATE_MALFORMED'
  | 'STATE_EXISTS'
  | 'STATE_LOCKED'
  | 'WITNESS_MALFORMED'
  | 'POSITION_INVALID'
  | 'CHANNEL_FULL'
  | 'TREE_INVALID'
  | 'TREE_USED'
  | 'PARSE_TIMEOUT'
  | 'ENGINE_MISSING'
  | 'KEY_INVALID'
  | 'LIMIT_INVALID'
  | 'QUEUE_FULL'
  | 'CHANNEL_CLOSED'
  | 'PARSER_DIED'

/** What goes wrong with masked messages. Messages name the field and the remedy, never keys or content. */
export class MamError extends Error {
  override readonly name = 'MamError'
  readonly code: MamErrorCode
  /** Small values that say where, such as `field`. */
  readonly details: Readonly<Record<string, string | number>>

  constructor(
    code: MamErrorCode,
    message: string,
    options: { readonly details?: Readonly<Record<string, string | number>>; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }
}
