import type { Evidence } from '@halo/proofs'
import { verifyEvidence } from '@halo/proofs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeEvidence } from '../../../packages/proofs/test/evidence-bundle.ts'
import { keepKnownSignatures } from '../src/proof/known-signatures.ts'

const test = suite('cli/known-signatures')

const { evidence, facts } = await makeEvidence()
const { inclusion } = evidence
const { operators } = facts
if (inclusion === undefined || operators === undefined) throw new Error('the sample lacks a part')
const own = inclusion.signatures[0] ?? ''

const under = (...signatures: readonly string[]): Evidence => ({
  ...evidence,
  inclusion: { ...inclusion, signatures },
})

test('makes no proof that a line breaks which whoever listed the record put there', () => {
  const wrong = `${own.slice(0, -4)}${own.endsWith('AAA=') ? 'BBA=' : 'AAA='}`
  for (const lines of [[wrong, own], [wrong]]) {
    assert.is(verifyEvidence(under(...lines), facts).verdict, 'broken')
    const kept = keepKnownSignatures(under(...lines), operators)
    assert.is(verifyEvidence(kept, facts).verdict, 'verified')
    assert.equal(kept.inclusion?.signatures, lines.includes(own) ? [own] : [])
  }
})

test('changes nothing of a proof without such a line, or without an entry', () => {
  const genuine = under(own)
  assert.equal(keepKnownSignatures(genuine, operators), genuine)
  assert.equal(keepKnownSignatures(genuine, []), genuine)
  const { inclusion: _, ...rest } = evidence
  assert.equal(keepKnownSignatures(rest, operators), rest)
})

test.run()
