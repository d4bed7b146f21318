import type { ScryptOptions } from 'node:crypto'
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { assertPrivate, isCode, writePrivateFile } from './data-dir.ts'
import { NodeError } from './errors.ts'

/** scrypt cost: 128 MiB and a few tenths of a second for each guess (OWASP's figures for N = 2^17). */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1 } as const
const SCRYPT_MAX_BYTES = 256 * 1024 * 1024

const keystoreSchema = z.strictObject({
  version: z.literal(1),
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    N: z.literal(SCRYPT.N),
    r: z.literal(SCRYPT.r),
    p: z.literal(SCRYPT.p),
    salt: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  cipher: z.literal('aes-256-gcm'),
  nonce: z.string().regex(/^[0-9a-f]{24}$/),
  sealed: z.string().regex(/^[0-9a-f]+$/),
})

/** Secrets by name, as text. */
export type Secrets = Readonly<Record<string, string>>

const FILE = 'keystore.json'
const PASSPHRASE_FILE = 'passphrase'

/**
 * Seals secrets under a passphrase into `keystore.json` of a data directory.
 * @throws NodeError `DATA_DIR_USED` when there is one: keys that are written over are lost
 */
export async function writeKeystore(dataDir: string, passphrase: string, secrets: Secrets): Promise<void> {
  await assertUnused(dataDir)
  const salt = randomBytes(32)
  const nonce = randomBytes(12)
  const key = await stretch(passphrase, salt)
  try {
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    const sealed = Buffer.concat([
      cipher.update(JSON.stringify(secrets), 'utf8'),
      cipher.final(),
      cipher.getAuthTag(),
    ])
    const kdf = { name: 'scrypt', ...SCRYPT, salt: salt.toString('hex') }
    const keystore = {
      version: 1,
      kdf,
      cipher: 'aes-256-gcm',
      nonce: nonce.toString('hex'),
      sealed: sealed.toString('hex'),
    }
    await writePrivateFile(join(dataDir, FILE), `${JSON.stringify(keystore, null, 2)}\n`)
  } finally {
    key.fill(0)
  }
}

/**
 * Opens the keystore of a data directory.
 * @throws NodeError `DATA_DIR_MISSING`, `KEYSTORE_DAMAGED`, `PASSPHRASE_WRONG`, `DATA_DIR_OPEN`
 */
export async function readKeystore(dataDir: string, passphrase: string): Promise<Secrets> {
  const { kdf, nonce, sealed } = await readKeystoreFile(dataDir)
  const key = await stretch(passphrase, Buffer.from(kdf.salt, 'hex'))
  try {
    const bytes = Buffer.from(sealed, 'hex')
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'hex'))
    decipher.setAuthTag(bytes.subarray(-16))
    const plain = Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()])
    return z.record(z.string(), z.string()).parse(JSON.parse(plain.toString('utf8')))
  } catch {
    // The cause is not passed on: nothing of the content may reach a log.
    throw new NodeError('PASSPHRASE_WRONG', `The passphrase does not open the keystore in ${dataDir}.`)
  } finally {
    key.fill(0)
  }
}

/** @throws NodeError `DATA_DIR_USED` when a data directory already holds keys */
export async function assertUnused(dataDir: string): Promise<void> {
  if (await exists(join(dataDir, FILE)))
    throw new NodeError(
      'DATA_DIR_USED',
      `${dataDir} already holds keys. Choose another directory with --data.`,
    )
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function missing(dataDir: string): NodeError {
  return new NodeError('DATA_DIR_MISSING', `There is nothing in ${dataDir} yet. Run init first.`)
}

async function readKeystoreFile(dataDir: string): Promise<z.infer<typeof keystoreSchema>> {
  const path = join(dataDir, FILE)
  try {
    await assertPrivate(path)
    return keystoreSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    if (cause instanceof NodeError) throw cause
    if (isCode(cause, 'ENOENT')) throw missing(dataDir)
    throw new NodeError('KEYSTORE_DAMAGED', `${path} is not a Halo keystore. Restore it from a copy.`, {
      cause,
    })
  }
}

function stretch(passphrase: string, salt: Buffer): Promise<Buffer> {
  const options: ScryptOptions = { ...SCRYPT, maxmem: SCRYPT_MAX_BYTES }
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), salt, 32, options, (error, key) =>
      error ? reject(error) : resolve(key),
    )
  })
}

/**
 * The passphrase from a file, by default `passphrase` in the data directory; trailing newline ignored.
 * Passphrases are never taken from the command line, where other users can see them.
 * @throws NodeError `PASSPHRASE_MISSING`, `DATA_DIR_MISSING`, `DATA_DIR_OPEN`
 */
export async function readPassphrase(dataDir: string, file: string | undefined): Promise<string> {
  const path = file ?? join(dataDir, PASSPHRASE_FILE)
  try {
    await assertPrivate(path)
    const text = (await readFile(path, 'utf8')).replace(/\r?\n$/, '')
    if (text.length > 0) return text
  } catch (cause) {
    if (cause instanceof NodeError) throw cause
    if (file === undefined && !(await exists(dataDir))) throw missing(dataDir)
  }
  throw new NodeError(
    'PASSPHRASE_MISSING',
    `There is no readable passphrase in ${path}. Name the file with --passphrase-file.`,
  )
}

/** Makes a random passphrase in the data directory, for daemons that start unattended. */
export async function createPassphrase(dataDir: string): Promise<string> {
  const passphrase = randomBytes(32).toString('base64url')
  await writePrivateFile(join(dataDir, PASSPHRASE_FILE), `${passphrase}\n`)
  return passphrase
}
