import type { Address, TypedDataSigner } from '@halo/consent'
import { getBytes, HDNodeWallet, Mnemonic, randomBytes } from 'ethers'
import { WalletError } from './errors.ts'

/** A signing key for one data set. */
export interface DatasetKey extends TypedDataSigner {
  readonly address: Address
  /** secp256k1 over a 32-byte digest: r ‖ s ‖ v, 65 bytes, low s. */
  signDigest(digest: Uint8Array): Uint8Array
}

/** Derives a wallet's keys; the phrase itself never leaves it. */
export interface Keyring {
  /** The key at BIP-44 path m/44'/60'/0'/0/index: one address per data set, so that they cannot be linked. */
  datasetKey(index: number): DatasetKey
}

/** Twelve fresh recovery words, BIP-39 English. */
export function createMnemonic(): string {
  return Mnemonic.fromEntropy(randomBytes(16)).phrase
}

/** @throws WalletError `MNEMONIC_INVALID` */
export function openKeyring(mnemonic: string): Keyring {
  const root = rootOf(mnemonic)
  return {
    datasetKey(index) {
      const node = root.deriveChild(index)
      return {
        address: node.address as Address,
        signTypedData: (domain, types, value) => node.signTypedData(domain, types, value),
        signDigest: (digest) => getBytes(node.signingKey.sign(digest).serialized),
      }
    },
  }
}

function rootOf(mnemonic: string): HDNodeWallet {
  try {
    return HDNodeWallet.fromPhrase(mnemonic.trim().split(/\s+/).join(' '), '', "m/44'/60'/0'/0")
  } catch {
    // The library's error may quote the words: it is not passed on.
    throw new WalletError('MNEMONIC_INVALID', 'These recovery words are not valid. Check spelling and order.')
  }
}
