import type { ChannelOptions, ChannelParts } from './channel-options.ts'
import { trimSideKey } from './channel-options.ts'
import { type ChannelWatch, isOlder, markOf, watchChannel } from './channel-witness.ts'
import { ENVELOPE_HASH_BYTES } from './envelope.ts'
import { MamError } from './errors.ts'
import type { ChannelState, StateSeal } from './state.ts'
import type { ChannelStatePort } from './state-port.ts'

/** The state of an open channel, and the only way to change it. */
export interface ChannelStore {
  current(): ChannelState
  /**
   * Stores changes before anybody relies on them. If it is not certain that they are stored, or the witness
   * remembers another state, nothing more is written: the channel has to be opened again, and finds out.
   * @throws MamError `STATE_LOCKED`, `WITNESS_MALFORMED`; whatever the ports throw
   */
  write(changes: Partial<Omit<ChannelState, 'counter'>>): Promise<void>
}

/**
 * Loads the state of a channel, or makes its first.
 * @throws MamError `STATE_ROLLED_BACK` when it is missing, or another than the witness remembers,
 * `STATE_LOCKED`, `STATE_EXISTS`, `STATE_MALFORMED`, `WITNESS_MALFORMED`, `MODE_INVALID`, `SECURITY_INVALID`,
 * `SIDE_KEY_INVALID`
 */
export async function openStore(
  parts: Pick<ChannelParts, 'state' | 'witness'>,
  options: ChannelOptions,
  channelId: Uint8Array,
  seal: StateSeal,
): Promise<ChannelStore> {
  // The witness first: what somebody else writes in between then makes the state newer than it, never older.
  const watch = watchChannel(parts.witness, channelId)
  const known = await watch.newest()
  const stored = await parts.state.load()
  if (stored === null) {
    if (known !== null) throw rolledBack()
    const store = startWriting(parts.state, watch, seal, firstState(options), null)
    await store.write({})
    return store
  }
  const state = reopen(seal.open(stored), options)
  const mark = markOf(state.counter, stored)
  if (isOlder(mark, known)) throw rolledBack()
  if (mark.counter !== known?.counter && !(await watch.remember(mark))) throw locked()
  return startWriting(parts.state, watch, seal, state, stored)
}

function startWriting(
  port: ChannelStatePort,
  watch: ChannelWatch,
  seal: StateSeal,
  opened: ChannelState,
  stored: Uint8Array | null,
): ChannelStore {
  let state = opened
  let bytes = stored
  let isCertain = true

  /** A state restored under an open channel passes the swap: to its bytes, nothing has happened. */
  async function isSuperseded(): Promise<boolean> {
    const known = await watch.newest()
    return bytes === null ? known !== null : isOlder(markOf(state.counter, bytes), known)
  }

  return {
    current: () => state,
    async write(changes) {
      if (!isCertain || (await isSuperseded())) throw locked()
      isCertain = false
      const next = { ...state, ...changes, counter: state.counter + 1 }
      const nextBytes = seal.seal(next)
      if (!(await port.swap(bytes, nextBytes))) throw locked()
      // After the state, so that a crash in between leaves a state that is newer than the witness, never older.
      if (!(await watch.remember(markOf(next.counter, nextBytes)))) throw locked()
      state = next
      bytes = nextBytes
      isCertain = true
    },
  }
}

function firstState({ mode, security, sideKey = '', isNew = false }: ChannelOptions): ChannelState {
  if (!isNew)
    throw new MamError(
      'STATE_ROLLED_BACK',
      'There is no state of this channel. Find it, or start a new channel from a new seed; isNew is only for a seed that was never used.',
    )
  const previousHash = new Uint8Array(ENVELOPE_HASH_BYTES)
  return { mode, security, counter: 0, nextIndex: 0, epoch: 0, previousHash, sideKey, pending: [] }
}

function reopen(
  state: ChannelState,
  { mode, security, sideKey, isNew = false }: ChannelOptions,
): ChannelState {
  if (isNew) throw new MamError('STATE_EXISTS', 'This seed has a channel already; open it without isNew.')
  if (state.mode !== mode)
    throw new MamError('MODE_INVALID', 'The channel has another mode, which it keeps; give that one.')
  if (state.security !== security)
    throw new MamError('SECURITY_INVALID', 'The channel has another level, which it keeps; give that one.')
  if (sideKey !== undefined && trimSideKey(sideKey) !== trimSideKey(state.sideKey))
    throw new MamError(
      'SIDE_KEY_INVALID',
      'The channel has another side key; leave it out, and change it with startEpoch.',
    )
  return state
}

function rolledBack(): MamError {
  return new MamError(
    'STATE_ROLLED_BACK',
    'The witness remembers a later state than this one; start a new channel from a new seed.',
  )
}

function locked(): MamError {
  return new MamError(
    'STATE_LOCKED',
    'The state was changed by somebody else, or may not have been stored; close this channel and open it again.',
  )
}
