import { randomBytes } from 'node:crypto'
import type { Address, Hex } from '@halo/consent'
import { bytesOf, hexOf, parseAddress } from '@halo/consent'
import type { PeerKey } from '@halo/peers'
import { createPeerKey, peerIdOf } from '@halo/peers'
import { createKemKeyPair } from '@halo/vault'
import { computeAddress } from 'ethers'
import type { Secrets } from './keystore.ts'

/** A node's keys, in clear. */
export interface NodeKeys {
  readonly peerKey: PeerKey
  readonly peerId: string
  readonly operator: Address
  /** Private key of the operator's account. */
  readonly operatorKey: Hex
  readonly kemPublicKey: Uint8Array
  /** 32-byte seed. */
  readonly kemSecretKey: Uint8Array
}

/** Fresh secrets for a node's keystore. */
export function createNodeSecrets(): Secrets {
  const fresh = (): string => hexOf(randomBytes(32))
  return { peerSeed: fresh(), kemSeed: fresh(), operatorKey: fresh() }
}

/** The keys that a node's secrets stand for. */
export async function deriveNodeKeys(secrets: Secrets): Promise<NodeKeys> {
  const peerKey = await createPeerKey(bytesOf(secretOf(secrets, 'peerSeed')))
  const kem = await createKemKeyPair(bytesOf(secretOf(secrets, 'kemSeed')))
  const operatorKey = secretOf(secrets, 'operatorKey')
  return {
    peerKey,
    peerId: peerIdOf(peerKey),
    operator: parseAddress(computeAddress(operatorKey)),
    operatorKey,
    kemPublicKey: kem.publicKey,
    kemSecretKey: kem.secretKey,
  }
}

function secretOf(secrets: Secrets, name: string): Hex {
  const secret = secrets[name]
  if (secret === undefined) throw new Error(`The keystore has no ${name}.`)
  return secret as Hex
}
