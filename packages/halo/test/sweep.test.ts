import type { AccessRequest, RequestId } from '@halo/consent'
import type { CallOptions } from '@halo/ports'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openPeerState } from '../src/state.ts'
import type { Asked } from './agreed.ts'
import { askFor } from './agreed.ts'
import type { MemoryHalo, MemoryPeer } from './memory-halo.ts'
import { openMemoryHalo, until } from './memory-halo.ts'

const test = suite('halo/sweep')

async function holdsManifest(peer: MemoryPeer, { holding }: Asked): Promise<boolean> {
  const manifest = Buffer.from(holding.manifest)
  return (await peer.store.list('')).some(({ value }) => Buffer.from(value).includes(manifest))
}

function hasSwept(peer: MemoryPeer): boolean {
  return peer.log.some((line) => line.event === 'sweep-done')
}

/** Puts what a test does in the place of the chain's answer about a request. */
function onFacts(
  halo: MemoryHalo,
  act: (request: AccessRequest, options?: CallOptions) => Promise<void>,
): void {
  const { ledger } = halo.chain
  const { facts } = ledger
  ledger.facts = async (request, options) => {
    await act(request, options)
    return facts(request, options)
  }
}

test('forgets the manifest of a request whose notice it missed, once the time is over', async () => {
  await using halo = await openMemoryHalo()
  const [peer] = halo.peers
  assert.ok(peer)
  peer.override = () => ({
    notify: async () => {
      throw new Error('down at notify')
    },
  })
  const asked = await askFor(halo)
  await asked.wallet.approve(asked.own.id)
  assert.is((await peer.call().status({ requestId: asked.own.id }, {})).isNoticed, false)
  await until(() => holdsManifest(peer, asked))
  halo.clock.skipSec(asked.own.request.accessForSec + 1)
  await peer.restart()
  await until(async () => !(await holdsManifest(peer, asked)))
  const left = (await peer.store.list('')).filter(({ key }) => /^(granted|request|notice)\//.test(key))
  assert.equal(left, [])
})

test('keeps a manifest without notice for as long as its request is open', async () => {
  await using halo = await openMemoryHalo()
  const [peer] = halo.peers
  assert.ok(peer)
  peer.override = () => ({
    notify: async () => {
      throw new Error('down at notify')
    },
  })
  const asked = await askFor(halo)
  await asked.wallet.approve(asked.own.id)
  await until(() => holdsManifest(peer, asked))
  await peer.restart()
  await until(() => hasSwept(peer))
  assert.is(await holdsManifest(peer, asked), true)
})

test('reaches the last of more than ten thousand requests', async () => {
  await using halo = await openMemoryHalo()
  const [peer] = halo.peers
  assert.ok(peer)
  const asked = await askFor(halo)
  await asked.wallet.approve(asked.own.id)
  await until(() => holdsManifest(peer, asked))
  const state = openPeerState(peer.store)
  const dataset = `0x${'0'.repeat(64)}` as typeof asked.notice.request.dataset
  const unknown = { ...asked.notice, request: { ...asked.notice.request, dataset } }
  for (let index = 0; index < 10_000; index++)
    await state.addNotice(`0x${index.toString(16).padStart(64, '0')}` as RequestId, unknown)
  halo.clock.skipSec(asked.own.request.accessForSec + 1)
  await peer.restart()
  await until(async () => !(await holdsManifest(peer, asked)), 30_000)
})

test('starts without waiting for the chain, and forgets what is over once it answers', async () => {
  await using halo = await openMemoryHalo()
  const [peer] = halo.peers
  assert.ok(peer)
  const asked = await askFor(halo)
  await asked.wallet.approve(asked.own.id)
  halo.clock.skipSec(asked.own.request.accessForSec + 1)
  const answering = Promise.withResolvers<void>()
  onFacts(halo, () => answering.promise)
  await peer.restart()
  assert.is(await holdsManifest(peer, asked), true)
  answering.resolve()
  await until(() => hasSwept(peer))
  assert.is(await holdsManifest(peer, asked), false)
})

test('runs one pass at a time, however often it is due', async () => {
  await using halo = await openMemoryHalo()
  const [peer] = halo.peers
  assert.ok(peer)
  await askFor(halo)
  let running = 0
  let most = 0
  let passes = 0
  const due = Promise.withResolvers<void>()
  onFacts(halo, async () => {
    passes++
    most = Math.max(most, ++running)
    await due.promise
    running--
  })
  await peer.restart({ sweepEveryMs: 1 })
  await until(() => passes > 0)
  // Timers of one period fire in the order they were set: with each tick a sweep was due.
  let ticks = 0
  const ticking = setInterval(() => ticks++, 1)
  await until(() => ticks > 10)
  clearInterval(ticking)
  due.resolve()
  await until(() => passes > 2)
  assert.is(most, 1)
})

test('looks the other requests up when one cannot be', async () => {
  await using halo = await openMemoryHalo()
  const [peer] = halo.peers
  assert.ok(peer)
  const both = [await askFor(halo), await askFor(halo)]
  for (const asked of both) await asked.wallet.approve(asked.own.id)
  halo.clock.skipSec(Math.max(...both.map((asked) => asked.own.request.accessForSec)) + 1)
  let lookups = 0
  onFacts(halo, async () => {
    if (lookups++ === 0) throw new Error('connection reset')
  })
  await peer.restart()
  await until(() => hasSwept(peer))
  const held = await Promise.all(both.map((asked) => holdsManifest(peer, asked)))
  assert.equal(held.toSorted(), [false, true])
  const failed = peer.log.find((line) => line.event === 'sweep-failed')
  assert.equal(failed?.fields, { failures: 1, reason: 'CHAIN_UNREACHABLE' })
})

test('ends a pass at once when the peer stops, and lets nothing run on', async () => {
  await using halo = await openMemoryHalo()
  const [peer] = halo.peers
  assert.ok(peer)
  for (let more = 0; more < 3; more++) await askFor(halo)
  let lookups = 0
  onFacts(halo, async (_request, options) => {
    lookups++
    await new Promise((_, reject) =>
      options?.signal?.addEventListener('abort', () => reject(options.signal?.reason)),
    )
  })
  await peer.restart({ sweepEveryMs: 1 })
  await until(() => lookups === 1)
  await peer.peer[Symbol.asyncDispose]()
  assert.is(lookups, 1)
  assert.is(peer.log.filter((line) => line.event.startsWith('sweep')).length, 0)
})

test.run()
