import { channelRoot, createChannel, decodeAddress, parseMessage as parseStock } from '@iota/mam.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createEngine } from '../src/engine-simd.ts'
import { makeMessage, readMessage } from './make-message.ts'
import { openCurl } from './open-curl.ts'
import { drawTrytes, makeStockCase, startDraw } from './stock-cases.ts'

const test = suite('mam/differential')

const seed = Number(process.env['HALO_SEED'] ?? 10_000 + Math.floor(Math.random() * 2 ** 30))
const curl = openCurl()
const engine = createEngine(curl)

test('finds the roots and addresses of @iota/mam.js, also where the seed counts over its end', () => {
  process.stdout.write(`seed ${seed}\n`)
  const draw = startDraw(seed)
  const highest = 'M'.repeat(81)
  for (const [at, start] of [highest, `${highest.slice(0, 80)}9`, drawTrytes(draw, 81)].entries()) {
    const channel = createChannel(start, 1, 'public')
    channel.start = [1, 3 ** 9, draw(100_000)][at] ?? 0
    const root = channelRoot(channel)
    assert.is(engine.deriveTree(start, channel.start, 1).root, root)
    for (const mode of ['public', 'private', 'restricted'] as const) {
      assert.is(engine.addressOf(root, mode), decodeAddress(root, mode))
    }
  }
})

test('reads with a side key that is longer only by 9s, as @iota/mam.js does', () => {
  const given = { ...makeStockCase(2), sideKey: 'HALO' }
  const { payload, root, nextRoot } = makeMessage(curl, given)
  for (const sideKey of ['HALO', 'HALO9', 'HALO'.padEnd(81, '9')]) {
    assert.equal(readMessage(curl, { payload, root }, sideKey), { nextRoot, trytes: given.message })
    assert.is(parseStock(payload, root, sideKey).message, given.message)
  }
})

test.run()
