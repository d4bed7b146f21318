import { inspect } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf, codeOfAsync } from '../../../test/claims/code-of.ts'
import type { MamEngine, MaskedMessage, MaskedMessageInput, SecurityLevel } from '../src/index.ts'
import { maxMessageTrytes, openEngine } from '../src/index.ts'
import { SEED } from './channel-fixture.ts'

const test = suite('mam/engine')
const simd = await openEngine('simd')
const stock = await openEngine('mam.js')
const TRYTES = 'MADEUP9CONTENT'

function create(
  engine: MamEngine,
  mode: 'public' | 'private' | 'restricted',
  security: 1 | 2 | 3,
): MaskedMessage {
  const sideKey = mode === 'restricted' ? 'SIDE9KEY' : undefined
  const tree = engine.deriveTree(SEED, 4, security)
  const nextTree = engine.deriveTree(SEED, 5, security)
  return engine.createMessage({ mode, sideKey, tree, nextTree, trytes: TRYTES })
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

/** Trees of every kind, derived by an engine. */
function deriveParts(engine: MamEngine, security: SecurityLevel = 1): MaskedMessageInput {
  const tree = engine.deriveTree(SEED, 4, security)
  return { mode: 'public', tree, nextTree: engine.deriveTree(SEED, 5, security), trytes: TRYTES }
}

/** What cannot be a message, each refused with its code. */
function wrongParts(engine: MamEngine): readonly (readonly [name: string, change: object, code: string])[] {
  const other = engine === simd ? stock : simd
  const next = engine.deriveTree(SEED, 5, 1)
  return [
    ['a mode that is none', { mode: 'secret' }, 'MODE_INVALID'],
    ['a mode in capitals', { mode: 'PUBLIC' }, 'MODE_INVALID'],
    ['no mode', { mode: undefined }, 'MODE_INVALID'],
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
    ['a next tree of the same index', { nextTree: engine.deriveTree(SEED, 4, 1) }, 'TREE_INVALID'],
    ['a next tree that skips some', { nextTree: engine.deriveTree(SEED, 7, 1) }, 'TREE_INVALID'],
    ['a next tree of another level', { nextTree: engine.deriveTree(SEED, 5, 2) }, 'TREE_INVALID'],
    ['a next tree of another seed', { nextTree: engine.deriveTree('B'.repeat(81), 5, 1) }, 'TREE_INVALID'],
    ['a next tree of the other engine', { nextTree: other.deriveTree(SEED, 5, 1) }, 'TREE_INVALID'],
    ['a copy of the next tree', { nextTree: { ...next } }, 'TREE_INVALID'],
    ['no next tree', { nextTree: undefined }, 'TREE_INVALID'],
    ['a tree of the other engine', { tree: other.deriveTree(SEED, 4, 1) }, 'TREE_INVALID'],
    ['no tree', { tree: undefined }, 'TREE_INVALID'],
  ]
}

for (const engine of [simd, stock]) {
  test(`refuses what cannot be before the key is used, with the engine ${engine.kind}`, () => {
    const parts = deriveParts(engine)
    for (const [name, change, code] of wrongParts(engine)) {
      const create = () => engine.createMessage({ ...parts, ...change })
      assert.is(codeOf(create), code, name)
    }
    assert.is(engine.createMessage(parts).root, parts.tree.root)
  })

  test(`signs once with a tree, and with none that was wiped, with the engine ${engine.kind}`, () => {
    const parts = deriveParts(engine)
    const wiped = deriveParts(engine)
    const { payload, root } = engine.createMessage(parts)
    assert.is(engine.parseMessage(payload, root).trytes, TRYTES)
    wiped.tree.wipe()
    wiped.tree.wipe()
    for (const used of [parts, { ...parts, trytes: 'OTHER' }, wiped])
      assert.is(
        codeOf(() => engine.createMessage(used)),
        'TREE_USED',
      )
  })

  test(`derives no tree from what is no seed, index or level, with the engine ${engine.kind}`, () => {
    const derive = (seed: unknown, index: unknown, security: unknown, count: unknown = 1) =>
      codeOf(() =>
        engine.deriveTrees(seed as string, index as number, count as number, security as SecurityLevel),
      )
    for (const seed of ['', 'x', 'A'.repeat(80), 'A'.repeat(82), 'a'.repeat(81), null, 81])
      assert.is(derive(seed, 0, 1), 'SEED_INVALID')
    for (const index of [-1, 0.5, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '1', undefined])
      assert.is(derive(SEED, index, 1), 'TREE_INVALID')
    for (const count of [0, -1, 1.5, Number.NaN, 1025, Number.POSITIVE_INFINITY, '1'])
      assert.is(derive(SEED, 0, 1, count), 'TREE_INVALID')
    assert.is(derive(SEED, 2 ** 53 - 1, 1, 2), 'TREE_INVALID')
    for (const security of [0, 4, 1.5, Number.NaN, '2', undefined])
      assert.is(derive(SEED, 0, security), 'SECURITY_INVALID')
  })

  test(`refuses roots, modes and side keys that cannot be, with the engine ${engine.kind}`, () => {
    for (const root of ['', 'x', 'A'.repeat(80), 'A'.repeat(82), 'a'.repeat(81), null as unknown as string]) {
      assert.is(
        codeOf(() => engine.addressOf(root, 'public')),
        'TRYTES_INVALID',
      )
      assert.is(
        codeOf(() => engine.addressOf(root, 'private')),
        'TRYTES_INVALID',
      )
      assert.is(
        codeOf(() => engine.parseMessage('AAAA', root)),
        'TRYTES_INVALID',
      )
    }
    assert.is(
      codeOf(() => engine.addressOf(SEED, 'secret' as 'public')),
      'MODE_INVALID',
    )
    for (const sideKey of ['', 'a', 'A'.repeat(82), 7 as unknown as string])
      assert.is(
        codeOf(() => engine.parseMessage('AAAA', SEED, sideKey)),
        'SIDE_KEY_INVALID',
      )
  })

  test(`shows of a tree its index, level and root, and neither seed nor key, with the engine ${engine.kind}`, () => {
    const tree = engine.deriveTree(SEED, 4, 1)
    assert.equal(Reflect.ownKeys(tree), ['index', 'security', 'root', 'wipe'])
    assert.ok(Object.isFrozen(tree))
    assert.not.ok(inspect(tree, { showHidden: true, depth: null }).includes(SEED))
  })

  test(`keeps seed, side key and content out of errors, with the engine ${engine.kind}`, () => {
    const parts = deriveParts(engine)
    const secret = 'MADEUPSECRET'
    const calls: readonly (() => unknown)[] = [
      () => engine.deriveTree(`${secret}z`, 0, 1),
      () => engine.createMessage({ ...parts, mode: 'restricted', sideKey: `${secret}z` }),
      () => engine.createMessage({ ...parts, sideKey: secret }),
      () => engine.createMessage({ ...parts, trytes: `${secret}z` }),
      () => engine.createMessage({ ...parts, trytes: secret.repeat(5000) }),
      () => engine.parseMessage(secret, SEED, `${secret}z`),
      () => engine.parseMessage(secret, `${secret}z`),
      () => engine.parseMessage(secret, SEED),
    ]
    for (const call of calls) {
      const shown = describeThrown(call)
      assert.ok(shown.length > 0)
      assert.not.ok(shown.includes(secret) || shown.includes(SEED))
    }
  })
}

/** All that a log could show of what a call throws; empty when it throws nothing. */
function describeThrown(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    return inspect(error, { showHidden: true, depth: null })
  }
  return ''
}

test('takes a message in one form only with either engine: no other last tryte, and nothing behind it', () => {
  const { payload, root } = simd.createMessage(deriveParts(simd))
  const last = payload.at(-1)
  const others = [...'9ABCDEFGHIJKLMNOPQRSTUVWXYZ'].filter((tryte) => tryte !== last)
  const altered = [...others.map((tryte) => payload.slice(0, -1) + tryte), `${payload}9`, `${payload}999`]
  const codes = (engine: typeof simd) => altered.map((each) => codeOf(() => engine.parseMessage(each, root)))
  assert.not.ok(codes(stock).includes('none'))
  assert.equal(codes(stock), codes(simd))
})

test('derives the same trees with either engine however far on, and as fast', () => {
  for (const index of [0, 2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER])
    assert.is(stock.deriveTree(SEED, index, 1).root, simd.deriveTree(SEED, index, 1).root)
})

test('says that an engine of another name is missing', async () => {
  assert.is(await codeOfAsync(() => openEngine('wasm' as 'simd')), 'ENGINE_MISSING')
})

test.run()
