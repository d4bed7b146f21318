import type { EvidenceFacts } from '@halo/proofs'
import { checksumAddress, timeText } from '@halo/proofs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeEvidence } from '../../../packages/proofs/test/evidence-bundle.ts'
import { describeBasis } from '../src/basis.ts'
import type { Basis, ProofFile } from '../src/index.ts'
import { basisAsJson, checkProof } from '../src/index.ts'

const test = suite('verifier/basis')

const { evidence, facts: all } = await makeEvidence()
/** The record's commitment is of the record's own file, which a basis names by its hash. */
const facts = without(all, 'recordCommitment')
const bundle: ProofFile = { kind: 'bundle', evidence }
const CHECKED = { name: 'proof', sha256: `0x${'1'.repeat(64)}` } as const
/** A time at which the access that the sample shows has ended. */
const UNTIL_SEC = 1_900_000_000

function basisOf(known: EvidenceFacts): Basis {
  return { proof: CHECKED, record: null, facts: known, checkedAtMs: 1_790_000_000_123, checker: 'halo 1' }
}

type Json = Readonly<Record<string, unknown>>

function bytesOf(hex: unknown): Uint8Array | null {
  return typeof hex === 'string' ? Uint8Array.from(Buffer.from(hex.slice(2), 'hex')) : null
}

/** What somebody else is told who reads nothing but the JSON. */
function factsFrom(basis: Json): EvidenceFacts {
  const { deployment, operators, operatorsUntilSec, blockHash, anchors } = basis as Readonly<
    Record<string, Json[] | null>
  >
  const known = {
    deployment,
    operators: operators?.map(({ address, logKey }) => ({
      address,
      ...(logKey === null ? {} : { logKey: bytesOf(logKey) }),
    })),
    operatorsUntilSec,
    blockHash,
    anchors: anchors?.map((anchor) => ({
      ...anchor,
      root: bytesOf(anchor['root']),
      txHash: bytesOf(anchor['txHash']),
    })),
  }
  const given = Object.entries(known).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(given) as EvidenceFacts
}

test('whoever is told what a verdict rests on comes to the same, all that the chain said among it', () => {
  const { operators = [], anchors = [] } = facts
  const [anchored] = anchors
  if (anchored === undefined) throw new Error('the sample has no anchor')
  const cases: readonly (readonly [reason: string, part: number, known: EvidenceFacts])[] = [
    ['ANCHORED_IN_BLOCK', 2, facts],
    ['ANCHORED', 2, without(facts, 'blockHash')],
    ['ANCHOR_DENIED', 2, { ...without(facts, 'blockHash'), anchors: [] }],
    ['ANCHOR_DIFFERS', 2, { ...facts, anchors: [{ ...anchored, block: anchored.block + 1 }] }],
    ['NOT_AN_OPERATOR', 5, { ...facts, operators: operators.slice(0, 1), operatorsUntilSec: UNTIL_SEC }],
    ['SIGNER_UNKNOWN', 5, { ...facts, operators: operators.slice(0, 1) }],
    ['OPERATORS_UNKNOWN', 5, without(facts, 'operators')],
    ['HALO_UNKNOWN', 2, without(facts, 'deployment')],
  ]
  for (const [reason, part, known] of cases) {
    const told = factsFrom(JSON.parse(JSON.stringify(basisAsJson(basisOf(known)))) as Json)
    const checked = checkProof(bundle, known)
    assert.is(checked.parts[part]?.reason, reason)
    assert.equal(told, known, reason)
    assert.equal(checkProof(bundle, told), checked, reason)
  }
})

test('what nobody gave and nobody asked is null, and what the chain does not have is an empty list', () => {
  const { deployment, operators, operatorsUntilSec, blockHash, anchors } = basisAsJson(basisOf({}))
  assert.equal(
    [deployment, operators, operatorsUntilSec, blockHash, anchors],
    Array.from({ length: 5 }, () => null),
  )
  assert.equal(basisAsJson(basisOf({ anchors: [] }))['anchors'], [])
})

test('says to people what the chain said, or that it was not asked', () => {
  const shown = (known: EvidenceFacts): Readonly<Record<string, string>> =>
    Object.fromEntries(describeBasis(basisOf(known)))
  const [anchored] = facts.anchors ?? []
  if (anchored === undefined) throw new Error('the sample has no anchor')
  const row = 'What the chain holds of the root'
  assert.match(
    shown(facts)[row] ?? '',
    `by ${checksumAddress(anchored.log.operator)}, in block ${anchored.block}, ${timeText(anchored.atSec)}`,
  )
  assert.is(shown({ anchors: [] })[row], 'nothing')
  assert.is(shown({})[row], 'the chain was not asked')
  const until = 'Nobody is left out of these until'
  assert.is(shown({ operatorsUntilSec: UNTIL_SEC })[until], timeText(UNTIL_SEC))
  assert.is(shown({})[until], 'not known')
  assert.is(shown({})['Checked on'], '2026-09-21 14:13:20 UTC')
})

/** The same with one thing not known. */
function without(known: EvidenceFacts, name: keyof EvidenceFacts): EvidenceFacts {
  const { [name]: _, ...rest } = known
  return rest
}

test.run()
