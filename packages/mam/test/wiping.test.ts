import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import type { CurlEngine, Sponge } from '../src/curl-engine.ts'
import { createEngine } from '../src/engine-simd.ts'
import { deriveTrees } from '../src/one-time-tree.ts'
import { readTrytes } from '../src/trytes.ts'
import { openCurl } from './open-curl.ts'
import { drawTrytes, startDraw } from './stock-cases.ts'

const test = suite('mam/wiping')

const SEED = drawTrytes(startDraw(1), 81)
const SIDE_KEY = drawTrytes(startDraw(2), 81)
const MESSAGE = { mode: 'restricted', sideKey: SIDE_KEY, trytes: 'HALO' } as const

/** What went through an engine: its sponges, and the arrays it was given, as they are and as they were. */
interface Watched {
  readonly curl: CurlEngine
  readonly sponges: Sponge[]
  readonly absorbed: { readonly trits: Int8Array; readonly before: Int8Array }[]
  readonly chained: Int8Array[]
}

function watchCurl(inner: CurlEngine = openCurl()): Watched {
  const watched = { sponges: [], absorbed: [], chained: [] } as Omit<Watched, 'curl'>
  const createSponge: CurlEngine['createSponge'] = (rounds) => {
    const sponge = inner.createSponge(rounds)
    watched.sponges.push(sponge)
    const absorb: Sponge['absorb'] = (trits, offset, length) => {
      watched.absorbed.push({ trits, before: trits.slice() })
      sponge.absorb(trits, offset, length)
    }
    return { ...sponge, absorb }
  }
  const hashChains: CurlEngine['hashChains'] = (fragments, counts) => {
    watched.chained.push(fragments)
    inner.hashChains(fragments, counts)
  }
  return { ...watched, curl: { ...inner, createSponge, hashChains } }
}

/** All arrays of trits that are made while something runs, but for copies of others. */
function collectArrays(run: () => unknown): readonly Int8Array[] {
  const { Int8Array: whole } = globalThis
  const made: Int8Array[] = []
  const construct = (target: Int8ArrayConstructor, given: readonly unknown[]): Int8Array => {
    const array: Int8Array = Reflect.construct(target, given)
    made.push(array)
    return array
  }
  Reflect.set(globalThis, 'Int8Array', new Proxy(whole, { construct }))
  try {
    run()
  } finally {
    Reflect.set(globalThis, 'Int8Array', whole)
  }
  return made
}

const isEmpty = (trits: Int8Array): boolean => trits.every((trit) => trit === 0)
const isSame = (a: Int8Array, b: Int8Array): boolean => a.every((trit, at) => trit === b[at])

/** Every sponge is as new. */
function areEmpty({ sponges }: Watched): boolean {
  return sponges.length > 0 && sponges.every((sponge) => isEmpty(sponge.state()))
}

test('leaves no sponge with what it took in, after trees, a message, an address and reading', () => {
  const watched = watchCurl()
  const engine = createEngine(watched.curl)
  const [tree, nextTree] = engine.deriveTrees(SEED, 0, 2, 1)
  assert.ok(tree !== undefined && nextTree !== undefined && areEmpty(watched))
  const { payload, root } = engine.createMessage({ ...MESSAGE, tree, nextTree })
  assert.ok(areEmpty(watched))
  assert.is(engine.parseMessage(payload, root, SIDE_KEY).trytes, 'HALO')
  assert.is(
    codeOf(() => engine.parseMessage(payload, nextTree.root, SIDE_KEY)),
    'NOT_FOR_KEY',
  )
  assert.ok(areEmpty(watched))
})

test('leaves no sponge with what it took in when a message fails half-way', () => {
  const failing = openCurl()
  const watched = watchCurl({
    ...failing,
    findNonce: () => {
      throw new Error('gone')
    },
  })
  const engine = createEngine(watched.curl)
  const tree = engine.deriveTree(SEED, 0, 1)
  const nextTree = engine.deriveTree(SEED, 1, 1)
  assert.throws(() => engine.createMessage({ ...MESSAGE, tree, nextTree }), 'gone')
  assert.ok(areEmpty(watched))
  // The key of a message that may have left in part is gone too.
  assert.ok(isEmpty(watched.chained[0] ?? Int8Array.of(1)))
  assert.is(
    codeOf(() => engine.createMessage({ ...MESSAGE, tree, nextTree })),
    'TREE_USED',
  )
})

test('overwrites what it absorbed of seeds, roots and side keys', () => {
  const watched = watchCurl()
  const engine = createEngine(watched.curl)
  const [tree, nextTree] = engine.deriveTrees(SEED, 0, 2, 1)
  assert.ok(tree !== undefined && nextTree !== undefined)
  // Of each tree the subseed, twice; it begins as the seed itself at index 0.
  const subseeds = watched.absorbed.slice(0, 4)
  assert.ok(isSame(subseeds[0]?.before ?? Int8Array.of(), readTrytes(SEED, 'seed')))
  assert.ok(subseeds.every(({ trits, before }) => isEmpty(trits) && !isEmpty(before)))
  const { payload, root } = engine.createMessage({ ...MESSAGE, tree, nextTree })
  engine.parseMessage(payload, root, SIDE_KEY)
  const secrets = [SIDE_KEY, root].map((trytes) => readTrytes(trytes, 'secret'))
  const keys = watched.absorbed.filter(({ before }) => secrets.some((secret) => isSame(secret, before)))
  assert.ok(keys.length >= 5, `${keys.length} keys`)
  assert.ok(keys.every(({ trits }) => isEmpty(trits)))
})

test('leaves no array with the seed after deriving trees', () => {
  const seed = readTrytes(SEED, 'seed')
  const made = collectArrays(() => createEngine(openCurl()).deriveTrees(SEED, 0, 2, 1))
  assert.ok(made.length > 3)
  assert.not.ok(made.some((trits) => trits.length > 0 && isSame(seed, trits)))
})

test('overwrites the key of a tree that is wiped, and no other', () => {
  const watched = watchCurl()
  const [first, second] = createEngine(watched.curl).deriveTrees(SEED, 0, 2, 1)
  const keys = watched.chained[0] ?? Int8Array.of()
  const size = keys.length / 2
  assert.is(size, 6561)
  second?.wipe()
  assert.ok(isEmpty(keys.subarray(size)))
  assert.not.ok(isEmpty(keys.subarray(0, size)))
  first?.wipe()
  assert.ok(isEmpty(keys))
})

test('signs no hash that is too short or too long, which would give fragments of the key away', () => {
  const curl = openCurl()
  const [tree] = deriveTrees(curl, SEED, 0, 1, 3)
  for (const size of [0, 81, 242, 244])
    assert.is(
      codeOf(() => tree?.sign(curl, new Int8Array(size))),
      'TRYTES_INVALID',
    )
  assert.is(tree?.sign(curl, new Int8Array(243)).length, 3 * 6561)
  assert.is(
    codeOf(() => tree?.sign(curl, new Int8Array(243))),
    'TREE_USED',
  )
})

test.run()
