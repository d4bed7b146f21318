import type { RequestId } from '@halo/consent'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openPeerState } from '../src/state.ts'
import type { Asked } from './agreed.ts'
import { askFor } from './agreed.ts'
import type { MemoryPeer } from './memory-halo.ts'
import { openMemoryHalo, until } from './memory-halo.ts'

const test = suite('halo/sweep')

async function holdsManifest(peer: MemoryPeer, { holding }: Asked): Promise<boolean> {
  const manifest = Buffer.from(holding.manifest)
  return (await peer.store.list('')).some(({ value }) => Buffer.from(value).includes(manifest))
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
  const before = halo.chain.asked.get('facts') ?? 0
  await peer.restart()
  await until(() => (halo.chain.asked.get('facts') ?? 0) > before)
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

test.run()
