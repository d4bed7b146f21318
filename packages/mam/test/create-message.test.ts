import { serializeMessage } from '@iota/iota.js'
import { mamAttach } from '@iota/mam.js'
import { WriteStream } from '@iota/util.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBytes, encodeBytes } from '../src/byte-codec.ts'
import type { SecurityLevel } from '../src/curl-engine.ts'
import type { MaskedMessage, MaskedMessageInput } from '../src/engine.ts'
import { createEngine } from '../src/engine-simd.ts'
import { planMessage } from '../src/message-layout.ts'
import { maxMessageBytes, maxMessageTrytes } from '../src/message-limits.ts'
import { openCurl } from './open-curl.ts'
import { drawTrytes, startDraw } from './stock-cases.ts'

const test = suite('mam/create-message')

const engine = createEngine(openCurl())
const SEED = drawTrytes(startDraw(1), 81)

function makeParts(security: SecurityLevel = 1): MaskedMessageInput {
  const tree = engine.deriveTree(SEED, 4, security)
  return { mode: 'public', tree, nextTree: engine.deriveTree(SEED, 5, security), trytes: 'HALO' }
}

test('masks the same, byte for byte, whether its trees were derived together or one by one', () => {
  for (const security of [1, 2, 3] as const) {
    const trees = engine.deriveTrees(SEED, 4, 3, security)
    assert.equal(
      trees.map(({ index, root }) => ({ index, root })),
      [4, 5, 6].map((index) => ({ index, root: engine.deriveTree(SEED, index, security).root })),
    )
    const [, tree, nextTree] = trees
    assert.ok(tree !== undefined && nextTree !== undefined)
    const apart = { tree: engine.deriveTree(SEED, 5, security), nextTree }
    const parts = { mode: 'private', trytes: 'HALO' } as const
    assert.equal(
      engine.createMessage({ ...parts, tree, nextTree }),
      engine.createMessage({ ...parts, ...apart }),
    )
  }
})

test('keeps the key of a tree when one derived with it is wiped', () => {
  const [first, tree, nextTree] = engine.deriveTrees(SEED, 3, 3, 1)
  assert.ok(first !== undefined && tree !== undefined && nextTree !== undefined)
  first.wipe()
  nextTree.wipe()
  const { payload, root } = engine.createMessage({ mode: 'public', tree, nextTree, trytes: 'HALO' })
  assert.equal(engine.parseMessage(payload, root), { nextRoot: nextTree.root, trytes: 'HALO' })
})

test('carries its longest content with eight parents and the longest tag, and not a tryte more', async () => {
  for (const security of [1, 2, 3] as const) {
    const longest = drawTrytes(startDraw(security), maxMessageTrytes(security))
    const message = engine.createMessage({ ...makeParts(security), trytes: longest })
    assert.is(engine.parseMessage(message.payload, message.root).trytes, longest)
    const sizeBytes = await measureOnWire(message)
    assert.ok(sizeBytes <= 32_768 && sizeBytes > 32_768 - 2, `${sizeBytes} bytes`)
    const grown = {
      ...message,
      payload: 'A'.repeat(planMessage((longest.length + 1) * 3, security).sizeTrits / 3),
    }
    assert.ok(
      await measureOnWire(grown).then(
        (size) => size > 32_768,
        () => true,
      ),
    )
  }
})

/** Bytes of the message on the Tangle, by the Tangle's own library. */
async function measureOnWire(message: MaskedMessage): Promise<number> {
  const client = { messageSubmit: async () => '' }
  const { message: attached } = await mamAttach(client, message, 'A'.repeat(27))
  const stream = new WriteStream()
  const parentMessageIds = Array.from({ length: 8 }, (_, at) => `${at}`.repeat(64))
  serializeMessage(stream, { ...attached, parentMessageIds, nonce: '1' })
  return stream.finalBytes().length
}

test('says its limits in bytes: about 29, 28 and 26 KB', () => {
  assert.equal(
    [1, 2, 3].map((level) => maxMessageBytes(level as SecurityLevel)),
    [29_441, 28_143, 26_844],
  )
  for (const security of [1, 2, 3] as const) {
    const bytes = new Uint8Array(maxMessageBytes(security)).fill(0xff)
    assert.ok(encodeBytes(bytes).length <= maxMessageTrytes(security))
    assert.ok(encodeBytes(new Uint8Array(bytes.length + 1)).length > maxMessageTrytes(security))
    assert.equal(decodeBytes(encodeBytes(bytes)), bytes)
  }
})

test.run()
