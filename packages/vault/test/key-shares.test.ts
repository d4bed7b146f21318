import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { combineKey, isShareCommitted, SHARE_BYTES, shareCommitment, splitKey } from '../src/index.ts'
import { multiply } from './galois.ts'
import { failureOf, fromHex, loadVectors, noise, toHex } from './streams.ts'

const vectors = loadVectors<{
  readonly threshold: number
  readonly dataKey: string
  readonly shares: readonly string[]
  readonly commitments: readonly string[]
}>('key-shares')
const seed = Date.now() & 0x7fffffff
const test = suite('vault/key-shares')

const numbered = (shares: readonly Uint8Array[]): { index: number; share: Uint8Array }[] =>
  shares.map((share, at) => ({ index: at + 1, share }))

test('combines any three shares of the vector to its key', async () => {
  const shares = numbered(vectors.shares.map(fromHex))
  const options = { threshold: vectors.threshold, commitments: vectors.commitments.map(fromHex) }
  let count = 0
  for (const a of shares)
    for (const b of shares)
      for (const c of shares) {
        if (a === b || b === c || a === c) continue
        assert.is(toHex(await combineKey([a, b, c], options)), vectors.dataKey)
        count++
      }
  assert.is(count, 60)
})

test('commits to the shares of the vector as it does', () => {
  vectors.shares.forEach((share, at) => {
    assert.is(toHex(shareCommitment(at + 1, fromHex(share))), vectors.commitments[at])
  })
})

test('splits along polynomials of degree threshold − 1: two shares lie on a line through the key', async () => {
  const dataKey = noise(32)
  const { shares } = await splitKey(dataKey, { shares: 3, threshold: 2 })
  for (let at = 0; at < 32; at++) {
    const slopes = shares.map((share) => {
      const rise = (share[at] ?? 0) ^ (dataKey[at] ?? 0)
      return Array.from({ length: 256 }, (_, slope) => slope).find(
        (slope) => multiply(slope, share[32] ?? 0, 0x11b) === rise,
      )
    })
    assert.is(new Set(slopes).size, 1)
  }
})

test(`gives the key to any threshold of shares and to no fewer (seed ${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: 20 }),
      fc.nat(),
      fc.array(fc.nat(), { minLength: 20, maxLength: 20 }),
      async (count, salt, order) => {
        const threshold = 2 + (salt % (count - 1))
        const dataKey = noise(32, salt)
        const { shares, commitments } = await splitKey(dataKey, { shares: count, threshold })
        assert.is(shares.length, count)
        assert.ok(shares.every((share) => share.length === SHARE_BYTES))
        const shuffled = numbered(shares).sort((a, b) => (order[a.index] ?? 0) - (order[b.index] ?? 0))
        const enough = await combineKey(shuffled.slice(0, threshold), { threshold, commitments })
        assert.equal(enough, new Uint8Array(dataKey))
        const few = shuffled.slice(0, threshold - 1)
        const failure = await failureOf(() => combineKey(few, { threshold, commitments }))
        assert.equal(failure, { code: 'SHARES_TOO_FEW', have: threshold - 1, need: threshold })
      },
    ),
    { seed, numRuns: 40 },
  )
})

test('tells nothing about the key below the threshold: beside any two of three, every key byte fits', async () => {
  const { shares, commitments } = await splitKey(noise(32), { shares: 3, threshold: 3 })
  const possible = new Set<number | undefined>()
  for (let value = 0; value < 256; value++) {
    const third = Uint8Array.from(shares[2] ?? [], (byte, at) => (at === 0 ? value : byte))
    const supposed = [...commitments.slice(0, 2), shareCommitment(3, third)]
    const given = numbered([...shares.slice(0, 2), third])
    possible.add((await combineKey(given, { threshold: 3, commitments: supposed }))[0])
  }
  assert.is(possible.size, 256)
})

test('names the one share that is damaged, whichever it is and whatever was changed', async () => {
  const dataKey = noise(32)
  const { shares, commitments } = await splitKey(dataKey, { shares: 5, threshold: 3 })
  for (let liar = 1; liar <= 5; liar++) {
    for (const at of [0, 31, 32]) {
      const given = numbered(shares.map((share) => share.slice()))
      const lie = given[liar - 1]
      assert.ok(lie)
      lie.share.set([(lie.share[at] ?? 0) ^ 0x80], at)
      const failure = await failureOf(() => combineKey(given, { threshold: 3, commitments }))
      assert.equal(failure, { code: 'SHARE_DAMAGED', index: liar })
      const honest = given.filter(({ index, share }) => isShareCommitted(index, share, commitments))
      assert.equal(await combineKey(honest, { threshold: 3, commitments }), new Uint8Array(dataKey))
    }
  }
})

test('refuses a share under another number, twice, too short, or with a number out of range', async () => {
  const { shares, commitments } = await splitKey(noise(32), { shares: 3, threshold: 2 })
  const [first, second] = shares
  assert.ok(first && second)
  const combine = (given: { index: number; share: Uint8Array }[]): Promise<unknown> =>
    failureOf(() => combineKey(given, { threshold: 2, commitments }))
  const swapped = [
    { index: 2, share: first },
    { index: 1, share: second },
  ]
  assert.equal(await combine(swapped), { code: 'SHARE_DAMAGED', index: 2 })
  const twice = [
    { index: 1, share: first },
    { index: 1, share: first },
  ]
  assert.equal(await combine(twice), { code: 'SHARE_DUPLICATE', index: 1 })
  assert.equal(await combine([{ index: 1, share: first.subarray(1) }]), { code: 'SHARE_DAMAGED', index: 1 })
  const stub = noise(5)
  assert.is(isShareCommitted(1, stub, [shareCommitment(1, stub)]), false)
  for (const index of [0, 4, -1, 257, 1.5])
    assert.equal(await combine([{ index, share: first }]), { code: 'SHARE_DAMAGED', index })
})

test('refuses to split so that one share alone is the key, or beyond 255 shares', async () => {
  const shapes = [
    { shares: 1, threshold: 1 },
    { shares: 3, threshold: 1 },
    { shares: 3, threshold: 4 },
    { shares: 256, threshold: 3 },
    { shares: 3, threshold: 2.5 },
    { shares: Number.NaN, threshold: 2 },
  ]
  for (const shape of shapes)
    assert.is((await failureOf(() => splitKey(noise(32), shape))).code, 'SPLIT_INVALID')
  assert.is((await failureOf(() => splitKey(noise(31), { shares: 3, threshold: 2 }))).code, 'KEY_INVALID')
  const options = { threshold: 1, commitments: [noise(32)] }
  assert.is((await failureOf(() => combineKey([], options))).code, 'SPLIT_INVALID')
})

test('works with 255 shares, with Node buffers, and leaves what it is given unchanged', async () => {
  const dataKey = Buffer.from(noise(32))
  const { shares, commitments } = await splitKey(dataKey, { shares: 255, threshold: 255 })
  assert.ok(dataKey.equals(noise(32)))
  const given = numbered(shares.map((share) => Buffer.from(share)))
  const combined = await combineKey(given, { threshold: 255, commitments })
  assert.equal(combined, noise(32))
  assert.ok(given.every(({ share }, at) => toHex(share) === toHex(shares[at] ?? new Uint8Array())))
})

test.run()
