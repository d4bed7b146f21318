import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Pace } from '../src/pace.ts'

const test = suite('peers/pace')
const LIMITS = { leastBytesPerSecond: 1000, graceMs: 5000 }

/** A pace on a clock that the test turns; `wait` lets the other side take so long and returns its time limit. */
function paced(limits = LIMITS): {
  readonly pace: Pace
  readonly elapse: (ms: number) => void
  readonly wait: (ms: number) => Promise<number>
} {
  let nowMs = 1_000_000
  const pace = new Pace(limits, () => nowMs)
  return {
    pace,
    elapse: (ms) => {
      nowMs += ms
    },
    wait: (ms) =>
      pace.wait({ timeoutMs: 30_000 }, async ({ timeoutMs }) => {
        nowMs += ms
        return timeoutMs
      }),
  }
}

async function codeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'none',
    (error: { readonly code?: unknown }) => error.code,
  )
}

test('lets nobody take longer than the grace when nothing passes', async () => {
  const { wait } = paced()
  assert.is(await wait(2000), 5000)
  assert.is(await wait(3000), 3000)
  assert.is(await codeOf(wait(0)), 'STREAM_STALLED')
})

test('a byte now and then does not earn time', async () => {
  const { pace, wait } = paced()
  let waits = 0
  while ((await codeOf(wait(400))) === 'none') {
    pace.pass(1)
    waits++
  }
  assert.is(waits, 13)
})

test('who is a little faster than the least rate goes on for ever', async () => {
  const { pace, wait } = paced()
  for (let second = 0; second < 4000; second++) {
    assert.ok((await wait(1000)) > 0)
    pace.pass(1001)
  }
})

test('time that is not spent waiting for the other side does not count', async () => {
  const { elapse, wait } = paced()
  elapse(1_000_000)
  assert.is(await wait(1000), 5000)
  elapse(1_000_000)
  assert.is(await wait(1000), 4000)
})

test('counts the time of a wait that failed', async () => {
  const { pace, wait, elapse } = paced()
  const failing = pace.wait({ timeoutMs: 30_000 }, async () => {
    elapse(4000)
    throw new RangeError('own')
  })
  await failing.then(
    () => assert.unreachable(),
    (error: unknown) => assert.instance(error, RangeError),
  )
  assert.is(await wait(0), 1000)
})

test('never gives more than the patience, and no limit of its own without a least rate', async () => {
  const { pace, wait } = paced()
  pace.pass(1_000_000)
  assert.is(await wait(0), 30_000)
  const free = paced({ leastBytesPerSecond: 0, graceMs: 10 })
  assert.is(await free.wait(1_000_000), 30_000)
  assert.is(await free.wait(0), 30_000)
})

test.run()
