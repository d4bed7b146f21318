import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { RecordsError } from '../errors.ts'

/** Names and offsets that one recipient sees; another recipient's say nothing about them. */
export interface Pseudonyms {
  /** 32 hexadecimal digits that stand for an identifier of one kind. */
  pseudonymOf(kind: string, identifier: string): string
  /** A patient's offset in whole days: from 1 to 364 either way, never 0. */
  shiftDaysOf(patient: string, keepsWeekday: boolean): number
}

const MIN_SECRET_BYTES = 32
const MAX_RECIPIENT_LENGTH = 256
/** Pseudonyms kept at hand: patients and devices come back in every resource. */
const MAX_CACHED = 10_000

/**
 * Keys for one recipient, by HKDF-SHA256 from the secret; pseudonyms and offsets by HMAC-SHA256 with different
 * keys. 128 bits are kept of a pseudonym, so that two identifiers never share one by accident.
 * @throws RecordsError `SECRET_INVALID` for fewer than 32 bytes or one byte repeated, `RECIPIENT_INVALID` for no or too long a name
 * @see https://www.rfc-editor.org/rfc/rfc5869
 */
export function derivePseudonyms(secret: Uint8Array, recipient: string): Pseudonyms {
  const pseudonymKey = deriveKey(secret, recipient, 'pseudonym')
  const shiftKey = deriveKey(secret, recipient, 'shift')
  const cached = new Map<string, string>()
  return {
    pseudonymOf(kind, identifier) {
      const name = `${kind}\0${identifier}`
      const known = cached.get(name)
      if (known !== undefined) return known
      const pseudonym = bytesToHex(hmac(sha256, pseudonymKey, utf8ToBytes(name))).slice(0, 32)
      if (cached.size >= MAX_CACHED) cached.clear()
      cached.set(name, pseudonym)
      return pseudonym
    },
    shiftDaysOf(patient, keepsWeekday) {
      const digest = hmac(sha256, shiftKey, utf8ToBytes(patient))
      const drawn = new DataView(digest.buffer, digest.byteOffset).getUint32(0)
      return keepsWeekday ? signed(drawn, 52) * 7 : signed(drawn, 364)
    },
  }
}

/** One of -most … -1, 1 … most. The bias of 32 bits over 728 values is below one in five million. */
function signed(drawn: number, most: number): number {
  const index = drawn % (2 * most)
  return index < most ? index - most : index - most + 1
}

function deriveKey(secret: Uint8Array, recipient: string, use: string): Uint8Array {
  if (secret.length < MIN_SECRET_BYTES)
    throw new RecordsError('SECRET_INVALID', `The secret must have ${MIN_SECRET_BYTES} bytes or more.`, {
      minBytes: MIN_SECRET_BYTES,
    })
  if (secret.every((byte) => byte === secret[0]))
    throw new RecordsError(
      'SECRET_INVALID',
      'The secret is one byte repeated, which anybody can guess; draw it at random.',
      { minBytes: MIN_SECRET_BYTES },
    )
  const name = recipient.trim().normalize('NFC')
  if (name === '' || name.length > MAX_RECIPIENT_LENGTH || !name.isWellFormed())
    throw new RecordsError(
      'RECIPIENT_INVALID',
      `Name the recipient, in at most ${MAX_RECIPIENT_LENGTH} characters.`,
      { maxLength: MAX_RECIPIENT_LENGTH },
    )
  const info = utf8ToBytes(`halo/deidentify/1/${use}/${name}`)
  return hkdf(sha256, secret, undefined, info, 32)
}
