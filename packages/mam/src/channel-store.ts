import type { ChannelOptions, ChannelParts } from './channel-options.ts'
import { trimSideKey } from './channel-options.ts'
import { ENVELOPE_HASH_BYTES } from './envelope.ts'
import { MamError } from './errors.ts'
import type { ChannelState, StateSeal } from './state.ts'

/** The state of an open channel, and the only way to change it. */
export interface ChannelStore {
  current(): ChannelState
  /**
   * Stores changes before anybody relies on them. If it is not certain that they are stored, nothing more is
   * written: the channel has to be opened again, and finds out.
   * @throws MamError `STATE_LOCKED`; whatever the ports throw
   */
  write(changes: Partial<Omit<ChannelState, 'counter'>>): Promise<void>
}

/**
 * Loads the state of a channel, or makes its first.
 * @throws MamError `STATE_ROLLED_BACK` when it is missing or older than the witness remembers, `STATE_LOCKED`,
 * `STATE_MALFORMED`, `MODE_INVALID`, `SECURITY_INVALID`, `SIDE_KEY_INVALID`
 */
export async function openStore(
  parts: Pick<ChannelParts, 'state' | 'witness'>,
  options: ChannelOptions,
  channelId: Uint8Array,
  seal: StateSeal,
): Promise<ChannelStore> {
  const stored = await parts.state.load()
  const seen = (await parts.witness?.highestSeen(channelId)) ?? 0
  const state = stored === null ? firstState(options) : reopen(seal.open(stored), options)
  refuseOld(state.counter, seen)
  const store = startWriting(parts, channelId, seal, state, stored)
  if (stored === null) await store.write({})
  else if (seen < state.counter) await parts.witness?.raise(channelId, state.counter)
  return store
}

function startWriting(
  { state: port, witness }: Pick<ChannelParts, 'state' | 'witness'>,
  channelId: Uint8Array,
  seal: StateSeal,
  opened: ChannelState,
  stored: Uint8Array | null,
): ChannelStore {
  let state = opened
  let bytes = stored
  let isCertain = true
  return {
    current: () => state,
    async write(changes) {
      if (!isCertain) throw locked()
      isCertain = false
      const next = { ...state, ...changes, counter: state.counter + 1 }
      const nextBytes = seal.seal(next)
      if (!(await port.swap(bytes, nextBytes))) throw locked()
      // After the state, so that a crash in between leaves a state that is newer than the witness, never older.
      await witness?.raise(channelId, next.counter)
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
  if (isNew) throw new MamError('STATE_LOCKED', 'This seed has a channel already; open it without isNew.')
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

function refuseOld(counter: number, seen: number): void {
  if (!Number.isSafeInteger(seen) || seen < 0)
    throw new MamError('STATE_MALFORMED', 'The witness gave no whole number from 0 on; repair it.')
  if (seen > counter)
    throw new MamError(
      'STATE_ROLLED_BACK',
      'The state is older than the witness remembers; start a new channel from a new seed.',
      { details: { counter, seen } },
    )
}

function locked(): MamError {
  return new MamError(
    'STATE_LOCKED',
    'The state was changed by somebody else, or may not have been stored; close this channel and open it again.',
  )
}
