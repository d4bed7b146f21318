import { decode, encode } from '@ipld/dag-cbor'
import { sha256 } from '@noble/hashes/sha2.js'
import { areEqual, concatBytes, copyBytes, domainTag } from './bytes.ts'
import { recoverEvmSigner } from './evm-signer.ts'
import { bytesAt, invalidField, mapAt } from './manifest-fields.ts'
import {
  checkPlacementFits,
  MANIFEST_SUITE,
  type ManifestCore,
  type ManifestSuite,
  type Placement,
  parseCore,
  parsePlacement,
  placementHashOf,
} from './manifest-format.ts'

/** Largest accepted encoding: 255 shards and shares with long names fit twice over. */
export const MAX_MANIFEST_BYTES = 262_144

/** A manifest with the patient's signature. */
export interface SignedManifest {
  readonly core: ManifestCore
  /** Null for who may not know where the record is. */
  readonly placement: Placement | null
  /** r ‖ s ‖ v, 65 bytes, over {@link manifestDigest}. */
  readonly signature: Uint8Array
}

/**
 * Completes a manifest and has it signed. All values are checked and copied.
 * @param core its suite is, where it names none, that of a record sealed as it is
 * @param sign signs a 32-byte digest as it is (no prefix, no further hash) and returns r ‖ s ‖ v, 65 bytes
 * @throws VaultError `MANIFEST_INVALID` {field}, also for a signature that is not canonical
 */
export async function signManifest(
  core: Omit<ManifestCore, 'placementHash' | 'version' | 'suite'> & { readonly suite?: ManifestSuite },
  placement: Placement,
  sign: (digest: Uint8Array) => Promise<Uint8Array> | Uint8Array,
): Promise<SignedManifest> {
  const checkedPlacement = parsePlacement(placement)
  const placementHash = placementHashOf(checkedPlacement)
  const checkedCore = parseCore({ suite: MANIFEST_SUITE, ...core, version: 1, placementHash })
  checkPlacementFits(checkedCore, checkedPlacement)
  const signature = copyBytes(await sign(manifestDigest(checkedCore)))
  const manifest = { core: checkedCore, placement: checkedPlacement, signature }
  manifestSigner(manifest)
  return manifest
}

/** SHA-256("halo/manifest/1\0" ‖ canonical dag-cbor of the core): what the patient signs, 32 bytes. */
export function manifestDigest(core: ManifestCore): Uint8Array {
  return sha256(concatBytes(domainTag('halo/manifest/1'), encode(core)))
}

/**
 * Canonical dag-cbor of a manifest. Without placement it is what a researcher may see; the signature
 * still verifies. With placement asked for but unknown, the field is null.
 */
export function encodeManifest(
  manifest: SignedManifest,
  options: { readonly withPlacement: boolean },
): Uint8Array {
  const { core, placement, signature } = manifest
  return encode({ core, placement: options.withPlacement ? placement : null, signature })
}

/**
 * A manifest from outside. Only the canonical encoding is accepted, every value is checked, and a
 * placement must be the signed one. Who signed is for the caller to compare: {@link manifestSigner}.
 * @throws VaultError `MANIFEST_INVALID` {field}; field `encoding` for bytes that are not canonical dag-cbor
 */
export function parseManifest(bytes: Uint8Array): SignedManifest {
  if (bytes.length > MAX_MANIFEST_BYTES) throw invalidField('encoding')
  const fields = mapAt(decodeStrictly(bytes), 'manifest', ['core', 'placement', 'signature'])
  const core = parseCore(fields.core)
  const placement = fields.placement === null ? null : parsePlacement(fields.placement)
  if (placement !== null) checkPlacementFits(core, placement)
  const manifest = { core, placement, signature: bytesAt(fields.signature, 'signature', 65) }
  if (!areEqual(encodeManifest(manifest, { withPlacement: true }), bytes)) throw invalidField('encoding')
  return manifest
}

/**
 * The EIP-55 checksummed address that signed a manifest. Anyone can sign: compare it with the owner.
 * @throws VaultError `MANIFEST_INVALID` {field: 'signature'}
 */
export function manifestSigner(manifest: Pick<SignedManifest, 'core' | 'signature'>): string {
  const signer = recoverEvmSigner(manifestDigest(manifest.core), manifest.signature)
  if (signer === null) throw invalidField('signature')
  return signer
}

function decodeStrictly(bytes: Uint8Array): unknown {
  try {
    return decode<unknown>(bytes)
  } catch (cause) {
    throw invalidField('encoding', cause)
  }
}
