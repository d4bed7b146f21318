import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import {
  createNoteSigner,
  createNoteVerifier,
  formatVerifierKey,
  openNote,
  parseNote,
  parseVerifierKey,
  signNote,
} from '../src/index.ts'
import { formatSignatureLine, isSignatureLine } from '../src/note.ts'

const test = suite('proofs/note')
const keyOf = (fill: number): Uint8Array => new Uint8Array(32).fill(fill)
const ONE = createNoteSigner('one.example/log', keyOf(1))
const TWO = createNoteSigner('two.example/log', keyOf(2))
const TEXT = 'A text\nof two lines\n'
const NOTE = signNote(TEXT, [ONE, TWO])
const codeOfNote = (note: string | Uint8Array, verifiers = [ONE.verifier, TWO.verifier]): string =>
  codeOf(() => openNote(note, verifiers))

/** Any text that may be signed. */
const texts = fc
  .string({ unit: 'binary', maxLength: 80 })
  .map((text) => `${[...text].filter((char) => char >= ' ' || char === '\n').join('')}\n`)
  .filter((text) => text.isWellFormed())

test('opens what it signed, whatever the text, and names who signed', async () => {
  await holds(
    fc.property(texts, (text) => {
      const note = signNote(text, [ONE, TWO])
      const { text: opened, verified, unknown } = openNote(note, [TWO.verifier, ONE.verifier])
      assert.is(opened, text)
      assert.equal(
        verified.map(({ name }) => name),
        [ONE.verifier.name, TWO.verifier.name],
      )
      assert.equal(unknown, [])
      assert.equal(openNote(new TextEncoder().encode(note), [ONE.verifier]).text, text)
    }),
    40,
  )
})

test('is the same note for the same text and keys', () => {
  assert.is(signNote(TEXT, [ONE, TWO]), NOTE)
})

test('keeps the lines of keys it does not know, in order, none twice', () => {
  const lines = NOTE.trimEnd().split('\n').slice(-2)
  const { verified, unknown } = openNote(`${NOTE}${lines[1]}\n`, [ONE.verifier])
  assert.is(verified.length, 1)
  assert.equal(
    unknown.map(({ line }) => line),
    [lines[1]],
  )
  assert.equal(
    parseNote(NOTE).signatures.map(({ line }) => line),
    lines,
  )
})

test('takes a key of the same name and another id as unknown', () => {
  const namesake = createNoteVerifier(ONE.verifier.name, TWO.verifier.publicKey)
  assert.is(codeOfNote(NOTE, [namesake]), 'NOTE_UNSIGNED')
  assert.is(openNote(NOTE, [namesake, TWO.verifier]).unknown.length, 1)
})

test('refuses the whole note for one wrong signature of a known key, wherever it stands', () => {
  const [first, second] = NOTE.trimEnd().split('\n').slice(-2) as [string, string]
  const wrong = signNote('Another\n', [TWO]).trimEnd().split('\n').at(-1)
  assert.is(codeOfNote(`${TEXT}\n${first}\n${wrong}\n`), 'SIGNATURE_INVALID')
  assert.is(codeOfNote(`${TEXT}\n${wrong}\n${first}\n`), 'SIGNATURE_INVALID')
  assert.is(codeOfNote(`${TEXT}\n${first}\n${second}\n${wrong}\n`), 'SIGNATURE_INVALID')
  assert.is(codeOfNote(`${TEXT}\n${first}\n${wrong}\n`, [ONE.verifier]), 'none')
})

test('is broken by any flipped bit of it', () => {
  const bytes = new TextEncoder().encode(signNote(TEXT, [ONE]))
  const codes = new Map<string, number>()
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice()
    flipped[bit >>> 3] = (flipped[bit >>> 3] as number) ^ (1 << (bit & 7))
    const code = codeOfNote(flipped, [ONE.verifier])
    codes.set(code, (codes.get(code) ?? 0) + 1)
  }
  assert.is(codes.get('none'), undefined)
  assert.equal([...codes.keys()].sort(), ['NOTE_MALFORMED', 'NOTE_UNSIGNED', 'SIGNATURE_INVALID'])
})

test('is broken wherever it is cut', () => {
  const bytes = new TextEncoder().encode(signNote(TEXT, [ONE]))
  for (let length = 0; length < bytes.length; length++) {
    assert.is(codeOfNote(bytes.subarray(0, length), [ONE.verifier]), 'NOTE_MALFORMED')
  }
})

test('reads a signature in its one form of base64', () => {
  const line = NOTE.trimEnd().split('\n').at(-1) as string
  const base64 = line.split(' ').at(-1) as string
  const spare = `${base64.slice(0, -2)}${String.fromCharCode(base64.charCodeAt(base64.length - 2) + 1)}=`
  assert.equal(Buffer.from(spare, 'base64'), Buffer.from(base64, 'base64'), 'the same bytes, loosely read')
  assert.is(codeOfNote(NOTE.replace(base64, spare)), 'NOTE_MALFORMED')
  assert.is(codeOfNote(NOTE.replace(base64, base64.replace(/=$/, ''))), 'NOTE_MALFORMED')
})

test('takes 64 signatures, and refuses more of them, and a note without end', () => {
  const many = (count: number) =>
    signNote(
      TEXT,
      Array.from({ length: count }, (_, i) => createNoteSigner(`n${i}.example`, keyOf(i + 1))),
    )
  const first = createNoteSigner('n0.example', keyOf(1)).verifier
  assert.is(openNote(many(64), [first]).unknown.length, 63)
  assert.is(
    codeOf(() => many(65)),
    'NOTE_MALFORMED',
  )
  const line = NOTE.trimEnd().split('\n').at(-1)
  assert.is(codeOfNote(`${NOTE}${`${line}\n`.repeat(63)}`), 'NOTE_MALFORMED')
  assert.is(codeOfNote(new Uint8Array(10_000_000).fill(10)), 'NOTE_MALFORMED')
  assert.is(codeOfNote(`${'x'.repeat(600_000)}\n${NOTE}`), 'NOTE_MALFORMED')
})

test('refuses a control character even where a known key has signed it', () => {
  for (const char of ['\t', '\r', '\0', '\x1f']) {
    const text = `A${char}text\n`
    const { name, keyId } = ONE.verifier
    const note = `${text}\n${formatSignatureLine(name, keyId, ONE.sign(text))}\n`
    assert.is(codeOfNote(note), 'NOTE_MALFORMED')
    assert.is(codeOfNote(note.replaceAll(char, ' ')), 'SIGNATURE_INVALID')
  }
})

test('signs no text that is not in the form', () => {
  for (const text of ['', 'no newline', 'tab\t\n', 'return\r\n', 'nul\0\n', 'half \ud800\n']) {
    assert.is(
      codeOf(() => signNote(text, [ONE])),
      'NOTE_MALFORMED',
      JSON.stringify(text),
    )
  }
  assert.is(
    codeOf(() => signNote(TEXT, [])),
    'NOTE_MALFORMED',
  )
  assert.is(codeOfNote(`half \ud800\n${NOTE}`), 'NOTE_MALFORMED')
})

test('has no key with a name or bytes that a note cannot hold', () => {
  for (const name of [
    '',
    'a b',
    'a+b',
    'a\u00a0b',
    'a\u3000b',
    'a\u0085b',
    'a\nb',
    '\ud800',
    'x'.repeat(256),
  ]) {
    assert.is(
      codeOf(() => createNoteVerifier(name, keyOf(1))),
      'NOTE_MALFORMED',
      JSON.stringify(name),
    )
  }
  for (const key of [new Uint8Array(31), new Uint8Array(33), 'key' as unknown as Uint8Array]) {
    assert.is(
      codeOf(() => createNoteVerifier('name', key)),
      'NOTE_MALFORMED',
    )
    assert.is(
      codeOf(() => createNoteSigner('name', key)),
      'NOTE_MALFORMED',
    )
  }
})

test('reads the verifier keys it writes, and none with a changed character', () => {
  const vkey = formatVerifierKey(ONE.verifier)
  assert.equal(parseVerifierKey(vkey), ONE.verifier)
  for (let at = 0; at < vkey.length; at++) {
    const changed = `${vkey.slice(0, at)}${vkey[at] === 'A' ? 'B' : 'A'}${vkey.slice(at + 1)}`
    assert.is(
      codeOf(() => parseVerifierKey(changed)),
      'NOTE_MALFORMED',
      changed,
    )
  }
})

test('copies the keys it is given, Buffers too', () => {
  for (const secret of [keyOf(7), Buffer.alloc(32, 7)]) {
    const signer = createNoteSigner('copy.example', secret)
    const note = signNote(TEXT, [signer])
    const publicKey = Buffer.from(signer.verifier.publicKey)
    const verifier = createNoteVerifier('copy.example', publicKey)
    secret.fill(0)
    publicKey.fill(0)
    assert.is(signNote(TEXT, [signer]), note)
    assert.is(codeOfNote(note, [verifier]), 'none')
  }
})

test('refuses a signature by a key under which anything is signed', () => {
  // The neutral point as key and as R, and S = 0: the equation of RFC 8032 §5.1.7 holds for every message.
  const publicKey = keyOf(0)
  publicKey[0] = 1
  const signature = new Uint8Array(64)
  signature[0] = 1
  const nobody = createNoteVerifier('nobody.example', publicKey)
  const note = `${TEXT}\n${formatSignatureLine(nobody.name, nobody.keyId, signature)}\n`
  assert.is(codeOfNote(note, [nobody]), 'SIGNATURE_INVALID')
})

test('tells which lines may stand under a note', () => {
  const line = NOTE.trimEnd().split('\n').at(-1) as string
  assert.ok(isSignatureLine(line))
  const wrong = [
    '— junk AAAA=',
    '— junk AAAA',
    '— junk AAAAAA=',
    '— a\u0085b AAAAAAA=',
    `${line} `,
    `${line}\n`,
    '',
  ]
  for (const each of wrong) {
    assert.not.ok(isSignatureLine(each), JSON.stringify(each))
    assert.is(codeOfNote(`${NOTE}${each}\n`), 'NOTE_MALFORMED', JSON.stringify(each))
  }
})

test('takes the control characters that are not of ASCII, as Go does', () => {
  const text = 'A\u007f\u0085\u009ftext\n'
  assert.is(openNote(signNote(text, [ONE]), [ONE.verifier]).text, text)
})

test('says nothing of a text in its errors', () => {
  const texts = ['patient 4711\t\n', 'patient 4711']
  for (const text of texts) {
    try {
      signNote(text, [ONE])
      assert.unreachable()
    } catch (error) {
      assert.not.match((error as Error).message, '4711')
    }
  }
})

test.run()
