import { getEventListeners } from 'node:events'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOfAsync } from '../../../test/claims/code-of.ts'
import { createTurns } from '../src/turns.ts'

const test = suite('mam/turns')

const reasonOf = (waiting: Promise<unknown>): Promise<string | null> =>
  waiting.then(
    () => null,
    (error: Error) => error.message,
  )

test('lets calls through one at a time, in their order, however those before them ended', async () => {
  const turns = createTurns(10)
  const done: string[] = []
  const gate = Promise.withResolvers<void>()
  const taken = [
    turns.take(async () => {
      await gate.promise
      done.push('a')
    }),
    turns.take(() => {
      done.push('b')
      throw new Error('failed')
    }),
    turns.take(() => done.push('c')),
  ]
  const outcomes = Promise.all(taken.map(reasonOf))
  assert.equal(done, [])
  gate.resolve()
  assert.equal(await outcomes, [null, 'failed', null])
  assert.equal(done, ['a', 'b', 'c'])
})

test('lets nobody in between one who leaves and the next who was called', async () => {
  const turns = createTurns(10)
  const done: string[] = []
  const first = turns.take(() => done.push('a'))
  const second = turns.take(() => done.push('b'))
  await first
  await Promise.all([turns.take(() => done.push('c')), second])
  assert.equal(done, ['a', 'b', 'c'])
})

test('keeps a newcomer waiting while the one works whose turn came after another', async () => {
  const turns = createTurns(10)
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  let working = 0
  let mostWorking = 0
  const work = async (until?: Promise<void>): Promise<void> => {
    mostWorking = Math.max(mostWorking, ++working)
    await until
    working--
  }
  const begun = Promise.withResolvers<void>()
  const first = turns.take(() => work(gates[0]?.promise))
  const second = turns.take(() => {
    begun.resolve()
    return work(gates[1]?.promise)
  })
  gates[0]?.resolve()
  await Promise.all([first, begun.promise])
  const third = turns.take(() => work())
  gates[1]?.resolve()
  await Promise.all([second, third])
  assert.is(mostWorking, 1)
})

test('does nothing for who left the queue, gives the place back, and keeps the order of the others', async () => {
  const turns = createTurns(4)
  const gate = Promise.withResolvers<void>()
  const done: string[] = []
  const controller = new AbortController()
  const before = turns.take(() => gate.promise)
  const leaving = turns.take(() => done.push('left'), controller.signal)
  const others = ['b', 'c'].map((name) => turns.take(() => done.push(name)))
  assert.is(await codeOfAsync(() => turns.take(() => done.push('too many'))), 'QUEUE_FULL')
  controller.abort(new Error('no longer wanted'))
  assert.is(await reasonOf(leaving), 'no longer wanted')
  others.push(turns.take(() => done.push('d')))
  assert.is(await codeOfAsync(() => turns.take(() => done.push('too many'))), 'QUEUE_FULL')
  gate.resolve()
  await Promise.all([before, ...others])
  assert.equal(done, ['b', 'c', 'd'])
})

test('begins nothing for who is told to stop just when the turn comes, and goes on with the next', async () => {
  const turns = createTurns(10)
  const done: string[] = []
  const controller = new AbortController()
  const before = turns.take(() => controller.abort(new Error('too late')))
  const stopped = reasonOf(turns.take(() => done.push('stopped'), controller.signal))
  const second = turns.take(() => done.push('next'))
  const early = reasonOf(turns.take(() => done.push('early'), AbortSignal.abort(new Error('early'))))
  await Promise.all([before, second])
  assert.equal([await stopped, await early], ['too late', 'early'])
  const called = new AbortController()
  // Between being called and beginning lies a moment of the event loop, which is enough to be told to stop.
  const atOnce = reasonOf(turns.take(() => done.push('at once'), called.signal))
  called.abort(new Error('called back'))
  assert.is(await atOnce, 'called back')
  assert.equal(done, ['next'])
})

test('hears no signal any more once it has begun', async () => {
  const turns = createTurns(10)
  const controller = new AbortController()
  const gate = Promise.withResolvers<string>()
  const begun = turns.take(() => gate.promise, controller.signal)
  await Promise.resolve()
  await Promise.resolve()
  controller.abort(new Error('stop'))
  gate.resolve('all of it')
  assert.is(await begun, 'all of it')
})

test('leaves nothing on a signal that outlives its calls, however they ended', async () => {
  const turns = createTurns(10)
  const { signal } = new AbortController()
  const leaving = new AbortController()
  const gate = Promise.withResolvers<void>()
  const before = turns.take(() => gate.promise, signal)
  const fails = reasonOf(
    turns.take(() => {
      throw new Error('failed')
    }, signal),
  )
  const waiting = turns.take(() => 'done', signal)
  const left = reasonOf(turns.take(() => 'never', leaving.signal))
  assert.is(getEventListeners(signal, 'abort').length, 2, 'those who wait listen')
  leaving.abort(new Error('left'))
  gate.resolve()
  assert.equal(await Promise.all([before, fails, waiting, left]), [undefined, 'failed', 'done', 'left'])
  assert.is(getEventListeners(signal, 'abort').length, 0)
  assert.is(getEventListeners(leaving.signal, 'abort').length, 0)
})

test('tells who was told to stop before the call just that, also when too many wait', async () => {
  const turns = createTurns(1)
  const gate = Promise.withResolvers<void>()
  const before = turns.take(() => gate.promise)
  assert.is(await codeOfAsync(() => turns.take(() => 'full')), 'QUEUE_FULL')
  assert.is(await reasonOf(turns.take(() => 'full', AbortSignal.abort(new Error('stopped')))), 'stopped')
  gate.resolve()
  await before
  await turns.close()
  const late = (): Promise<string> => turns.take(() => 'late', AbortSignal.abort(new Error('stopped')))
  assert.is(await codeOfAsync(late), 'CHANNEL_CLOSED')
})

test('when closed lets those through who wait, and nobody who comes later', async () => {
  const turns = createTurns(10)
  const gate = Promise.withResolvers<void>()
  const done: string[] = []
  const controller = new AbortController()
  const waiting = [turns.take(() => gate.promise), turns.take(() => done.push('b'))]
  const leaving = reasonOf(turns.take(() => done.push('left'), controller.signal))
  const closing = [turns.close(), turns.close()].map((closed) => closed.then(() => done.push('closed')))
  assert.is(await codeOfAsync(() => turns.take(() => done.push('late'))), 'CHANNEL_CLOSED')
  controller.abort(new Error('left'))
  assert.is(await leaving, 'left')
  gate.resolve()
  await Promise.all([...waiting, ...closing])
  assert.equal(done, ['b', 'closed', 'closed'])
  await turns.close()
})

test.run()
