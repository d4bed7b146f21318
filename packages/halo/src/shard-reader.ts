import type { RequestId } from '@halo/consent'
import { RefusedError, reasonOf } from '@halo/ports'
import type { Placement, ShardRoot } from '@halo/vault'
import { isUnitOf, parseShardRoot } from '@halo/vault'
import type { PeerContext } from './parts.ts'
import { serveShard } from './serve-shard.ts'

/** Reads one shard, unit by unit, from whoever holds it. */
export interface ShardReader extends AsyncDisposable {
  /** The unit of a stripe, or null when the holder is gone, refuses, or lied. */
  readUnit(stripe: number): Promise<Uint8Array | null>
}

type ShardPlace = Placement['shards'][number]

/** A running stream of units. */
interface UnitStream {
  readonly root: ShardRoot
  readonly units: AsyncIterator<Uint8Array>
  next: number
}

/**
 * A reader that opens its stream at the first unit wanted and checks each unit against the root
 * block that the manifest names. A holder that fails once, or is too slow, is not asked again, and is
 * named in the log.
 */
export function openShardReader(
  context: PeerContext,
  requestId: RequestId,
  place: ShardPlace,
  signal: AbortSignal,
): ShardReader {
  let stream: UnitStream | null = null
  let isLost = false
  const leaving = new AbortController()
  const reading = AbortSignal.any([signal, leaving.signal])
  const readNext = async (stripe: number): Promise<Uint8Array> => {
    if (stream?.next !== stripe) {
      letGo(stream)
      stream = await openStream(context, requestId, place, stripe, reading)
    }
    return nextUnit(stream)
  }
  return {
    async readUnit(stripe) {
      if (isLost) return null
      try {
        return await within(context.holderTimeoutMs, readNext(stripe))
      } catch (error) {
        isLost = true
        leaving.abort(error)
        if (!signal.aborted)
          context.log('warn', 'shard-unavailable', {
            requestId,
            peerId: place.peerId,
            reason: reasonOf(error),
          })
        return null
      }
    },
    async [Symbol.asyncDispose]() {
      leaving.abort(new DOMException('Nothing more is read.', 'AbortError'))
      letGo(stream)
      stream = null
    },
  }
}

/** Not waited for: a holder that hangs must not hold up the others. */
function letGo(stream: UnitStream | null): void {
  stream?.units.return?.()?.then(undefined, () => {})
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new RefusedError('TIMED_OUT')), timeoutMs)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

async function openStream(
  context: PeerContext,
  requestId: RequestId,
  place: ShardPlace,
  fromUnit: number,
  signal: AbortSignal,
): Promise<UnitStream> {
  const query = { requestId, id: place.id, fromUnit }
  const units = (await openUnits(context, place.peerId, query, signal))[Symbol.asyncIterator]()
  const first = await units.next()
  const root = first.done === true ? null : await parseShardRoot(first.value, place.cid)
  if (root === null) {
    await units.return?.()
    throw new RefusedError('SHARD_DAMAGED', { peerId: place.peerId })
  }
  return { root, units, next: fromUnit }
}

async function openUnits(
  context: PeerContext,
  peerId: string,
  query: { readonly requestId: RequestId; readonly id: Uint8Array; readonly fromUnit: number },
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  if (peerId === context.peerId) return serveShard(context, query, { peerId, isMember: true, signal })
  const member = context.members().find((candidate) => candidate.peerId === peerId && candidate.isActive)
  if (member === undefined) throw new RefusedError('NOT_A_MEMBER', { peerId })
  return context.link.peer(member).readShard(query, { signal })
}

async function nextUnit(stream: UnitStream): Promise<Uint8Array> {
  const { value, done } = await stream.units.next()
  if (done === true) throw new RefusedError('NOT_HELD')
  if (!(await isUnitOf(stream.root, stream.next, value))) throw new RefusedError('SHARD_DAMAGED')
  stream.next++
  return value
}
