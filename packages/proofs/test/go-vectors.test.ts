import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import type { NoteVerifier } from '../src/index.ts'
import {
  buildTree,
  createCompactRange,
  createNoteSigner,
  formatCheckpoint,
  formatVerifierKey,
  hashLeaf,
  openCheckpoint,
  openLog,
  openNote,
  parseCheckpoint,
  parseVerifierKey,
  signNote,
  verifyConsistency,
  verifyInclusion,
} from '../src/index.ts'
import { createWatchedStore } from './faulty-store.ts'
import { countingEntries } from './reference.ts'

const test = suite('proofs/go-vectors')

interface TreeVectors {
  readonly roots: readonly string[]
  readonly trees: readonly {
    readonly size: number
    readonly root: string
    readonly inclusion: readonly { readonly index: number; readonly path: readonly string[] }[]
    readonly consistency: readonly { readonly from: number; readonly path: readonly string[] }[]
  }[]
  readonly tiles: readonly {
    readonly from: number
    readonly to: number
    readonly files: readonly { readonly path: string; readonly sha256: string }[]
  }[]
  readonly invalidInclusion: readonly {
    readonly what: string
    readonly size: number
    readonly root: string
    readonly index: number
    readonly leaf: string
    readonly path: readonly string[]
  }[]
  readonly invalidConsistency: readonly {
    readonly what: string
    readonly from: number
    readonly oldRoot: string
    readonly to: number
    readonly newRoot: string
    readonly path: readonly string[]
  }[]
}

interface ValidNote {
  readonly what: string
  readonly text: string
  readonly signers: readonly string[]
  readonly note: string
  readonly known: readonly string[]
  readonly verified: readonly string[]
}

interface NoteVectors {
  readonly keys: readonly { readonly name: string; readonly secret: string; readonly vkey: string }[]
  readonly notes: readonly ValidNote[]
  readonly cosigned: readonly ValidNote[]
  readonly invalid: readonly {
    readonly what: string
    readonly hex: string
    readonly known: readonly string[]
    readonly error: string
  }[]
  readonly badKeys: readonly string[]
  readonly checkpoints: readonly {
    readonly text: string
    readonly origin: string
    readonly size: number
    readonly root: string
  }[]
}

const trees = read('tlog') as TreeVectors
const notes = read('note') as NoteVectors
const ENTRIES = countingEntries(70_000)
const LEAVES = ENTRIES.map(hashLeaf)

function read(name: string): unknown {
  return JSON.parse(
    readFileSync(new URL(`../../../test/vectors/proofs/${name}.json`, import.meta.url), 'utf8'),
  )
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
const unbase64 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'))

function keyNamed(name: string): NoteVectors['keys'][number] {
  const key = notes.keys.find((each) => each.name === name)
  assert.ok(key)
  return key as NoteVectors['keys'][number]
}

const verifierNamed = (name: string) => parseVerifierKey(keyNamed(name).vkey)

test("has Go's root at every size from 1 to 300, in memory and in a compact range", () => {
  assert.is(trees.roots.length, 300)
  const range = createCompactRange()
  trees.roots.forEach((root, i) => {
    range.append(LEAVES[i] as Uint8Array)
    assert.is(base64(range.root()), root)
    assert.is(base64(buildTree(LEAVES.slice(0, i + 1)).root), root)
  })
})

test("makes Go's proofs byte for byte, from memory and from tiles, and accepts them", async () => {
  const store = createWatchedStore()
  const log = await openLog(store)
  await log.append(ENTRIES)
  for (const { size, root, inclusion, consistency } of trees.trees) {
    const tree = buildTree(LEAVES.slice(0, size))
    assert.is(base64(tree.root), root)
    assert.is(base64(await log.root(size)), root)
    for (const { index, path } of inclusion) {
      assert.equal(tree.proveInclusion(index).path.map(base64), path)
      assert.equal((await log.proveInclusion(index, size)).path.map(base64), path)
      const proof = { index, size, path: path.map(unbase64) }
      assert.ok(verifyInclusion(LEAVES[index] as Uint8Array, proof, unbase64(root)))
    }
    for (const { from, path } of consistency) {
      assert.equal(tree.proveConsistency(from).path.map(base64), path)
      assert.equal((await log.proveConsistency(from, size)).path.map(base64), path)
      const proof = { from, to: size, path: path.map(unbase64) }
      assert.ok(verifyConsistency(proof, await log.root(from), unbase64(root)))
    }
  }
})

test("writes Go's tiles, all of them and no others, whatever sizes it grows by", async () => {
  assert.ok(trees.tiles.length > 500)
  for (const { from, to, files } of trees.tiles) {
    const store = createWatchedStore()
    const log = await openLog(store)
    await log.append(ENTRIES.slice(0, from))
    store.written.clear()
    await log.append(ENTRIES.slice(from, to))
    const tiles = [...store.written].filter(([path]) => /^tile\/\d/.test(path))
    const hashed = tiles.map(([path, bytes]) => [path, createHash('sha256').update(bytes).digest('base64')])
    const wanted = files.map(({ path, sha256 }) => [path, sha256])
    assert.equal(hashed.sort(), wanted.sort(), `${from} to ${to}`)
  }
})

test('refuses the proofs that Go refuses', () => {
  assert.ok(trees.invalidInclusion.length >= 7)
  assert.ok(trees.invalidConsistency.length >= 8)
  for (const { what, size, root, index, leaf, path } of trees.invalidInclusion) {
    const proof = { index, size, path: path.map(unbase64) }
    assert.not.ok(verifyInclusion(unbase64(leaf), proof, unbase64(root)), what)
  }
  for (const { what, from, oldRoot, to, newRoot, path } of trees.invalidConsistency) {
    const proof = { from, to, path: path.map(unbase64) }
    assert.not.ok(verifyConsistency(proof, unbase64(oldRoot), unbase64(newRoot)), what)
  }
})

test("signs Go's notes byte for byte, so that Go accepts them", () => {
  for (const { what, text, signers, note } of notes.notes) {
    const ours = signNote(
      text,
      signers.map((name) => createNoteSigner(name, Buffer.from(keyNamed(name).secret, 'hex'))),
    )
    assert.is(ours, note, what)
  }
})

test('opens the notes that Go signed, with the same names found to have signed', () => {
  assert.ok(notes.notes.length >= 7)
  for (const { what, text, signers, note, known, verified } of [...notes.notes, ...notes.cosigned]) {
    const opened = openNote(Buffer.from(note), known.map(verifierNamed))
    assert.is(opened.text, text, what)
    assert.equal(
      opened.verified.map(({ name }) => name),
      verified,
    )
    assert.is(opened.unknown.length, signers.length - known.length)
  }
})

test('opens a checkpoint that another implementation cosigned, with the time of it', () => {
  for (const { note, known } of notes.cosigned) {
    const [logKey, ...cosignerKeys] = known.map(verifierNamed) as [NoteVerifier, NoteVerifier]
    const { checkpoint, log, cosigners } = openCheckpoint(note, [logKey], cosignerKeys)
    assert.is(checkpoint.origin, log.name)
    assert.is(cosigners.length, 1)
    assert.ok((cosigners[0]?.timeSec ?? 0) > 1_700_000_000)
    const other = note.replace('5000', '5001')
    assert.is(
      codeOf(() => openCheckpoint(other, [], cosignerKeys)),
      'SIGNATURE_INVALID',
    )
  }
})

/** What Go says, by how it begins, and what it is called here. */
const CODES: readonly (readonly [string, string])[] = [
  ['malformed note', 'NOTE_MALFORMED'],
  ['note has no verifiable signatures', 'NOTE_UNSIGNED'],
  ['invalid signature for key', 'SIGNATURE_INVALID'],
]

test('refuses the notes that Go refuses, for the same reason', () => {
  assert.ok(notes.invalid.length >= 18)
  for (const { what, hex, known, error } of notes.invalid) {
    const code = codeOf(() => openNote(Buffer.from(hex, 'hex'), known.map(verifierNamed)))
    assert.is(code, CODES.find(([start]) => error.startsWith(start))?.[1], what)
  }
})

test("writes Go's verifier keys and refuses those that Go refuses", () => {
  for (const { vkey } of notes.keys) assert.is(formatVerifierKey(parseVerifierKey(vkey)), vkey)
  assert.ok(notes.badKeys.length >= 10)
  for (const vkey of notes.badKeys) {
    assert.is(
      codeOf(() => parseVerifierKey(vkey)),
      'NOTE_MALFORMED',
      vkey,
    )
  }
})

test("reads and writes the texts of Go's tree heads", () => {
  for (const { text, origin, size, root } of notes.checkpoints) {
    const checkpoint = parseCheckpoint(text)
    assert.equal(checkpoint, { origin, size, root: unbase64(root), extension: [] })
    assert.is(formatCheckpoint(checkpoint), text)
  }
})

test('verifies the example of the specification of signed notes', () => {
  // https://c2sp.org/signed-note, "Example"
  const key = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'
  const signature =
    'Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM='
  const note = `This is an example message.\n\n— example.com/foo ${signature}\n`
  assert.is(openNote(note, [parseVerifierKey(key)]).verified[0]?.name, 'example.com/foo')
})

test.run()
