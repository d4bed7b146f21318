import { channelRoot, createChannel, decodeAddress, parseMessage as parseStock } from '@iota/mam.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBytes } from '../src/byte-codec.ts'
import { createEngine } from '../src/engine-simd.ts'
import { ENVELOPE_OVERHEAD_BYTES } from '../src/envelope-wire.ts'
import { openAgain } from './channel-fixture.ts'
import { makeMessage, readMessage } from './make-message.ts'
import { createMemoryState } from './memory-state.ts'
import { openCurl } from './open-curl.ts'
import { drawTrytes, makeStockCase, startDraw } from './stock-cases.ts'
import { createStockMessage } from './stock-library.ts'

const test = suite('mam/differential')

/** The first of `count` cases, beyond those of the vectors. Making one takes the library most of a second. */
const seed = Number(process.env['HALO_SEED'] ?? 10_000 + Math.floor(Math.random() * 2 ** 30))
const count = Number(process.env['HALO_MAM_DIFFERENTIAL'] ?? 27)
const curl = openCurl()
const engine = createEngine(curl)

test('makes what the installed @iota/mam.js makes, and each reads what the other made', () => {
  process.stdout.write(`seed ${seed}\n`)
  for (let number = seed; number < seed + count; number++) {
    const given = makeStockCase(number)
    const theirs = createStockMessage(given)
    const { nextRoot, ...ours } = makeMessage(curl, given)
    assert.equal(ours, theirs, `case ${number}`)
    const read = readMessage(curl, theirs, given.sideKey)
    assert.equal(read, { nextRoot, trytes: given.message }, `case ${number}`)
    const readByThem = parseStock(ours.payload, ours.root, given.sideKey)
    assert.equal(readByThem, { nextRoot, message: given.message }, `case ${number}`)
  }
})

test('publishes channels that @iota/mam.js follows, of messages from no content to 16 KiB', async () => {
  const sizesBytes = [0, 1, 29, 857, 16_384]
  for (const [at, mode] of (['public', 'private', 'restricted'] as const).entries()) {
    const sideKey = mode === 'restricted' ? 'HALO' : undefined
    const security = ([1, 2, 3] as const)[at] ?? 1
    const changes = { mode, security, ...(sideKey === undefined ? {} : { sideKey }) }
    await using channel = await openAgain({ engine, state: createMemoryState() }, changes)
    let { root } = await channel.nextPosition()
    for (const sizeBytes of sizesBytes) {
      const { payload } = await channel.publish(new Uint8Array(sizeBytes))
      const { nextRoot, message } = parseStock(payload, root, sideKey)
      assert.is(decodeBytes(message).length, sizeBytes + ENVELOPE_OVERHEAD_BYTES, `${mode}, ${sizeBytes} B`)
      root = nextRoot
    }
    assert.is(root, (await channel.nextPosition()).root)
  }
})

test('finds the roots and addresses of @iota/mam.js, also where the seed counts over its end', () => {
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
