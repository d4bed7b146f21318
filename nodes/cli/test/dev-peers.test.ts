import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Health } from '@halo/node'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { DEPLOYMENT } from '../../../packages/ports/test/memory-chain.ts'
import { openPlace, until } from '../../../test/story/halo-command.ts'
import { startTestChain } from '../../../test/story/test-chain.ts'
import { untilAllKnowAll } from '../src/dev/local-halo.ts'
import type { PeerProcess } from '../src/dev/peer-process.ts'
import { preparePeer, startPeer } from '../src/dev/peer-process.ts'
import { viewPeer } from '../src/dev/peer-view.ts'

const test = suite('cli/dev-peers')

/** Ids of processes with this on their command line. */
async function processesOn(dataDir: string): Promise<readonly string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name))
  const found = ids.map(async (id) => {
    const line = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')
    return line.split('\0').includes(dataDir) ? [id] : []
  })
  return (await Promise.all(found)).flat()
}

/** A chain node that takes every question and answers none. */
async function openMuteChain(): Promise<
  AsyncDisposable & { readonly rpcUrl: string; readonly asked: Promise<unknown> }
> {
  const server = createServer()
  const sockets: Socket[] = []
  server.on('connection', (socket) => sockets.push(socket))
  const asked = once(server, 'connection')
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    rpcUrl: `http://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

test('a peer whose start is interrupted ends at once, and its process with it', async () => {
  await using place = await openPlace()
  await using mute = await openMuteChain()
  const chain = { rpcUrl: mute.rpcUrl, deployment: DEPLOYMENT }
  const prepared = await preparePeer('peer-1', place.path('peer-1'), chain)
  const stopping = new AbortController()
  const started = startPeer(prepared, { signal: stopping.signal }).catch((error: unknown) => error)
  await mute.asked
  assert.is((await processesOn(prepared.dataDir)).length, 1, 'it runs, and waits for its chain')
  const reason = new DOMException('Interrupted.', 'AbortError')
  stopping.abort(reason)
  assert.is(await started, reason)
  assert.equal(await processesOn(prepared.dataDir), [])
  const never = await startPeer(prepared, { signal: stopping.signal }).catch((error: unknown) => error)
  assert.is(never, reason)
})

test('a peer that is gone gives no health instead of an error, also while it is thought to run', async () => {
  await using place = await openPlace()
  await using chain = await startTestChain(place, 2)
  const prepared = await preparePeer('peer-1', place.path('peer-1'), {
    rpcUrl: chain.anvil.rpcUrl,
    deployment: chain.deployment,
  })
  await using peer = await startPeer(prepared)
  assert.is((await peer.health())?.peerId, peer.peerId)
  assert.match((await viewPeer(peer))[0] ?? '', /^peer-1: .*healthy/i)
  await peer.kill()
  assert.is(await peer.health(), null)
  const reason = new DOMException('Interrupted.', 'AbortError')
  const interrupted = peer.health({ signal: AbortSignal.abort(reason) }).catch((error: unknown) => error)
  assert.is(await interrupted, reason, 'who no longer asks is not told that it is gone')
  assert.equal(await viewPeer(peer), ['peer-1: stopped'])
  assert.equal(await viewPeer({ ...peer, isRunning: true }), ['peer-1: no answer'])
})

/** A peer of which all that is asked is its health. */
function fakePeer(dataDir: string, health: PeerProcess['health'], isRunning = true): PeerProcess {
  return { name: 'peer-1', dataDir, isRunning, health } as unknown as PeerProcess
}

const ALONE = { peers: { members: 0 } } as unknown as Health

test('waiting for peers ends when one has ended, with its last words', async () => {
  await using place = await openPlace()
  await mkdir(place.path('peer-1'))
  await writeFile(join(place.path('peer-1'), 'node.log'), 'first\nout of memory\n')
  const gone = fakePeer(place.path('peer-1'), async () => null, false)
  const { signal } = new AbortController()
  const error = await untilAllKnowAll([gone], { signal }).catch((caught: unknown) => caught as Error)
  assert.is((error as { readonly code?: unknown }).code, 'NODE_FAILED')
  assert.match(error?.message ?? '', 'peer-1 has ended. Its last words: out of memory')
})

test('waiting for peers outlasts one that does not answer once, and ends at once when interrupted', async () => {
  const stopping = new AbortController()
  const reason = new DOMException('Interrupted.', 'AbortError')
  const answers: (Health | null)[] = [null, ALONE]
  const peer = fakePeer('/none', async () => {
    const answer = answers.shift()
    if (answer !== undefined) return answer
    stopping.abort(reason)
    return ALONE
  })
  const ended = await untilAllKnowAll([peer], { signal: stopping.signal }).catch((error: unknown) => error)
  assert.is(ended, reason)
  assert.equal(answers, [])
})

test('halo dev that is interrupted while its peers start ends as interrupted and leaves nothing', async () => {
  await using place = await openPlace()
  const run = place.start('dev', '--once', '--peers', '3', '--threshold', '2')
  await until('a peer was started', async () =>
    (await readdir(place.temporary, { recursive: true })).some((name) => name.endsWith('node.log')),
  )
  run.child.kill('SIGINT')
  const { code, stderr } = await run.ended
  assert.is(code, 130, stderr)
  assert.match(stderr, /-- start 3 peers and admit them/)
  assert.equal(await place.processes(), [])
  assert.equal(await readdir(place.temporary), [])
})

test.run()
