import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { SecurityLevel } from './curl-engine.ts'
import type { MamMode } from './engine.ts'
import { ENVELOPE_HASH_BYTES } from './envelope.ts'
import { readU32, u32Bytes, u64Bytes } from './envelope-wire.ts'
import { MamError } from './errors.ts'
import type { ChannelState, PendingMessage } from './state.ts'

const MODES: readonly MamMode[] = ['public', 'private', 'restricted']

/**
 * u8 mode ‖ u8 security ‖ u64 counter ‖ u32 next index ‖ u32 epoch ‖ 32 bytes previous hash ‖ side key ‖
 * u8 number of pending messages, each u32 index ‖ side key ‖ u32 length ‖ envelope. A side key is u8 length ‖
 * that many trytes in ASCII.
 */
export function encodeState(state: ChannelState): Uint8Array {
  return concatBytes(
    Uint8Array.of(MODES.indexOf(state.mode), state.security),
    u64Bytes(state.counter),
    u32Bytes(state.nextIndex),
    u32Bytes(state.epoch),
    state.previousHash,
    encodeText(state.sideKey),
    Uint8Array.of(state.pending.length),
    ...state.pending.flatMap(encodePending),
  )
}

/**
 * Reads what {@link encodeState} wrote, all of it and nothing else.
 * @throws MamError `STATE_MALFORMED`
 */
export function decodeState(bytes: Uint8Array): ChannelState {
  const reader = startReading(bytes)
  const mode = MODES[reader.u8()]
  const security = reader.u8()
  if (mode === undefined || !isSecurity(security)) throw malformed()
  const state = {
    mode,
    security,
    counter: reader.u64(),
    nextIndex: reader.u32(),
    epoch: reader.u32(),
    previousHash: reader.take(ENVELOPE_HASH_BYTES),
    sideKey: reader.text(),
    pending: Array.from({ length: reader.u8() }, () => readPending(reader)),
  }
  const isOrdered = state.pending.every(
    ({ index }, at) => index < (state.pending[at + 1]?.index ?? state.nextIndex),
  )
  if (!isOrdered || !reader.isAtEnd()) throw malformed()
  return state
}

function encodePending({ index, sideKey, envelope }: PendingMessage): readonly Uint8Array[] {
  return [u32Bytes(index), encodeText(sideKey), u32Bytes(envelope.length), envelope]
}

function readPending(reader: StateReader): PendingMessage {
  return { index: reader.u32(), sideKey: reader.text(), envelope: reader.take(reader.u32()) }
}

function encodeText(text: string): Uint8Array {
  return concatBytes(Uint8Array.of(text.length), utf8ToBytes(text))
}

interface StateReader {
  u8(): number
  u32(): number
  u64(): number
  text(): string
  take(sizeBytes: number): Uint8Array
  isAtEnd(): boolean
}

function startReading(bytes: Uint8Array): StateReader {
  let offset = 0
  function take(sizeBytes: number): Uint8Array {
    if (offset + sizeBytes > bytes.length) throw malformed()
    offset += sizeBytes
    return bytes.slice(offset - sizeBytes, offset)
  }
  const u8 = (): number => take(1)[0] ?? 0
  const u32 = (): number => readU32(take(4), 0)
  return {
    take,
    u8,
    u32,
    u64: () => u32() * 2 ** 32 + u32(),
    text: () => String.fromCharCode(...take(u8())),
    isAtEnd: () => offset === bytes.length,
  }
}

function isSecurity(value: number): value is SecurityLevel {
  return value === 1 || value === 2 || value === 3
}

function malformed(): MamError {
  return new MamError(
    'STATE_MALFORMED',
    'The stored state is cut off or damaged; start a new channel, and bring back no older copy.',
  )
}
