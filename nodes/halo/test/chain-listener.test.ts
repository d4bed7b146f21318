import type { LedgerEvent, LedgerListener } from '@halo/ports'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createChainListener } from '../src/chain-listener.ts'
import { createDetached } from '../src/detached.ts'
import { createMetrics } from '../src/metrics.ts'

const test = suite('node/chain-listener')

const AT = { block: 7, logIndex: 0 }
const MEMBERS: LedgerEvent = { ...AT, kind: 'members' }
const REVOKED: LedgerEvent = { ...AT, kind: 'answered', id: `0x${'1'.repeat(64)}` as never, answer: 'Revoke' }

function recordingPeer(seen: string[]): LedgerListener {
  return {
    onEvent: async (event) => void seen.push(event.kind),
    onRollback: async (block) => void seen.push(`rollback ${block}`),
  }
}

test('a withdrawal reaches the peer while the registry is still being read', async () => {
  const stopping = new AbortController()
  const seen: string[] = []
  const reread = createDetached(() => new Promise<void>(() => seen.push('reading, without end')), {
    signal: stopping.signal,
    timeoutMs: 60_000,
  })
  const listener = createChainListener(recordingPeer(seen), reread, createMetrics())
  await listener.onEvent(MEMBERS)
  await listener.onEvent(REVOKED)
  await listener.onRollback(6)
  assert.equal(seen, ['reading, without end', 'members', 'answered', 'rollback 6'])
})

test('detached work never runs twice at once, and once more for all that was asked meanwhile', async () => {
  const stopping = new AbortController()
  const runs: PromiseWithResolvers<void>[] = []
  const work = createDetached(
    () => {
      const run = Promise.withResolvers<void>()
      runs.push(run)
      return run.promise
    },
    { signal: stopping.signal, timeoutMs: 60_000 },
  )
  for (let asked = 0; asked < 5; asked++) work.request()
  assert.is(runs.length, 1)
  runs[0]?.resolve()
  await new Promise(setImmediate)
  assert.is(runs.length, 2)
  runs[1]?.resolve()
  await new Promise(setImmediate)
  assert.is(runs.length, 2)
  work.request()
  assert.is(runs.length, 3)
  work.request()
  stopping.abort()
  runs[2]?.resolve()
  await new Promise(setImmediate)
  assert.is(runs.length, 3, 'nothing begins once the node stops')
})

test('detached work is told when its time is up and when the node stops', async () => {
  const stopping = new AbortController()
  const untilAborted = (timeoutMs: number): Promise<string> =>
    new Promise((resolve) => {
      const work = createDetached(
        ({ signal }) =>
          new Promise((done) => {
            signal.addEventListener('abort', () => {
              resolve((signal.reason as Error).name)
              done()
            })
          }),
        { signal: stopping.signal, timeoutMs },
      )
      work.request()
    })
  // A signal's own timer does not keep the process alive.
  const alive = setInterval(() => undefined, 1000)
  assert.is(await untilAborted(1), 'TimeoutError')
  const stopped = untilAborted(60_000)
  stopping.abort()
  assert.is(await stopped, 'AbortError')
  clearInterval(alive)
})

test.run()
