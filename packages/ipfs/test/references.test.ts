import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { filesIn, openDirectory, openStore, streamOf, unitOf } from './open-store.ts'

const test = suite('ipfs/references')
const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31)
process.stdout.write(`fast-check seed ${seed}\n`)

/** Shards made of few different units, so that they share many; then an order in which to delete them. */
const plans = fc
  .array(fc.array(fc.nat(4), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 })
  .chain((shards) => fc.tuple(fc.constant(shards), fc.shuffledSubarray([...shards.keys()])))

test('whatever is stored side by side and deleted in any order: the rest reads back, nothing else is left', async () => {
  await using directory = await openDirectory()
  await using store = await openStore(directory.path)
  const { blocks } = store
  await fc.assert(
    fc.asyncProperty(plans, async ([shards, deletions]) => {
      const stored = await Promise.all(
        shards.map((units) => blocks.putShard(streamOf(units.map((unit) => unitOf(unit, 50))))),
      )
      const gone = new Set(deletions.map((at) => stored[at]?.cid ?? ''))
      await Promise.all([...gone].map((cid) => blocks.deleteShard(cid)))
      for (const [at, units] of shards.entries()) {
        const cid = stored[at]?.cid ?? ''
        if (gone.has(cid)) assert.is(await blocks.describe(cid), null)
        else
          for (const [index, unit] of units.entries())
            assert.equal(await blocks.readUnit(cid, index), unitOf(unit, 50))
      }
      for (const { cid } of stored) await blocks.deleteShard(cid)
      assert.equal(await filesIn(directory.path), [])
    }),
    { seed, numRuns: 40 },
  )
})

test.run()
