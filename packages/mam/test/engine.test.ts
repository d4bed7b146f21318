import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf, codeOfAsync } from '../../../test/claims/code-of.ts'
import type { MamEngine, MaskedMessage } from '../src/index.ts'
import { openEngine } from '../src/index.ts'
import { SEED } from './channel-fixture.ts'

const test = suite('mam/engine')
const simd = await openEngine('simd')
const stock = await openEngine('mam.js')
const TRYTES = 'MADEUP9CONTENT'

function create(
  engine: MamEngine,
  mode: 'public' | 'private' | 'restricted',
  security: 1 | 2 | 3,
  changes: { readonly trytes?: string; readonly sideKey?: string | undefined } = {},
): MaskedMessage {
  const sideKey = mode === 'restricted' ? 'SIDE9KEY' : undefined
  const tree = engine.deriveTree(SEED, 4, security)
  const nextTree = engine.deriveTree(SEED, 5, security)
  return engine.createMessage({ mode, sideKey, tree, nextTree, trytes: TRYTES, ...changes })
}

for (const [mode, security] of [
  ['public', 1],
  ['private', 2],
  ['restricted', 3],
] as const)
  test(`makes the same message with either engine, ${mode} at level ${security}, and reads the other’s`, () => {
    const ours = create(simd, mode, security)
    const theirs = create(stock, mode, security)
    assert.equal(ours, theirs)
    assert.is(simd.addressOf(ours.root, mode), ours.address)
    assert.is(stock.addressOf(ours.root, mode), ours.address)
    const sideKey = mode === 'restricted' ? 'SIDE9KEY' : undefined
    const expected = { nextRoot: simd.deriveTree(SEED, 5, security).root, trytes: TRYTES }
    assert.equal(simd.parseMessage(theirs.payload, ours.root, sideKey), expected)
    assert.equal(stock.parseMessage(ours.payload, ours.root, sideKey), expected)
  })

for (const engine of [simd, stock])
  test(`names what is wrong with a message, with the engine ${engine.kind}`, () => {
    const { payload, root } = create(simd, 'private', 1)
    const parse = (text: string, under = root, sideKey?: string) =>
      codeOf(() => engine.parseMessage(text, under, sideKey))
    assert.is(parse(payload), 'none')
    assert.is(parse(payload, SEED), 'NOT_FOR_KEY')
    assert.is(parse(payload, root, 'WRONG9KEY'), 'NOT_FOR_KEY')
    assert.is(parse('lower case'), 'TRYTES_INVALID')
    assert.is(parse('9'.repeat(60_000)), 'MESSAGE_MALFORMED')
    const signatureAt = payload.length - 100
    const last = payload[signatureAt] === '9' ? 'A' : '9'
    const forged = `${payload.slice(0, signatureAt)}${last}${payload.slice(signatureAt + 1)}`
    const codes = engine === simd ? ['MESSAGE_FORGED'] : ['MESSAGE_FORGED', 'MESSAGE_MALFORMED']
    assert.ok(codes.includes(parse(forged)))
  })

for (const engine of [simd, stock])
  test(`refuses what cannot be a message, with the engine ${engine.kind}`, () => {
    assert.is(
      codeOf(() => create(engine, 'private', 1, { sideKey: 'KEY' })),
      'MODE_INVALID',
    )
    assert.is(
      codeOf(() => create(engine, 'restricted', 1, { sideKey: undefined })),
      'SIDE_KEY_INVALID',
    )
    assert.is(
      codeOf(() => create(engine, 'restricted', 1, { sideKey: 'A'.repeat(82) })),
      'SIDE_KEY_INVALID',
    )
    assert.is(
      codeOf(() => create(engine, 'private', 1, { trytes: 'abc' })),
      'TRYTES_INVALID',
    )
    assert.is(
      codeOf(() => create(engine, 'private', 1, { trytes: '' })),
      'TRYTES_INVALID',
    )
    assert.is(
      codeOf(() => create(engine, 'private', 1, { trytes: 'A'.repeat(52_000) })),
      'MESSAGE_TOO_LONG',
    )
  })

test('says that an engine of another name is missing', async () => {
  assert.is(await codeOfAsync(() => openEngine('wasm' as 'simd')), 'ENGINE_MISSING')
})

test.run()
