import type { RequestId } from '@halo/consent'
import type { Caller, CollectProof, Delivery } from '@halo/ports'
import { RefusedError } from '@halo/ports'
import type { Placement } from '@halo/vault'
import { decodeShards, encodeManifest } from '@halo/vault'
import { isWithdrawn } from './authorise.ts'
import type { PeerContext } from './parts.ts'
import { permit } from './release.ts'
import { openShardReader } from './shard-reader.ts'
import type { StoredAnswer } from './state.ts'

/** How long other holders may take to learn of an answer they missed; then the delivery begins without them. */
const SHARE_ANSWER_MS = 3000

/**
 * Rebuilds the sealed bytes of a record from any `data` shards and hands them to the researcher,
 * with the part of the manifest that shows no location. This peer sees ciphertext only.
 * A withdrawal cuts the stream.
 * @throws RefusedError with the reason of the rule that failed; the stream fails with `SHARDS_TOO_FEW`
 */
export async function collectRecord(
  context: PeerContext,
  proof: CollectProof,
  caller: Caller,
): Promise<Delivery> {
  const { requestId, manifest, accessUntilSec } = await permit(context, proof)
  const placement = manifest.placement
  if (placement === null) throw new RefusedError('MANIFEST_MISSING')
  const grant = await context.state.answer(requestId, 'Grant')
  if (grant === null) throw new RefusedError('MANIFEST_MISSING')
  await shareAnswer(context, requestId, grant, placement, caller.signal)
  return {
    manifest: encodeManifest(manifest, { withPlacement: false }),
    grant: grant.signature,
    sealedBytes: manifest.core.sealedBytes,
    sealed: rebuild(
      context,
      { requestId, placement, sealedBytes: manifest.core.sealedBytes, accessUntilSec },
      caller.signal,
    ),
  }
}

/** Hands the patient's answer to holders that were down when it came; each checks it by itself. */
async function shareAnswer(
  context: PeerContext,
  requestId: RequestId,
  grant: StoredAnswer,
  placement: Placement,
  signal: AbortSignal,
): Promise<void> {
  const notice = await context.state.notice(requestId)
  if (notice === null) return
  const holders = new Set([...placement.shards, ...placement.shares].map((place) => place.peerId))
  const others = context
    .members()
    .filter((member) => holders.has(member.peerId) && member.peerId !== context.peerId)
  const limited = { signal: AbortSignal.any([signal, AbortSignal.timeout(SHARE_ANSWER_MS)]) }
  await Promise.allSettled(
    others.map(async (member) => {
      const peer = context.link.peer(member)
      await peer.notify(notice, limited)
      await peer.answer(
        { kind: 'Grant', requestId, signature: grant.signature, manifest: grant.manifest },
        limited,
      )
    }),
  )
}

interface Rebuilding {
  readonly requestId: RequestId
  readonly placement: Placement
  readonly sealedBytes: number
  readonly accessUntilSec: number
}

/** Timers hold no more; a stream that long ends for other reasons. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

async function* rebuild(
  context: PeerContext,
  { requestId, placement, sealedBytes, accessUntilSec }: Rebuilding,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const leftMs = Math.max(0, accessUntilSec * 1000 - context.clock.nowMs())
  const accessEnds = AbortSignal.timeout(Math.min(leftMs, LONGEST_TIMER_MS))
  using watch = context.cutOffs.watch(requestId, AbortSignal.any([signal, accessEnds]))
  // From here on a withdrawal cuts; one that came since the decision has to be looked for.
  if (await isWithdrawn(context, requestId)) throw new RefusedError('WITHDRAWN')
  await using readers = new AsyncDisposableStack()
  const shards = placement.shards.map((shard) =>
    readers.use(openShardReader(context, requestId, shard, watch.signal)),
  )
  const readUnit = async (shard: number, stripe: number): Promise<Uint8Array | null> => {
    watch.signal.throwIfAborted()
    return (await shards[shard]?.readUnit(stripe)) ?? null
  }
  try {
    yield* decodeShards(placement.erasure, sealedBytes, readUnit, context.erasure, { signal: watch.signal })
  } catch (error) {
    if (accessEnds.aborted) throw new RefusedError('EXPIRED')
    if (watch.signal.aborted) throw watch.signal.reason
    throw codeOf(error) === 'SHARDS_TOO_FEW' ? new RefusedError('SHARDS_TOO_FEW', { cause: error }) : error
  }
  context.log('info', 'record-rebuilt', { requestId, sealedBytes })
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | null)?.code
}
