import { getAddress } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { RecordOpening } from '../src/index.ts'
import {
  encodeEvidence,
  ProofsError,
  parseEvidence,
  startRecordCommitment,
  verifyEvidence,
} from '../src/index.ts'
import { CONTENT, makeEvidence } from './evidence-bundle.ts'

const test = suite('proofs/evidence-mutation')

type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
type Path = readonly (string | number)[]

const { evidence, facts } = await makeEvidence()
const TEXT = encodeEvidence(evidence)

/** Every value in a bundle that is no map and no list, and where it is. */
function leavesOf(value: Json, path: Path = []): readonly (readonly [Path, Exclude<Json, object>])[] {
  if (value === null || typeof value !== 'object') return [[path, value]]
  return Object.entries(value).flatMap(([key, item]) =>
    leavesOf(item, [...path, Array.isArray(value) ? Number(key) : key]),
  )
}

/** Where every map of a bundle is. */
function mapsOf(value: Json, path: Path = []): readonly Path[] {
  if (value === null || typeof value !== 'object') return []
  const inner = Object.entries(value).flatMap(([key, item]) => mapsOf(item, [...path, key]))
  return Array.isArray(value) ? inner : [path, ...inner]
}

/** A copy of the bundle with another value in one place. */
function replaceAt(path: Path, value: Json): string {
  const copy = JSON.parse(TEXT) as Json
  const parent = path.slice(0, -1).reduce((at, key) => (at as Record<string, Json>)[key] as Json, copy)
  ;(parent as Record<string, Json>)[path.at(-1) as string] = value
  return JSON.stringify(copy)
}

/** Other values of the same kind: each is one that a forger could put there. */
function othersFor(value: Exclude<Json, object>): readonly Json[] {
  if (typeof value === 'boolean') return [!value]
  if (typeof value === 'number') return [value + 1, value - 1, 0].filter((each) => each !== value)
  if (value === null) return [0, '0x']
  if (/^0x[0-9a-fA-F]{40}$/.test(value)) {
    const turned = turn(value, 20)
    return value === value.toLowerCase() ? [turned.toLowerCase()] : [getAddress(turned.toLowerCase())]
  }
  if (/^0x([0-9a-f]{2})*$/.test(value))
    return [2, Math.floor(value.length / 2), value.length - 1].map((at) => turn(value, at))
  if (/^[0-9]+$/.test(value)) return [`${BigInt(value) + 1n}`, '0']
  return [
    `${value} `,
    turn(value, 0),
    turn(value, value.length - 1),
    turn(value, Math.floor(value.length / 2)),
  ]
}

/** A text with one character turned into another of its kind. */
function turn(text: string, at: number): string {
  const char = text.charAt(at)
  const other = /[0-9a-f]/.test(char) ? (char === '1' ? '2' : '1') : char === 'A' ? 'B' : 'A'
  return text.slice(0, at) + other + text.slice(at + 1)
}

/** What a reader with the record's file finds: `refused`, or the worst verdict. */
function read(text: string): string {
  try {
    const parsed = parseEvidence(text)
    const opening = parsed.record?.opening as RecordOpening
    const recordCommitment = startRecordCommitment(opening).update(CONTENT).digest()
    const { parts } = verifyEvidence(parsed, { ...facts, recordCommitment })
    for (const { because } of parts) assert.not.match(because, /undefined|NaN|[{}]/)
    return parts.every(({ verdict }) => verdict === 'verified') ? 'verified' : 'not verified'
  } catch (error) {
    if (error instanceof ProofsError && error.code === 'BUNDLE_MALFORMED') return 'refused'
    throw error
  }
}

test('finds no change of any single field to be verified', () => {
  assert.is(read(TEXT), 'verified')
  const leaves = leavesOf(JSON.parse(TEXT) as Json)
  assert.ok(leaves.length > 80, `${leaves.length} fields`)
  const tally = { refused: 0, 'not verified': 0 }
  for (const [path, value] of leaves) {
    for (const other of othersFor(value)) {
      const outcome = read(replaceAt(path, other))
      assert.ok(outcome !== 'verified', `${path.join('.')} was changed and still verified`)
      tally[outcome as keyof typeof tally] += 1
    }
  }
  assert.ok(tally['not verified'] > 100, `${tally['not verified']} changes reached the verifier`)
})

test('accepts no form of the text but one, with or without a line feed behind', () => {
  assert.is(read(`${TEXT}\n`), 'verified')
  const value = JSON.parse(TEXT) as Record<string, Json>
  const forms = [
    `${TEXT}\n\n`,
    `${TEXT}\r\n`,
    `\n${TEXT}`,
    ` ${TEXT}`,
    JSON.stringify(value, null, 2),
    TEXT.replace('"access":', '"access" :'),
    TEXT.replace('"version":1', '"version":1.0'),
    TEXT.replace('"version":1', '"version":1,"version":1'),
    TEXT.replace('"deployment"', '"\\u0064eployment"'),
    JSON.stringify({ version: 1, ...value }),
    TEXT.slice(0, -1),
    '',
    'null',
    '[]',
    '"text"',
  ]
  for (const form of forms) assert.is(read(form), 'refused', form.slice(0, 40))
})

test('refuses keys that it does not know, at every level', () => {
  const places = mapsOf(JSON.parse(TEXT) as Json)
  assert.ok(places.length > 12, `${places.length} maps`)
  for (const path of places) assert.is(read(replaceAt([...path, 'zzz'], 1)), 'refused', path.join('.'))
})

test.run()
