import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import type { Checkpoint } from '../src/index.ts'
import {
  createCosigner,
  createNoteSigner,
  createNoteVerifier,
  EMPTY_ROOT,
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  signCheckpoint,
} from '../src/index.ts'

const test = suite('proofs/checkpoint')
const LOG = createNoteSigner('log.example/a', new Uint8Array(32).fill(1))
const PEER = createCosigner('peer.example/p', new Uint8Array(32).fill(2))
const OTHER = createCosigner('peer.example/q', new Uint8Array(32).fill(3))
const CHECKPOINT: Checkpoint = { origin: 'log.example/a', size: 7, root: EMPTY_ROOT, extension: [] }
const NOTE = signCheckpoint(CHECKPOINT, [LOG])
const KEYS = [LOG.verifier, PEER.verifier, OTHER.verifier]

const checkpoints: fc.Arbitrary<Checkpoint> = fc.record(
  {
    origin: fc.constant('log.example/a'),
    size: fc.maxSafeNat(),
    root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    extension: fc.array(fc.stringMatching(/^[ -~]{1,40}$/), { maxLength: 16 }),
  },
  { noNullPrototype: true },
)

test('reads the checkpoint it writes, whatever its size, root and extension', async () => {
  await holds(
    fc.property(checkpoints, (checkpoint) => {
      assert.equal(parseCheckpoint(formatCheckpoint(checkpoint)), checkpoint)
      const opened = openCheckpoint(signCheckpoint(checkpoint, [LOG]), KEYS)
      assert.equal(opened.checkpoint, checkpoint)
      assert.equal(opened.cosigners, [])
    }),
    40,
  )
})

test('refuses what is not in the one form of a checkpoint', () => {
  const root = 'A'.repeat(43)
  const texts = [
    '',
    '\n',
    'log\n7\n',
    `log\n7\n${root}=`,
    `\n7\n${root}=\n`,
    `log\n07\n${root}=\n`,
    `log\n+7\n${root}=\n`,
    `log\n-7\n${root}=\n`,
    `log\n7.0\n${root}=\n`,
    `log\n7 \n${root}=\n`,
    `log\n9007199254740992\n${root}=\n`,
    `log\n99999999999999999999\n${root}=\n`,
    `log\n7\n${root}\n`,
    `log\n7\n${'A'.repeat(42)}B=\n`,
    `log\n7\n${'A'.repeat(42)}==\n`,
    `log\n7\n${root}=\n\n`,
    `log\n7\n${root}=\na\n\nb\n`,
    `log\n7\n${root}=\n${'line\n'.repeat(17)}`,
    `log\n7\n${root}=\n${'x'.repeat(1025)}\n`,
  ]
  for (const text of texts) {
    assert.is(
      codeOf(() => parseCheckpoint(text)),
      'NOTE_MALFORMED',
      JSON.stringify(text),
    )
  }
  assert.is(parseCheckpoint(`log\n0\n${root}=\na line\n`).size, 0)
})

test('writes no checkpoint that it would not read', () => {
  const wrong: readonly Partial<Checkpoint>[] = [
    { origin: '' },
    { origin: 'two\nlines' },
    { size: -1 },
    { size: 1.5 },
    { size: 2 ** 53 },
    { size: Number.NaN },
    { root: new Uint8Array(31) },
    { extension: [''] },
    { extension: ['a\nb'] },
    { extension: Array.from({ length: 17 }, () => 'x') },
  ]
  for (const fields of wrong) {
    assert.is(
      codeOf(() => signCheckpoint({ ...CHECKPOINT, ...fields }, [LOG])),
      'NOTE_MALFORMED',
      Object.keys(fields)[0],
    )
  }
})

test('is a statement of the log only when the log has signed it', () => {
  const stranger = createNoteSigner('stranger.example', new Uint8Array(32).fill(9))
  assert.is(
    codeOf(() => signCheckpoint(CHECKPOINT, [stranger])),
    'NOTE_MALFORMED',
  )
  const signed = PEER.cosign(NOTE, 1_800_000_000)
  assert.is(
    codeOf(() => openCheckpoint(signed, [PEER.verifier])),
    'NOTE_UNSIGNED',
  )
  assert.is(openCheckpoint(signed, [LOG.verifier]).unknown.length, 1)
})

test('has room for cosignatures, each with its time, after the log has signed', () => {
  const note = OTHER.cosign(PEER.cosign(NOTE, 1_800_000_000), 0)
  const { log, cosigners, unknown, note: kept } = openCheckpoint(note, KEYS)
  assert.is(log.name, 'log.example/a')
  assert.equal(
    cosigners.map(({ name, timeSec }) => [name, timeSec]),
    [
      ['peer.example/p', 1_800_000_000],
      ['peer.example/q', 0],
    ],
  )
  assert.equal(unknown, [])
  assert.is(kept, note)
  assert.ok(note.startsWith(NOTE))
})

test('replaces a co-signer’s line by its next one and leaves the others', () => {
  const note = OTHER.cosign(PEER.cosign(NOTE, 100), 200)
  const again = PEER.cosign(note, 300)
  assert.is(parseNote(again).signatures.length, 3)
  assert.equal(
    openCheckpoint(again, KEYS).cosigners.map(({ timeSec }) => timeSec),
    [200, 300],
  )
})

test('refuses a cosignature with another time, text or key', () => {
  const note = PEER.cosign(NOTE, 1_800_000_000)
  const line = note.trimEnd().split('\n').at(-1) as string
  const bytes = Buffer.from(line.split(' ').at(-1) as string, 'base64')
  for (let at = 4; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at] = (changed[at] as number) ^ 1
    const other = note.replace(bytes.toString('base64'), changed.toString('base64'))
    assert.is(
      codeOf(() => openCheckpoint(other, KEYS)),
      'SIGNATURE_INVALID',
      `byte ${at}`,
    )
  }
  const short = note.replace(bytes.toString('base64'), bytes.subarray(0, 75).toString('base64'))
  assert.is(
    codeOf(() => openCheckpoint(short, KEYS)),
    'SIGNATURE_INVALID',
  )
  const longer = signCheckpoint({ ...CHECKPOINT, size: 8 }, [LOG])
  assert.is(
    codeOf(() => openCheckpoint(`${longer}${line}\n`, KEYS)),
    'SIGNATURE_INVALID',
  )
})

test('never takes a note’s signature for a cosignature by the same key, or the other way round', () => {
  const asNoteKey = createNoteVerifier(PEER.verifier.name, PEER.verifier.publicKey)
  assert.is.not(asNoteKey.keyId, PEER.verifier.keyId)
  const signed = PEER.cosign(NOTE, 100)
  assert.is(openCheckpoint(signed, [LOG.verifier, asNoteKey]).cosigners.length, 0)
})

test('cosigns only checkpoints, at a whole time', () => {
  assert.is(
    codeOf(() => PEER.cosign('no note', 100)),
    'NOTE_MALFORMED',
  )
  assert.is(
    codeOf(() => PEER.cosign(NOTE.replace('\n7\n', '\nseven\n'), 100)),
    'NOTE_MALFORMED',
  )
  for (const timeSec of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.is(
      codeOf(() => PEER.cosign(NOTE, timeSec)),
      'RANGE_INVALID',
    )
  }
})

test.run()
