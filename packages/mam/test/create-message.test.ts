import { serializeMessage } from '@iota/iota.js'
import { mamAttach } from '@iota/mam.js'
import { WriteStream } from '@iota/util.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { decodeBytes, encodeBytes } from '../src/byte-codec.ts'
import { createMessage, type MessageParts } from '../src/create-message.ts'
import type { SecurityLevel } from '../src/curl-engine.ts'
import type { MaskedMessage } from '../src/engine.ts'
import { planMessage } from '../src/message-layout.ts'
import { maxMessageBytes, maxMessageTrytes } from '../src/message-limits.ts'
import { deriveTree } from '../src/one-time-tree.ts'
import { parseMessage } from '../src/parse-message.ts'
import { openCurl } from './open-curl.ts'
import { drawTrytes, startDraw } from './stock-cases.ts'

const test = suite('mam/create-message')

const curl = openCurl()
const SEED = drawTrytes(startDraw(1), 81)

function makeParts(security: SecurityLevel = 1): MessageParts {
  const tree = deriveTree(curl, SEED, 4, security)
  return { mode: 'public', tree, nextTree: deriveTree(curl, SEED, 5, security), trytes: 'HALO' }
}

test('signs once with a tree: the second message is refused', () => {
  const parts = makeParts()
  const { payload, root } = createMessage(curl, parts)
  assert.is(parseMessage(curl, payload, root).trytes, 'HALO')
  assert.is(
    codeOf(() => createMessage(curl, { ...parts, trytes: 'OTHER' })),
    'STATE_ROLLED_BACK',
  )
  assert.is(
    codeOf(() => createMessage(curl, parts)),
    'STATE_ROLLED_BACK',
  )
})

test('signs with no tree that was wiped', () => {
  const parts = makeParts()
  parts.tree.wipe()
  parts.tree.wipe()
  assert.is(
    codeOf(() => createMessage(curl, parts)),
    'STATE_ROLLED_BACK',
  )
})

/** Parts that cannot be, each refused with its code. */
const WRONG: readonly (readonly [name: string, change: object, code: string])[] = [
  ['a mode that is none', { mode: 'secret' }, 'MODE_INVALID'],
  ['a mode in capitals', { mode: 'PUBLIC' }, 'MODE_INVALID'],
  ['a side key in public mode', { sideKey: 'KEY' }, 'MODE_INVALID'],
  ['a side key in private mode', { mode: 'private', sideKey: 'KEY' }, 'MODE_INVALID'],
  ['no side key in restricted mode', { mode: 'restricted' }, 'SIDE_KEY_INVALID'],
  ['an empty side key', { mode: 'restricted', sideKey: '' }, 'SIDE_KEY_INVALID'],
  ['a side key of 82 trytes', { mode: 'restricted', sideKey: 'A'.repeat(82) }, 'SIDE_KEY_INVALID'],
  ['a side key in small letters', { mode: 'restricted', sideKey: 'key' }, 'SIDE_KEY_INVALID'],
  ['no content', { trytes: '' }, 'TRYTES_INVALID'],
  ['content in small letters', { trytes: 'halo' }, 'TRYTES_INVALID'],
  ['content that is no text', { trytes: 7 }, 'TRYTES_INVALID'],
  ['content beyond the limit', { trytes: '9'.repeat(maxMessageTrytes(1) + 1) }, 'MESSAGE_TOO_LONG'],
  ['a next tree of the same index', { nextTree: deriveTree(curl, SEED, 4, 1) }, 'STATE_MALFORMED'],
  ['a next tree that skips one', { nextTree: deriveTree(curl, SEED, 6, 1) }, 'STATE_MALFORMED'],
  ['a next tree of another level', { nextTree: deriveTree(curl, SEED, 5, 2) }, 'STATE_MALFORMED'],
]

test('refuses what cannot be before the key is used: the tree still signs', () => {
  const parts = makeParts()
  for (const [name, change, code] of WRONG) {
    assert.is(
      codeOf(() => createMessage(curl, { ...parts, ...change })),
      code,
      name,
    )
  }
  assert.is(createMessage(curl, parts).root, parts.tree.root)
})

test('derives no tree from what is no seed, index or level', () => {
  for (const seed of ['', 'A'.repeat(80), 'A'.repeat(82), 'a'.repeat(81), null as unknown as string]) {
    assert.is(
      codeOf(() => deriveTree(curl, seed, 0, 1)),
      'SEED_INVALID',
    )
  }
  for (const index of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '1' as unknown as number]) {
    assert.is(
      codeOf(() => deriveTree(curl, SEED, index, 1)),
      'STATE_MALFORMED',
    )
  }
  for (const security of [0, 4, 1.5, Number.NaN, '2']) {
    assert.is(
      codeOf(() => deriveTree(curl, SEED, 0, security as SecurityLevel)),
      'SECURITY_INVALID',
    )
  }
})

test('keeps the seed and the side key out of errors', () => {
  const seed = SEED.slice(1)
  try {
    deriveTree(curl, seed, 0, 1)
    assert.unreachable()
  } catch (error) {
    assert.not.ok(String(error).includes(seed.slice(0, 9)))
  }
})

test('carries its longest content with eight parents and the longest tag, and not a tryte more', async () => {
  for (const security of [1, 2, 3] as const) {
    const longest = drawTrytes(startDraw(security), maxMessageTrytes(security))
    const message = createMessage(curl, { ...makeParts(security), trytes: longest })
    assert.is(parseMessage(curl, message.payload, message.root).trytes, longest)
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
