import { readFileSync } from 'node:fs'
import { createPeerKey, PROTOCOLS } from '@halo/peers'
import type { Stream } from '@libp2p/interface'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { encodeRequest } from '../src/wire/messages.ts'
import { openRawStream, openStranger, prefixed } from './raw-stream.ts'
import { bytesOfSize, openPeer, REQUEST_ID } from './service.ts'

const test = suite('peers/frames')
const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31)
process.stdout.write(`fast-check seed ${seed}\n`)

const VECTORS: { readonly frames: readonly { readonly name: string; readonly hex: string }[] } = JSON.parse(
  readFileSync(new URL('../../../test/vectors/wire/frames.json', import.meta.url), 'utf8'),
)

function vector(name: string): string {
  const found = VECTORS.frames.find((frame) => frame.name === name)
  if (found === undefined) throw new Error(`There is no vector ${name}.`)
  return found.hex
}

/** All bytes that arrive until the other side has finished, as hex. */
async function received(stream: Stream, until: (hex: string) => boolean): Promise<string> {
  let hex = ''
  for await (const chunk of stream) {
    hex += Buffer.from(chunk.subarray()).toString('hex')
    if (until(hex)) break
  }
  return hex
}

test('a deposit speaks the frames of the vectors, byte by byte', async () => {
  await using peer = await openPeer({ key: await createPeerKey(new Uint8Array(32).fill(9)) })
  await using client = await openStranger()
  const stream = await openRawStream(client, peer, PROTOCOLS.store)
  const deposit = { id: bytesOfSize(16), sizeBytes: 3, unitBytes: 3 }
  stream.send(prefixed(encodeRequest('storeShard', deposit)))
  // `{ ok: null }`, then the window is pulled.
  const goAhead = `05a1626f6bf6${vector('PULL 3')}`
  assert.is(await received(stream, (hex) => hex.length >= goAhead.length), goAhead)
  stream.send(Buffer.from(vector('DATA of 3 bytes') + vector('END'), 'hex'))
  const answer = await received(stream, (hex) => hex.includes('73746f7265644174536563'))
  assert.ok(answer.startsWith(`0203${'01'}${vector('STOP')}`), answer.slice(0, 40))
  assert.equal([...peer.kept.shards.values()], [Uint8Array.of(1, 2, 3)])
  await stream.close()
})

test('whatever a client sends instead of frames, a deposit is whole or not there', async () => {
  await using peer = await openPeer({ limits: { idleTimeoutMs: 50, lingerMs: 50 } })
  await using client = await openStranger()
  const request = prefixed(encodeRequest('storeShard', { id: bytesOfSize(16), sizeBytes: 3, unitBytes: 3 }))
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
      peer.kept.shards.clear()
      const stream = await openRawStream(client, peer, PROTOCOLS.store)
      const ended = new Promise<void>((resolve) =>
        stream.addEventListener('close', () => resolve(), { once: true }),
      )
      stream.send(request)
      if (bytes.length > 0) stream.send(bytes)
      await stream.close()
      if (stream.status === 'open') await ended
      for (const shard of peer.kept.shards.values()) assert.is(shard.length, 3)
    }),
    { seed, numRuns: 40 },
  )
})

test('a delivery that is stopped at once ends', async () => {
  await using peer = await openPeer()
  await using client = await openStranger()
  const stream = await openRawStream(client, peer, PROTOCOLS.collect)
  stream.send(prefixed(encodeRequest('collect', { requestId: REQUEST_ID, beforeSec: 1, signature: '0xab' })))
  stream.send(Buffer.from(vector('STOP'), 'hex'))
  await stream.close()
  if (stream.status === 'open')
    await new Promise<void>((resolve) => stream.addEventListener('close', () => resolve(), { once: true }))
  assert.is(stream.status, 'closed')
})

test.run()
