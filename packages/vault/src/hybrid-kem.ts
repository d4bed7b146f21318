import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core'
import { XWing } from '@hpke/hybridkem-x-wing'
import { encode } from '@ipld/dag-cbor'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, copyBytes, randomBytes, textBytes } from './bytes.ts'
import { VaultError } from './errors.ts'

/** Length of an X-Wing public key: ML-KEM-768 1184 ‖ X25519 32. */
export const KEM_PUBLIC_KEY_BYTES = 1216
/** Length of an X-Wing secret key: the seed both parts are expanded from. */
export const KEM_SECRET_KEY_BYTES = 32
/** What sealing adds to a plaintext: X-Wing ciphertext 1120 ‖ AES-GCM tag 16. */
export const SEAL_OVERHEAD_BYTES = 1136

const ENC_BYTES = 1120
const INFO = concatBytes(textBytes('halo/hpke/1')).buffer

/** An X-Wing key pair; the caller owns both buffers and wipes the secret one. */
export interface KemKeyPair {
  /** 1216 bytes. */
  readonly publicKey: Uint8Array
  /** 32 bytes, the seed. */
  readonly secretKey: Uint8Array
}

/**
 * A key pair of X-Wing (X25519 + ML-KEM-768): secure as long as either half is.
 * @param seed 32 bytes in place of fresh ones; copied
 * @throws VaultError `KEY_INVALID`
 * @see draft-connolly-cfrg-xwing-kem
 */
export async function createKemKeyPair(seed?: Uint8Array): Promise<KemKeyPair> {
  const secretKey = seed === undefined ? randomBytes(KEM_SECRET_KEY_BYTES) : copyBytes(seed)
  checkKey(secretKey, KEM_SECRET_KEY_BYTES)
  const kem = new XWing()
  const pair = await kem.generateKeyPairDerand(copyBytes(secretKey))
  return { publicKey: new Uint8Array(await kem.serializePublicKey(pair.publicKey)), secretKey }
}

/** SHA-256 of a public key, 32 bytes: what is bound on chain. */
export function kemKeyHash(publicKey: Uint8Array): Uint8Array {
  return sha256(publicKey)
}

/**
 * Seals a short plaintext to a public key: HPKE base mode, X-Wing, HKDF-SHA-256, AES-256-GCM.
 * @param context what the bytes are for; the same must be given to open them
 * @returns encapsulated key 1120 ‖ ciphertext ‖ tag 16
 * @throws VaultError `KEY_INVALID`
 * @see RFC 9180, section 5.1.1
 */
export async function sealTo(
  publicKey: Uint8Array,
  plaintext: Uint8Array,
  context: Uint8Array,
): Promise<Uint8Array> {
  checkKey(publicKey, KEM_PUBLIC_KEY_BYTES)
  const copy = copyBytes(plaintext)
  try {
    const suite = createSuite()
    const recipientPublicKey = await suite.kem.importKey('raw', copyBytes(publicKey).buffer, true)
    const sender = await suite.createSenderContext({ recipientPublicKey, info: INFO })
    const sealed = await sender.seal(copy.buffer, copyBytes(context).buffer)
    return concatBytes(new Uint8Array(sender.enc), new Uint8Array(sealed))
  } finally {
    copy.fill(0)
  }
}

/**
 * Opens what {@link sealTo} made.
 * @param secretKey 32 bytes; not changed
 * @returns the plaintext in a fresh buffer that the caller owns and wipes
 * @throws VaultError `KEY_INVALID`; `SEALED_SHARE_FORGED` when key, context or bytes are not the right ones
 */
export async function openSealed(
  secretKey: Uint8Array,
  sealed: Uint8Array,
  context: Uint8Array,
): Promise<Uint8Array> {
  checkKey(secretKey, KEM_SECRET_KEY_BYTES)
  const copy = copyBytes(secretKey)
  try {
    const suite = createSuite()
    const recipientKey = await suite.kem.importKey('raw', copy.buffer, false)
    const enc = copyBytes(sealed.subarray(0, ENC_BYTES)).buffer
    const recipient = await suite.createRecipientContext({ recipientKey, enc, info: INFO })
    const body = copyBytes(sealed.subarray(ENC_BYTES)).buffer
    return new Uint8Array(await recipient.open(body, copyBytes(context).buffer))
  } catch (cause) {
    throw new VaultError('SEALED_SHARE_FORGED', 'These bytes do not open with this key in this context.', {
      cause,
    })
  } finally {
    copy.fill(0)
  }
}

/**
 * Binds a share at rest to its holder, its id and the data set it belongs to: canonical dag-cbor
 * ['halo/stored-share/1', peerId, id, dataset]. Without the data set, whoever has seen a manifest could
 * sign one of their own over the same shares and have them released for it.
 * @param dataset 32 bytes, the data set's id, which names its owner
 */
export function storedShareContext(peerId: string, id: Uint8Array, dataset: Uint8Array): Uint8Array {
  return encode(['halo/stored-share/1', peerId, id, dataset])
}

/** Binds a released share to one request: canonical dag-cbor ['halo/released-share/1', requestId, index]. */
export function releasedShareContext(requestId: Uint8Array, index: number): Uint8Array {
  return encode(['halo/released-share/1', requestId, index])
}

function createSuite(): CipherSuite {
  return new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })
}

function checkKey(key: Uint8Array, sizeBytes: number): void {
  if (key.length !== sizeBytes)
    throw new VaultError('KEY_INVALID', `This KEM key must be ${sizeBytes} bytes.`)
}
