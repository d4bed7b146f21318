import type { Address, Bytes32, Deployment, TypedDataSigner } from '@halo/consent'
import { datasetIdOf, encodeDescriptor, NATIVE_COIN, signMessage, textHash } from '@halo/consent'
import type { Publication } from '../src/index.ts'
import { DEPLOYMENT } from './memory-chain.ts'

/** A catalogue entry that says nothing of interest. */
export function describeSample(price = 1n): string {
  return encodeDescriptor({
    version: 1,
    kind: 'test',
    format: 'bytes',
    readingsAbout: 1,
    days: 1,
    price,
    currency: NATIVE_COIN,
    terms: 'Tests only.',
  })
}

/** What a patient's wallet hands to a peer to log. */
export async function signPublication(
  patient: TypedDataSigner & { readonly address: string },
  { commitment, salt }: { readonly commitment: Bytes32; readonly salt: Uint8Array },
  { descriptor = describeSample(), deployment = DEPLOYMENT as Deployment } = {},
): Promise<Publication> {
  const owner = patient.address as Address
  const message = { dataset: datasetIdOf(commitment, owner), descriptor: textHash(descriptor) }
  const signature = await signMessage(patient, 'Anchor', message, deployment)
  return { commitment, patient: owner, descriptor, signature, salt, receipt: null }
}
