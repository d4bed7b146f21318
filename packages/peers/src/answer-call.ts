import type { Reason } from '@halo/consent'
import type { Caller, HaloProtocols, Log } from '@halo/ports'
import { reasonOf } from '@halo/ports'
import type { Channel, Patience } from './channel.ts'
import { raced } from './deadline.ts'
import { codeOf } from './error-code.ts'
import { malformed } from './errors.ts'
import { FrameReceiver, intoFrames, ofTotal, sendFrames } from './frames.ts'
import type { Pacing } from './pace.ts'
import type { CallName, CallTypes } from './wire/calls.ts'
import type { Reply, Request } from './wire/messages.ts'
import { encodeGoAhead, encodeReply } from './wire/messages.ts'

/** One call on the answering side. */
export interface CallContext {
  readonly channel: Channel
  readonly service: HaloProtocols<Caller>
  readonly caller: Caller
  readonly idleTimeoutMs: number
  /** For the last words, also after the call's own time is up. */
  readonly lastTimeoutMs: number
  /** Of the caller's side of a byte stream. */
  readonly pace: Pacing
  readonly log: Log
}

/** Asks the service and writes what it answers, frames included. Throws only when the stream is no use any more. */
export async function answerCall(request: Request, context: CallContext): Promise<void> {
  const { service, caller } = context
  switch (request.call) {
    case 'storeShard':
      return answerStoreShard(request.query, context)
    case 'storeShare':
      return answerPlain('storeShare', service.storeShare(request.query, caller), context)
    case 'publish':
      return answerPlain('publish', service.publish(request.query, caller), context)
    case 'catalogue':
      return answerPlain('catalogue', service.catalogue(request.query, caller), context)
    case 'notify':
      return answerPlain(
        'notify',
        service.notify(request.query, caller).then(() => null),
        context,
      )
    case 'pending':
      return answerPlain('pending', service.pending(request.query, caller), context)
    case 'answer':
      return answerPlain('answer', service.answer(request.query, caller), context)
    case 'status':
      return answerPlain('status', service.status(request.query, caller), context)
    case 'release':
      return answerPlain('release', service.release(request.query, caller), context)
    case 'collect':
      return answerCollect(request.query, context)
    case 'readShard':
      return answerReadShard(request.query, context)
  }
}

async function answerPlain<Name extends CallName>(
  call: Name,
  work: Promise<CallTypes[Name]['answer']>,
  context: CallContext,
): Promise<void> {
  await writeReply(call, await outcomeOf(call, work, context), context)
}

async function answerStoreShard(
  query: CallTypes['storeShard']['query'],
  context: CallContext,
): Promise<void> {
  const { channel, service, caller } = context
  const receiver = new FrameReceiver(channel, patienceOf(context), context.pace)
  let isPulling = false
  const goAhead = async (): Promise<void> => {
    isPulling = true
    await channel.write([encodeGoAhead({ ok: null })], patienceOf(context))
  }
  const units = pulledUnits(query, receiver, goAhead)
  const reply = await outcomeOf('storeShard', service.storeShard({ ...query, units }, caller), context)
  // What broke the stream is the reason, whatever the service made of it.
  if (receiver.failure !== null) throw receiver.failure
  if ('ok' in reply && !isPulling) await goAhead()
  if (isPulling) await receiver.stop()
  await writeReply('storeShard', reply, context)
}

/** The units of a deposit, pulled when the service reads them, of the sizes that were announced. */
async function* pulledUnits(
  query: CallTypes['storeShard']['query'],
  receiver: FrameReceiver,
  goAhead: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  await goAhead()
  let left = query.sizeBytes
  for await (const unit of ofTotal(receiver.frames(), query.sizeBytes)) {
    left -= unit.length
    const isSized = left === 0 ? unit.length <= query.unitBytes : unit.length === query.unitBytes
    if (!isSized) throw malformed('a unit does not have the announced size')
    yield unit
  }
}

async function answerCollect(query: CallTypes['collect']['query'], context: CallContext): Promise<void> {
  const { service, caller } = context
  const reply = await outcomeOf('collect', service.collect(query, caller), context)
  if ('refused' in reply) return writeReply('collect', reply, context)
  const { sealed, ...told } = reply.ok
  await writeReply('collect', { ok: told }, context)
  await send('collect', sealed, (pieces) => intoFrames(ofTotal(pieces, told.sealedBytes)), context)
}

async function answerReadShard(query: CallTypes['readShard']['query'], context: CallContext): Promise<void> {
  const { service, caller } = context
  const reply = await outcomeOf('readShard', service.readShard(query, caller), context)
  if ('refused' in reply) return writeReply('readShard', reply, context)
  await writeReply('readShard', { ok: null }, context)
  await send('readShard', reply.ok, (units) => units, context)
}

async function send(
  call: CallName,
  bytes: AsyncIterable<Uint8Array>,
  shape: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
  context: CallContext,
): Promise<void> {
  const { channel, caller, pace } = context
  const source = bytes[Symbol.asyncIterator]()
  const frames = shape({ [Symbol.asyncIterator]: () => source })
  const patience = { timeoutMs: context.idleTimeoutMs, signal: caller.signal, pace }
  try {
    await sendFrames(channel, frames, patience, (error) => reasonFor(call, error, context))
  } finally {
    // A shape that was never read from does not pass its end on.
    source.return?.()?.then(undefined, () => {})
  }
}

/** The service's answer, or why there is none; time-outs count although the service may go on. */
async function outcomeOf<T>(call: CallName, work: Promise<T>, context: CallContext): Promise<Reply<T>> {
  try {
    return { ok: await raced(work, context.caller.signal) }
  } catch (error) {
    if (context.channel.gone.aborted) throw context.channel.gone.reason
    return { refused: reasonFor(call, error, context) }
  }
}

function reasonFor(call: CallName, error: unknown, context: CallContext): Reason {
  const reason = reasonOf(error)
  if (reason === 'INTERNAL') context.log('error', 'call-failed', { call, code: codeOf(error) })
  else context.log('debug', 'call-refused', { call, reason })
  return reason
}

async function writeReply<Name extends CallName>(
  call: Name,
  reply: Reply<CallTypes[Name]['answer']>,
  context: CallContext,
): Promise<void> {
  const patience = { timeoutMs: context.lastTimeoutMs, signal: context.channel.gone }
  await context.channel.write([encodeChecked(call, reply, context)], patience)
}

/** An answer that does not fit the wire is this peer's own failure, not the caller's. */
function encodeChecked<Name extends CallName>(
  call: Name,
  reply: Reply<CallTypes[Name]['answer']>,
  context: CallContext,
): Uint8Array {
  try {
    return encodeReply(call, reply)
  } catch (error) {
    context.log('error', 'call-failed', { call, code: codeOf(error) })
    return encodeReply(call, { refused: 'INTERNAL' })
  }
}

function patienceOf(context: CallContext): Patience {
  return { timeoutMs: context.idleTimeoutMs, signal: context.caller.signal }
}
