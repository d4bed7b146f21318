import { hexOf } from '@halo/consent'
import type { KeyValueStore, StateEntry } from '@halo/ports'
import { WalletError } from './errors.ts'

const NONCE_BYTES = 12

/**
 * A store whose values and names nobody can read without the key: values are sealed with
 * AES-256-GCM (random nonce, stored name as associated data), names become HMAC-SHA-256. Only the
 * first segment of a name, such as `record`, stays readable; `list` works on whole first segments.
 * @param key 32 bytes; copied, the caller may wipe it
 */
export async function encryptStore(inner: KeyValueStore, key: Uint8Array): Promise<KeyValueStore> {
  const raw = await crypto.subtle.importKey('raw', key as Uint8Array<ArrayBuffer>, 'HKDF', false, [
    'deriveKey',
  ])
  const sealKey = await derive(raw, 'value', { name: 'AES-GCM', length: 256 }, ['encrypt', 'decrypt'])
  const nameKey = await derive(raw, 'name', { name: 'HMAC', hash: 'SHA-256', length: 256 }, ['sign'])
  const nameOf = async (name: string): Promise<string> => {
    const mac = await crypto.subtle.sign('HMAC', nameKey, new TextEncoder().encode(name))
    return `${name.split('/')[0]}/${hexOf(new Uint8Array(mac))}`
  }
  return {
    async get(name) {
      const stored = await nameOf(name)
      const sealed = await inner.get(stored)
      return sealed === null ? null : (await open(sealKey, stored, sealed)).value
    },
    put: async (name, value) => {
      const stored = await nameOf(name)
      await inner.put(stored, await seal(sealKey, stored, name, value))
    },
    putNew: async (name, value) => {
      const stored = await nameOf(name)
      return inner.putNew(stored, await seal(sealKey, stored, name, value))
    },
    delete: async (name) => inner.delete(await nameOf(name)),
    async list(prefix, { limit = Number.POSITIVE_INFINITY, after = '' } = {}) {
      const sealed = await inner.list(`${prefix.split('/')[0]}/`)
      const entries = await Promise.all(sealed.map((entry) => open(sealKey, entry.key, entry.value)))
      return entries
        .filter(({ key: name }) => name.startsWith(prefix) && name > after)
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .slice(0, limit)
    },
  }
}

async function derive(
  raw: CryptoKey,
  use: string,
  algorithm: { name: string; length: number; hash?: string },
  usages: KeyUsage[],
): Promise<CryptoKey> {
  const info = new TextEncoder().encode(`halo/wallet-store/1/${use}`)
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(32), info },
    raw,
    algorithm,
    false,
    usages,
  )
}

/** nonce ‖ AES-256-GCM(u16 name length ‖ name ‖ value) */
async function seal(key: CryptoKey, stored: string, name: string, value: Uint8Array): Promise<Uint8Array> {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
  const nameBytes = new TextEncoder().encode(name)
  const plain = new Uint8Array(2 + nameBytes.length + value.length)
  new DataView(plain.buffer).setUint16(0, nameBytes.length)
  plain.set(nameBytes, 2)
  plain.set(value, 2 + nameBytes.length)
  const additionalData = new TextEncoder().encode(stored)
  const sealed = new Uint8Array(
    await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData }, key, plain),
  )
  plain.fill(0)
  const result = new Uint8Array(NONCE_BYTES + sealed.length)
  result.set(nonce)
  result.set(sealed, NONCE_BYTES)
  return result
}

async function open(key: CryptoKey, stored: string, sealed: Uint8Array): Promise<StateEntry> {
  const iv = sealed.slice(0, NONCE_BYTES)
  const additionalData = new TextEncoder().encode(stored)
  try {
    const plain = await crypto.subtle.decrypt(
      { name: 'AES-GCM', iv, additionalData },
      key,
      sealed.slice(NONCE_BYTES),
    )
    const nameLength = new DataView(plain).getUint16(0)
    return {
      key: new TextDecoder().decode(new Uint8Array(plain, 2, nameLength)),
      value: new Uint8Array(plain.slice(2 + nameLength)),
    }
  } catch (cause) {
    throw new WalletError('STATE_DAMAGED', 'The wallet’s stored state does not open with this key.', {
      cause,
    })
  }
}
