import type { Address, DatasetId } from '@halo/consent'
import { datasetIdOf, parseAddress } from '@halo/consent'
import type { SignedManifest } from '@halo/vault'
import { manifestSigner, parseManifest } from '@halo/vault'

/** A manifest with what this peer recovered from it; neither is anybody's word. */
export interface ReadManifest {
  readonly manifest: SignedManifest
  readonly signer: Address
  /** The data set that this record is under this signer. */
  readonly dataset: DatasetId
}

/** Reads an encoded manifest from outside and recovers who signed it; null when that is impossible. */
export function readManifest(bytes: Uint8Array): ReadManifest | null {
  try {
    const manifest = parseManifest(bytes)
    const signer = parseAddress(manifestSigner(manifest))
    return { manifest, signer, dataset: datasetIdOf(manifest.core.commitment, signer) }
  } catch {
    return null
  }
}
