import type { AccessRequest, RequestId } from '@halo/consent'
import { hexOf, requestIdOf } from '@halo/consent'
import type { RequestNotice } from '@halo/ports'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { DEPLOYMENT } from '../../ports/test/memory-chain.ts'
import { openPeerState } from '../src/state.ts'
import { askFor } from './agreed.ts'
import type { MemoryHalo } from './memory-halo.ts'
import { failureOf, openMemoryHalo, until } from './memory-halo.ts'

const test = suite('halo/mailbox')

/** A further request on chain, like the first but for what is changed. */
async function another(
  halo: MemoryHalo,
  notice: RequestNotice,
  changes: Partial<AccessRequest> = {},
): Promise<RequestNotice> {
  const nonce = hexOf(crypto.getRandomValues(new Uint8Array(32))) as AccessRequest['nonce']
  const request = { ...notice.request, nonce, ...changes }
  const [peer] = halo.peers
  const entry = peer === undefined ? null : await openPeerState(peer.store).catalogueEntry(request.dataset)
  assert.ok(entry)
  await halo.chain.writer(request.researcher).request(request, entry.commitment)
  return { ...notice, request }
}

test('keeps a request that is on the chain, once, until the phone asks', async () => {
  await using halo = await openMemoryHalo()
  const { notice, holding, own } = await askFor(halo)
  const call = halo.peers[0]?.call()
  await call?.notify(notice, {})
  assert.equal(await call?.pending({ datasets: [holding.dataset] }, {}), [notice])
  assert.equal(await call?.pending({ datasets: [own.id as never] }, {}), [])
  assert.equal(await call?.pending({ datasets: [] }, {}), [])
})

test('refuses a request the chain does not know, with another key, or with other terms', async () => {
  await using halo = await openMemoryHalo()
  const { notice } = await askFor(halo)
  const call = halo.peers[0]?.call()
  assert.ok(call)
  const onChain = await another(halo, notice)
  const invented = { ...notice, request: { ...notice.request, price: 1n } }
  assert.is(await failureOf(call.notify(invented, {})), 'REQUEST_UNKNOWN')
  const otherKey = { ...onChain, kemPublicKey: new Uint8Array(1216) }
  assert.is(await failureOf(call.notify(otherKey, {})), 'KEY_MISMATCH')
  assert.is(await failureOf(call.notify({ ...onChain, terms: '{}' }, {})), 'REQUEST_MISMATCH')
  assert.equal((await call.pending({ datasets: [notice.request.dataset] }, {})).length, 1)
})

test('holds so many requests for one data set and no more', async () => {
  await using halo = await openMemoryHalo({ peer: { maxRequestsPerDataset: 3 } })
  const { notice } = await askFor(halo)
  const call = halo.peers[0]?.call()
  assert.ok(call)
  for (let more = 0; more < 2; more++) await call.notify(await another(halo, notice), {})
  assert.is(await failureOf(call.notify(await another(halo, notice), {})), 'BUSY')
  await call.notify(notice, {})
})

test('hands out what fits one reply, the offers that pay what is asked first', async () => {
  await using halo = await openMemoryHalo({ peers: 5 })
  const { notice } = await askFor(halo)
  const call = halo.peers[0]?.call()
  assert.ok(call)
  for (let more = 0; more < 70; more++) await call.notify(await another(halo, notice, { price: 0n }), {})
  const good = await another(halo, notice)
  await call.notify(good, {})
  const worthless = await another(halo, notice, { currency: DEPLOYMENT.token, price: 10n ** 30n })
  await call.notify(worthless, {})
  const pending = await call.pending({ datasets: [notice.request.dataset] }, {})
  assert.is(pending.length, 64)
  const nonces = pending.slice(0, 2).map(({ request }) => request.nonce)
  assert.equal(nonces.sort(), [notice.request.nonce, good.request.nonce].sort())
})

test('asks the chain a bounded number of questions for one call, however many data sets it names', async () => {
  await using halo = await openMemoryHalo()
  const { notice } = await askFor(halo)
  const [peer] = halo.peers
  assert.ok(peer)
  for (let more = 0; more < 300; more++)
    await peer.call().notify(await another(halo, notice, { accessForSec: 60 }), {})
  const datasets = Array.from({ length: 50 }, () => notice.request.dataset)
  const before = halo.chain.asked.get('facts') ?? 0
  await peer.call().pending({ datasets }, {})
  assert.ok((halo.chain.asked.get('facts') ?? 0) - before <= 256)
})

test('stops asking once its caller has gone', async () => {
  await using halo = await openMemoryHalo()
  const { notice } = await askFor(halo)
  const [peer] = halo.peers
  assert.ok(peer)
  const gone = AbortSignal.abort(new DOMException('gone', 'AbortError'))
  const caller = { peerId: 'x', isMember: false, signal: gone }
  const before = halo.chain.asked.get('facts') ?? 0
  const asking = peer.peer.service.pending({ datasets: [notice.request.dataset] }, caller)
  assert.is(((await asking.catch((error: unknown) => error)) as Error).name, 'AbortError')
  assert.is(halo.chain.asked.get('facts') ?? 0, before)
})

test('shows a request no longer once it is answered, has expired or was refunded', async () => {
  await using halo = await openMemoryHalo()
  const { notice, wallet, own, research } = await askFor(halo, { asking: { answerWithinSec: 60 } })
  const call = halo.peers[0]?.call()
  assert.ok(call)
  const waiting = async (): Promise<readonly RequestId[]> => {
    const pending = await call.pending({ datasets: [notice.request.dataset] }, {})
    return pending.map(({ request }) => requestIdOf(request, DEPLOYMENT))
  }
  assert.equal(await waiting(), [own.id])
  await wallet.decline(own.id)
  assert.equal(await waiting(), [])
  const late = await another(halo, notice)
  await call.notify(late, {})
  assert.is((await waiting()).length, 1)
  halo.clock.skipSec(61)
  assert.equal(await waiting(), [])
  await research.refund(own.id)
  assert.equal(await waiting(), [])
})

test('forgets requests that are over, and with them the manifest that ties shards together', async () => {
  await using halo = await openMemoryHalo()
  const { wallet, own, holding, notice } = await askFor(halo)
  const [peer] = halo.peers
  assert.ok(peer)
  const stillOpen = await another(halo, notice, { answerBySec: notice.request.answerBySec + 10_000_000 })
  await peer.call().notify(stillOpen, {})
  await wallet.approve(own.id)
  const manifest = Buffer.from(holding.manifest)
  const holdsManifest = async (): Promise<boolean> =>
    (await peer.store.list('')).some(({ value }) => Buffer.from(value).includes(manifest))
  assert.is(await holdsManifest(), true)
  halo.clock.skipSec(own.request.accessForSec + 1)
  await peer.restart()
  await until(async () => !(await holdsManifest()))
  assert.is((await peer.call().pending({ datasets: [holding.dataset] }, {})).length, 1)
})

test('tells anyone who knows an id how its request stands here', async () => {
  await using halo = await openMemoryHalo()
  const { own, wallet } = await askFor(halo)
  const call = halo.peers[0]?.call()
  assert.ok(call)
  const status = await call.status({ requestId: own.id }, {})
  assert.equal(status, {
    requestId: own.id,
    isNoticed: true,
    isReady: false,
    reason: 'NOT_ANSWERED',
    delivery: null,
  })
  await wallet.approve(own.id)
  assert.is((await call.status({ requestId: own.id }, {})).isReady, true)
  const unknown = await call.status({ requestId: `0x${'9'.repeat(64)}` as RequestId }, {})
  assert.equal([unknown.isNoticed, unknown.isReady, unknown.reason], [false, false, 'REQUEST_UNKNOWN'])
})

test.run()
