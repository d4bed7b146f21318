import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import { commitRecord, saltCommitment } from '../src/index.ts'

const test = suite('proofs/commitment')
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })

function sha256(...parts: readonly (Uint8Array | string)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

test('commits to data set and descriptor under a name of its own', async () => {
  await holds(
    fc.property(bytes32, bytes32, (dataset, descriptor) => {
      const commitment = commitRecord(dataset, descriptor)
      assert.is(Buffer.from(commitment).toString('hex'), sha256('halo/record/1\n', dataset, descriptor))
    }),
  )
})

test('hides a commitment behind its salt', async () => {
  await holds(
    fc.property(bytes32, bytes32, (commitment, salt) => {
      assert.is(Buffer.from(saltCommitment(commitment, salt)).toString('hex'), sha256(salt, commitment))
    }),
  )
})

test('refuses anything but 32 bytes, so that no two inputs run into one another', () => {
  const good = new Uint8Array(32)
  for (const bad of [new Uint8Array(0), new Uint8Array(31), new Uint8Array(33), '0'.repeat(32) as never]) {
    assert.is(
      codeOf(() => commitRecord(bad, good)),
      'HASH_INVALID',
    )
    assert.is(
      codeOf(() => commitRecord(good, bad)),
      'HASH_INVALID',
    )
    assert.is(
      codeOf(() => saltCommitment(bad, good)),
      'HASH_INVALID',
    )
    assert.is(
      codeOf(() => saltCommitment(good, bad)),
      'HASH_INVALID',
    )
  }
})

test.run()
