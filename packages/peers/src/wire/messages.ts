import type { Reason } from '@halo/consent'
import { decode, encode } from '@ipld/dag-cbor'
import { malformed, PeersError } from '../errors.ts'
import { PROTOCOLS } from '../protocols.ts'
import type { CallName, CallTypes } from './calls.ts'
import { CALLS } from './calls.ts'
import type { Codec } from './codec.ts'
import { mapOf, nothing } from './codec.ts'
import { WIRE_LIMITS } from './limits.ts'
import { reason } from './reason.ts'

/** A call with what it asks. */
export type Request = {
  readonly [Name in CallName]: { readonly call: Name; readonly query: CallTypes[Name]['query'] }
}[CallName]

/** What a peer answers: what was asked for, or why not. */
export type Reply<T> = { readonly ok: T } | { readonly refused: Reason }

const SMALL_BYTES = 16 * 1024

/** Longest request of each protocol, in bytes, checked before anything is decoded. */
export const MAX_REQUEST_BYTES: Readonly<Record<string, number>> = {
  [PROTOCOLS.store]: SMALL_BYTES,
  [PROTOCOLS.request]: WIRE_LIMITS.manifestBytes + SMALL_BYTES,
  [PROTOCOLS.release]: SMALL_BYTES,
  [PROTOCOLS.collect]: SMALL_BYTES,
  [PROTOCOLS.shard]: SMALL_BYTES,
}

/** Longest reply of any protocol, in bytes. */
export const MAX_REPLY_BYTES: number = WIRE_LIMITS.manifestBytes + SMALL_BYTES

/** Canonical dag-cbor of `{ call, query }`. */
export function encodeRequest<Name extends CallName>(
  call: Name,
  query: CallTypes[Name]['query'],
): Uint8Array {
  return encodeWithin(MAX_REQUEST_BYTES[CALLS[call].protocol] ?? 0, {
    call,
    query: CALLS[call].query.toValue(query),
  })
}

/**
 * Reads a request that arrived on a protocol.
 * @throws PeersError `MESSAGE_MALFORMED` also for a call of another protocol, `MESSAGE_TOO_LARGE`
 */
export function decodeRequest(protocol: string, bytes: Uint8Array): Request {
  const map = mapOf(decodeCanonical(bytes, MAX_REQUEST_BYTES[protocol] ?? 0))
  const call = map['call']
  if (Object.keys(map).length !== 2 || !Object.hasOwn(map, 'query')) throw malformed('not a request')
  if (typeof call !== 'string' || !isCallOf(protocol, call)) throw malformed('no call of this protocol')
  return { call, query: guarded(CALLS[call].query as Codec<unknown>, map['query']) } as Request
}

/** Canonical dag-cbor of `{ ok }` or `{ refused }`. */
export function encodeReply<Name extends CallName>(
  call: Name,
  reply: Reply<CallTypes[Name]['answer']>,
): Uint8Array {
  return encodeAnyReply(CALLS[call].answer, reply)
}

/** @throws PeersError `MESSAGE_MALFORMED` or `MESSAGE_TOO_LARGE` */
export function decodeReply<Name extends CallName>(
  call: Name,
  bytes: Uint8Array,
): Reply<CallTypes[Name]['answer']> {
  return decodeAnyReply(CALLS[call].answer, bytes)
}

/** `{ ok: null }`: send the units now; or `{ refused }`. */
export function encodeGoAhead(reply: Reply<null>): Uint8Array {
  return encodeAnyReply(nothing, reply)
}

/** @throws PeersError `MESSAGE_MALFORMED` or `MESSAGE_TOO_LARGE` */
export function decodeGoAhead(bytes: Uint8Array): Reply<null> {
  return decodeAnyReply(nothing, bytes)
}

function encodeAnyReply<T>(codec: Codec<T>, reply: Reply<T>): Uint8Array {
  return encodeWithin(
    MAX_REPLY_BYTES,
    'ok' in reply ? { ok: codec.toValue(reply.ok) } : { refused: reason.toValue(reply.refused) },
  )
}

function decodeAnyReply<T>(codec: Codec<T>, bytes: Uint8Array): Reply<T> {
  const map = mapOf(decodeCanonical(bytes, MAX_REPLY_BYTES))
  if (Object.keys(map).length !== 1) throw malformed('not a reply')
  if (Object.hasOwn(map, 'ok')) return { ok: guarded(codec, map['ok']) }
  return { refused: reason.fromValue(map['refused']) }
}

/** A parser of another package may throw its own error; on this side of the wire it means malformed. */
function guarded<T>(codec: Codec<T>, value: unknown): T {
  try {
    return codec.fromValue(value)
  } catch (cause) {
    throw cause instanceof PeersError ? cause : malformed('a field cannot be read', cause)
  }
}

function encodeWithin(maxBytes: number, value: unknown): Uint8Array {
  const bytes = encode(value)
  if (bytes.length > maxBytes) throw tooLarge(maxBytes)
  return bytes
}

/** Decodes, and compares with what encoding the result again gives: every value has one encoding. */
function decodeCanonical(bytes: Uint8Array, maxBytes: number): unknown {
  if (bytes.length > maxBytes) throw tooLarge(maxBytes)
  let value: unknown
  let again: Uint8Array
  try {
    value = decode(bytes)
    again = encode(value)
  } catch (cause) {
    throw malformed('not dag-cbor', cause)
  }
  const isCanonical = again.length === bytes.length && again.every((byte, at) => byte === bytes[at])
  if (!isCanonical) throw malformed('not in canonical form')
  return value
}

function isCallOf(protocol: string, call: string): call is CallName {
  return Object.hasOwn(CALLS, call) && CALLS[call as CallName].protocol === protocol
}

function tooLarge(maxBytes: number): PeersError {
  return new PeersError('MESSAGE_TOO_LARGE', `A message here has at most ${maxBytes} bytes.`)
}
