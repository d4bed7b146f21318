import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import type { JsonValue } from '../src/canonical-json.ts'
import { toCanonicalJson } from '../src/canonical-json.ts'
import type { Evidence, EvidenceFacts, Hex } from '../src/index.ts'
import {
  encodeEvidence,
  MAX_EVIDENCE_BYTES,
  ProofsError,
  parseEvidence,
  verifyEvidence,
} from '../src/index.ts'
import { makeEvidence } from './evidence-bundle.ts'

const test = suite('proofs/evidence')

interface Vectors {
  readonly facts: {
    readonly deployment: Evidence['deployment']
    readonly recordCommitment: Hex
    readonly operators: readonly { readonly address: Hex; readonly logKey?: string }[]
    readonly blockHash: Hex
  }
  /** Bundles, and what comes of each part with the facts, in the order of the parts. */
  readonly valid: readonly {
    readonly name: string
    readonly bundle: unknown
    readonly reasons: readonly string[]
  }[]
  readonly invalid: readonly Invalid[]
}

/** A file's text, or a change to the first valid bundle: another value in one place, or none. */
interface Invalid {
  readonly name: string
  readonly text?: string
  readonly path?: readonly string[]
  readonly value?: unknown
  readonly field: string
}
const vectors = JSON.parse(
  readFileSync(new URL('../../../test/vectors/proofs/evidence.json', import.meta.url), 'utf8'),
) as Vectors
const FACTS: EvidenceFacts = {
  ...vectors.facts,
  operators: vectors.facts.operators.map(({ address, logKey }) => ({
    address,
    ...(logKey === undefined ? {} : { logKey: Uint8Array.from(Buffer.from(logKey, 'hex')) }),
  })),
}
const { evidence } = await makeEvidence()

function fieldOf(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    if (error instanceof ProofsError && error.code === 'BUNDLE_MALFORMED') return error.details['field']
    throw error
  }
  return 'none'
}

/** What the file of an invalid bundle holds. */
function textOf({ text, path = [], value }: Invalid): string {
  if (text !== undefined) return text
  const bundle = structuredClone(vectors.valid[0]?.bundle) as Record<string, unknown>
  const parent = path.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, bundle)
  const last = path.at(-1) as string
  if (value === undefined) delete parent[last]
  else parent[last] = value
  return toCanonicalJson(bundle as JsonValue)
}

test('reads the golden bundles and finds in each what it always found', () => {
  assert.ok(vectors.valid.length >= 6)
  for (const { name, bundle, reasons } of vectors.valid) {
    const text = JSON.stringify(bundle)
    const parsed = parseEvidence(text)
    assert.is(encodeEvidence(parsed), text, name)
    assert.equal(
      verifyEvidence(parsed, FACTS).parts.map(({ reason }) => reason),
      reasons,
      name,
    )
  }
})

test('refuses the invalid bundles, naming the field', () => {
  assert.ok(vectors.invalid.length >= 30)
  for (const invalid of vectors.invalid)
    assert.is(
      fieldOf(() => parseEvidence(textOf(invalid))),
      invalid.field,
      invalid.name,
    )
})

test('reads bytes and text alike', () => {
  const text = encodeEvidence(evidence)
  assert.equal(parseEvidence(new TextEncoder().encode(text)), parseEvidence(text))
  assert.equal(encodeEvidence(parseEvidence(text)), text)
})

test('takes one line feed behind, and says of any other layout that the file was re-saved', () => {
  const text = encodeEvidence(evidence)
  assert.equal(parseEvidence(`${text}\n`), parseEvidence(text))
  for (const other of [`${text}\n\n`, `${text} `, `\ufeff${text}`, JSON.stringify(JSON.parse(text), null, 2)])
    try {
      parseEvidence(other)
      assert.unreachable()
    } catch (error) {
      assert.match((error as Error).message, /re-saved or reformatted/)
    }
})

test('reads a bundle of up to 8 MiB and nothing larger', () => {
  assert.is(
    fieldOf(() => parseEvidence(new Uint8Array(MAX_EVIDENCE_BYTES + 1))),
    'size',
  )
  assert.is(
    fieldOf(() => parseEvidence(' '.repeat(MAX_EVIDENCE_BYTES + 1))),
    'size',
  )
  assert.is(
    fieldOf(() => parseEvidence('['.repeat(MAX_EVIDENCE_BYTES))),
    'encoding',
  )
  assert.is(
    fieldOf(() => parseEvidence('[1,'.repeat(1_000_000))),
    'encoding',
  )
})

test('never fails with anything but its own error on junk', async () => {
  const text = encodeEvidence(evidence)
  await holds(
    fc.property(fc.oneof(fc.json(), fc.string()), fc.uint8Array({ maxLength: 64 }), (junk, bytes) => {
      assert.is(
        codeOf(() => parseEvidence(junk)),
        'BUNDLE_MALFORMED',
      )
      assert.is(
        codeOf(() => parseEvidence(bytes)),
        'BUNDLE_MALFORMED',
      )
    }),
    300,
  )
  await holds(
    fc.property(fc.nat({ max: text.length - 1 }), (length) => {
      assert.is(
        codeOf(() => parseEvidence(text.slice(0, length))),
        'BUNDLE_MALFORMED',
      )
    }),
    200,
  )
})

test('writes nothing that it would not read', () => {
  const wrong: readonly Partial<Record<keyof Evidence, unknown>>[] = [
    { deployment: {} },
    { record: null },
    { access: { deliveries: [], events: [] } },
    { deletion: [] },
    { deletion: Array.from({ length: 257 }, () => evidence.deletion?.[0]) },
    { consent: { ...evidence.consent, answers: evidence.consent?.answers.toReversed() } },
  ]
  for (const change of wrong)
    assert.is(
      codeOf(() => encodeEvidence({ ...evidence, ...change } as Evidence)),
      'BUNDLE_MALFORMED',
    )
})

test('quotes nothing of a bundle in an error', () => {
  try {
    parseEvidence('{"secret":')
    assert.unreachable()
  } catch (error) {
    assert.is((error as Error).cause, undefined)
    assert.not.match((error as Error).message, /secret/)
  }
})

test.run()
