import { createPublicKey, verify } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { isEd25519Signature } from '../src/ed25519-check.ts'
import { createNoteVerifier, type NoteVerifier, openNote } from '../src/index.ts'
import { formatNote, formatSignatureLine } from '../src/note.ts'
import { bytes32Of } from './receipt-samples.ts'
import { signByTorsionKey, signWithTorsion } from './torsion-signature.ts'

const test = suite('proofs/torsion')

const SECRET = bytes32Of('key of a log')
const PUBLIC = ed25519.getPublicKey(SECRET)
const TEXT = 'log.example/a\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n'
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

/** What OpenSSL says, whose equation has no cofactor. */
function isTakenByOpenssl(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  const header = Buffer.from('302a300506032b6570032100', 'hex')
  const key = createPublicKey({ key: Buffer.concat([header, publicKey]), format: 'der', type: 'spki' })
  return verify(null, message, key, signature)
}

const codeOfNote = (signature: Uint8Array, verifier: NoteVerifier): string => {
  const line = formatSignatureLine(verifier.name, verifier.keyId, signature)
  return codeOf(() => openNote(formatNote(TEXT, [line]), [verifier]))
}

test('refuses a note whose signature only holds where the equation is multiplied by the cofactor', () => {
  const signature = signWithTorsion(bytesOf(TEXT), SECRET)
  assert.ok(ed25519.verify(signature, bytesOf(TEXT), PUBLIC, { zip215: false }), 'others do take it')
  assert.not.ok(isTakenByOpenssl(signature, bytesOf(TEXT), PUBLIC))
  const verifier = createNoteVerifier('log.example/a', PUBLIC)
  assert.is(codeOfNote(signature, verifier), 'SIGNATURE_INVALID')
  assert.is(codeOfNote(ed25519.sign(bytesOf(TEXT), SECRET), verifier), 'none')
})

test('refuses such a cosignature', () => {
  const timeSec = 1_700_000_000
  const signed = bytesOf(`cosignature/v1\ntime ${timeSec}\n${TEXT}`)
  const time = new Uint8Array(8)
  new DataView(time.buffer).setBigUint64(0, BigInt(timeSec))
  const verifier = createNoteVerifier('peer.example/p', PUBLIC, 'cosignature/v1')
  assert.is(codeOfNote(Uint8Array.of(...time, ...ed25519.sign(signed, SECRET)), verifier), 'none')
  const wrong = Uint8Array.of(...time, ...signWithTorsion(signed, SECRET))
  assert.is(codeOfNote(wrong, verifier), 'SIGNATURE_INVALID')
})

test('takes no signature of a key with a part of small order, of which verifiers take one in eight or all', () => {
  const taken = { withCofactor: 0, byOpenssl: 0, here: 0 }
  for (let count = 0; count < 32; count++) {
    const message = bytesOf(`message ${count}`)
    const { publicKey, signature } = signByTorsionKey(message, SECRET)
    if (ed25519.verify(signature, message, publicKey, { zip215: false })) taken.withCofactor++
    if (isTakenByOpenssl(signature, message, publicKey)) taken.byOpenssl++
    if (isEd25519Signature(signature, message, publicKey)) taken.here++
  }
  assert.is(taken.withCofactor, 32)
  assert.is(taken.here, 0)
  assert.ok(taken.byOpenssl > 0 && taken.byOpenssl < 32, `${taken.byOpenssl} of 32`)
})

test.run()
