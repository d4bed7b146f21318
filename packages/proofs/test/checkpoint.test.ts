import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import type { Checkpoint, NoteVerifier } from '../src/index.ts'
import {
  createCosigner,
  createNoteSigner,
  createNoteVerifier,
  emptyRoot,
  formatCheckpoint,
  openCheckpoint,
  openNote,
  parseCheckpoint,
  parseNote,
  signCheckpoint,
  signNote,
} from '../src/index.ts'
import { formatSignatureLine } from '../src/note.ts'

const test = suite('proofs/checkpoint')
const LOG = createNoteSigner('log.example/a', new Uint8Array(32).fill(1))
const PEER = createCosigner('peer.example/p', new Uint8Array(32).fill(2))
const OTHER = createCosigner('peer.example/q', new Uint8Array(32).fill(3))
const CHECKPOINT: Checkpoint = { origin: 'log.example/a', size: 7, root: emptyRoot(), extension: [] }
const NOTE = signCheckpoint(CHECKPOINT, [LOG])
const LOG_KEYS = [LOG.verifier]
const PEER_KEYS = [PEER.verifier, OTHER.verifier]

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
      const opened = openCheckpoint(signCheckpoint(checkpoint, [LOG]), LOG_KEYS, PEER_KEYS)
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
    codeOf(() => openCheckpoint(signed, [], [PEER.verifier])),
    'NOTE_UNSIGNED',
  )
  assert.is(openCheckpoint(signed, [LOG.verifier]).unknown.length, 1)
})

test('has room for cosignatures, each with its time, after the log has signed', () => {
  const note = OTHER.cosign(PEER.cosign(NOTE, 1_800_000_000), 0)
  const { log, cosigners, unknown, note: kept } = openCheckpoint(note, LOG_KEYS, PEER_KEYS)
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
    openCheckpoint(again, LOG_KEYS, PEER_KEYS).cosigners.map(({ timeSec }) => timeSec),
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
      codeOf(() => openCheckpoint(other, LOG_KEYS, PEER_KEYS)),
      'SIGNATURE_INVALID',
      `byte ${at}`,
    )
  }
  const short = note.replace(bytes.toString('base64'), bytes.subarray(0, 75).toString('base64'))
  assert.is(
    codeOf(() => openCheckpoint(short, LOG_KEYS, PEER_KEYS)),
    'SIGNATURE_INVALID',
  )
  const longer = signCheckpoint({ ...CHECKPOINT, size: 8 }, [LOG])
  assert.is(
    codeOf(() => openCheckpoint(`${longer}${line}\n`, LOG_KEYS, PEER_KEYS)),
    'SIGNATURE_INVALID',
  )
})

test('takes for the log no other key that bears its name', () => {
  const [{ name }, impostor] = [LOG.verifier, new Uint8Array(32).fill(9)]
  const signer = createNoteSigner(name, impostor)
  const cosigner = createCosigner(name, impostor)
  const forged = signCheckpoint({ ...CHECKPOINT, size: 8 }, [signer])
  for (const known of [signer.verifier, cosigner.verifier]) {
    const note = cosigner.cosign(forged, 100)
    const code = codeOf(() => openCheckpoint(note, LOG_KEYS, [...PEER_KEYS, known]))
    assert.is(code, 'NOTE_UNSIGNED', known.algorithm)
    assert.is(openCheckpoint(cosigner.cosign(NOTE, 100), LOG_KEYS, [known]).cosigners.length, 0)
  }
  assert.is(
    codeOf(() => openCheckpoint(cosigner.cosign(forged, 100), [cosigner.verifier])),
    'NOTE_UNSIGNED',
    'a key that cosigns does not sign for a log, whatever its name',
  )
  assert.is(
    codeOf(() => openCheckpoint(PEER.cosign(NOTE, 100), [PEER.verifier])),
    'NOTE_UNSIGNED',
  )
})

test('goes on with the log’s next key beside its last', () => {
  const next = createNoteSigner(LOG.verifier.name, new Uint8Array(32).fill(9))
  const both = [LOG.verifier, next.verifier]
  assert.is(openCheckpoint(NOTE, both).log.keyId, LOG.verifier.keyId)
  assert.is(openCheckpoint(signCheckpoint(CHECKPOINT, [next]), both).log.keyId, next.verifier.keyId)
  assert.equal(openCheckpoint(signCheckpoint(CHECKPOINT, [LOG, next]), both, both).cosigners, [])
})

test('counts a key once, whatever names it cosigns in, and the log’s own key not at all', () => {
  const [own, peer] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
  const cosigners = [
    createCosigner('self.example', own),
    PEER,
    createCosigner('peer.example/again', peer),
    OTHER,
  ]
  const asNoteKey = createNoteSigner('peer.example/note', peer)
  const signed = signCheckpoint(CHECKPOINT, [LOG, asNoteKey])
  const note = cosigners.reduce((so, { cosign }) => cosign(so, 100), signed)
  const known = cosigners.map(({ verifier }) => verifier)
  const countOf = (keys: readonly NoteVerifier[]) =>
    openCheckpoint(note, LOG_KEYS, keys).cosigners.map(({ name }) => name)
  assert.equal(countOf(known), ['peer.example/p', 'peer.example/q'])
  assert.equal(countOf([...known, asNoteKey.verifier]), ['peer.example/note', 'peer.example/q'])
  assert.equal(countOf(known.slice(2, 3)), ['peer.example/again'])
})

test('takes no note’s signature for a cosignature, or the other way round', () => {
  const asNoteKey = createNoteVerifier(PEER.verifier.name, PEER.verifier.publicKey)
  assert.is.not(asNoteKey.keyId, PEER.verifier.keyId)
  const signed = PEER.cosign(NOTE, 100)
  assert.is(openCheckpoint(signed, LOG_KEYS, [asNoteKey]).cosigners.length, 0)
  const bytes = Buffer.from(signed.trimEnd().split(' ').at(-1) as string, 'base64')
  const asCheckpoint = (text: string) =>
    `${text}\n${formatSignatureLine(asNoteKey.name, asNoteKey.keyId, bytes.subarray(12))}\n`
  const text = formatCheckpoint(CHECKPOINT)
  assert.is(
    codeOf(() => openCheckpoint(asCheckpoint(text), [], [asNoteKey])),
    'SIGNATURE_INVALID',
  )
  const message = `cosignature/v1\ntime 100\n${text}`
  assert.is(openNote(asCheckpoint(message), [asNoteKey]).text, message, 'what the co-signer did sign')
  assert.is(
    codeOf(() => openCheckpoint(asCheckpoint(message), [asNoteKey])),
    'NOTE_MALFORMED',
    'is no checkpoint',
  )
})

test('signs nothing as a note that would be a cosignature by the same key', () => {
  const signer = createNoteSigner(PEER.verifier.name, new Uint8Array(32).fill(2))
  const message = `cosignature/v1\ntime 77\n${formatCheckpoint(CHECKPOINT)}`
  assert.is(
    codeOf(() => signer.sign(message)),
    'NOTE_MALFORMED',
  )
  assert.is(
    codeOf(() => signNote(message, [signer])),
    'NOTE_MALFORMED',
  )
  const harmless = message.replace('v1', 'v1 ')
  assert.is(openNote(signNote(harmless, [signer]), [signer.verifier]).text, harmless)
})

test('refuses a cosignature by a key under which anything is signed', () => {
  const { note, publicKey } = cosignByNobody(NOTE, 100)
  const nobody = createNoteVerifier('nobody.example', publicKey, 'cosignature/v1')
  assert.is(
    codeOf(() => openCheckpoint(note, LOG_KEYS, [nobody])),
    'SIGNATURE_INVALID',
  )
})

/** The neutral point as key and as R, and S = 0: the equation of RFC 8032 §5.1.7 holds for every message. */
function cosignByNobody(note: string, timeSec: number): { note: string; publicKey: Uint8Array } {
  const publicKey = new Uint8Array(32)
  publicKey[0] = 1
  const { keyId } = createNoteVerifier('nobody.example', publicKey, 'cosignature/v1')
  const cosignature = new Uint8Array(72)
  new DataView(cosignature.buffer).setBigUint64(0, BigInt(timeSec))
  cosignature[8] = 1
  return { note: `${note}${formatSignatureLine('nobody.example', keyId, cosignature)}\n`, publicKey }
}

test('copies a Buffer of a key too', () => {
  const secret = Buffer.alloc(32, 2)
  const cosigner = createCosigner('peer.example/p', secret)
  secret.fill(0)
  assert.is(cosigner.cosign(NOTE, 100), PEER.cosign(NOTE, 100))
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
