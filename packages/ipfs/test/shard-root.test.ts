import { encode } from '@ipld/dag-cbor'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  decodeShardRoot,
  encodeShardRoot,
  packUnits,
  parseShardCid,
  unitCidOf,
  unpackUnits,
} from '../src/shard-root.ts'

const test = suite('ipfs/shard-root')
const seed = Number(process.env['FC_SEED'] ?? Date.now() % 2 ** 31)
process.stdout.write(`fast-check seed ${seed}\n`)
const unit = unitCidOf(Uint8Array.of(1))

test('reads back what it writes', () => {
  const units = fc.array(fc.uint8Array({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(units, (all) => {
      const cids = all.map(unitCidOf)
      const root = { sizeBytes: all.reduce((sum, { length }) => sum + length, 0), units: cids }
      const { cid, block } = encodeShardRoot(root)
      const again = decodeShardRoot(block)
      assert.equal(again.units.map(String), cids.map(String))
      assert.is(again.sizeBytes, root.sizeBytes)
      assert.equal(unpackUnits(packUnits(cids)).map(String), cids.map(String))
      assert.is(parseShardCid(cid.toString()).toString(), cid.toString())
    }),
    { seed },
  )
})

test('answers any bytes with a shard or with BAD_SHARD, nothing else', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        decodeShardRoot(bytes)
      } catch (error) {
        assert.is((error as { code?: unknown }).code, 'BAD_SHARD')
      }
    }),
    { seed, numRuns: 2000 },
  )
})

const dagCborUnit = CID.createV1(0x71, unit.multihash)
const INVALID: Readonly<Record<string, Uint8Array>> = {
  'another version': encode({ v: 2, size: 1, units: [unit] }),
  'an unknown key': encode({ v: 1, size: 1, units: [unit], extra: 0 }),
  'a missing key': encode({ v: 1, units: [unit] }),
  'no units': encode({ v: 1, size: 0, units: [] }),
  'a unit that is no CID': encode({ v: 1, size: 1, units: ['x'] }),
  'a unit that is no raw block': encode({ v: 1, size: 1, units: [dagCborUnit] }),
  'a unit with a v0 CID': encode({ v: 1, size: 1, units: [CID.createV0(unit.multihash as never)] }),
  'a size below one byte a unit': encode({ v: 1, size: 1, units: [unit, unit] }),
  'a size above 1 MiB a unit': encode({ v: 1, size: (1 << 20) + 1, units: [unit] }),
  'a size with a fraction': encode({ v: 1, size: 1.5, units: [unit] }),
  'trailing bytes': Uint8Array.of(...encode({ v: 1, size: 1, units: [unit] }), 0),
  'a list': encode([1, 1, [unit]]),
  'more than 16 384 units': encode({ v: 1, size: 16_385, units: Array.from({ length: 16_385 }, () => unit) }),
  'lists in lists in lists': new Uint8Array(1 << 20).fill(0x81),
}

for (const [what, block] of Object.entries(INVALID)) {
  test(`refuses ${what}`, () => {
    assert.throws(
      () => decodeShardRoot(block),
      (error: { code?: unknown }) => error.code === 'BAD_SHARD',
    )
  })
}

test('refuses keys in another order: every shard has one root', () => {
  const canonical = encode({ v: 1, size: 1, units: [unit] })
  // a3, then v (2+1 bytes), then size: moving v behind size keeps the value and changes the bytes.
  const v = canonical.slice(1, 4)
  const size = canonical.slice(4, 10)
  const reordered = Uint8Array.of(canonical[0] ?? 0, ...size, ...v, ...canonical.slice(10))
  assert.throws(() => decodeShardRoot(reordered), /canonical|dag-cbor/)
})

test.run()
