import type { AccessRequest, Address, DatasetId } from '@halo/consent'
import { datasetIdOf, hexOf, parseAddress } from '@halo/consent'
import type { SignedManifest } from '@halo/vault'
import { manifestSigner, parseManifest, recordCommitment } from '@halo/vault'
import { ResearchError } from './errors.ts'
import type { ResearchContext } from './parts.ts'
import type { ProvenanceCheck } from './provenance.ts'
import { checkProvenance } from './provenance.ts'

/**
 * Checks a delivered manifest: signed by the patient of the request, for the data set of the
 * request, which the chain has anchored under the same address.
 * @throws ResearchError `DELIVERY_FORGED`, naming the peer that served it
 */
export async function checkManifest(
  context: Pick<ResearchContext, 'ledger'>,
  request: AccessRequest,
  bytes: Uint8Array,
  peerId: string,
): Promise<SignedManifest> {
  const { manifest, signer } = parseOrForged(bytes, peerId)
  if (signer !== request.patient) throw forgedBy(peerId, 'a manifest the patient did not sign')
  if (datasetIdOf(manifest.core.commitment, signer) !== request.dataset)
    throw forgedBy(peerId, 'the manifest of another data set')
  const anchored = await context.ledger.anchorOf(request.dataset)
  if (anchored?.patient !== request.patient) throw forgedBy(peerId, 'a record that is not anchored')
  return manifest
}

function parseOrForged(
  bytes: Uint8Array,
  peerId: string,
): { readonly manifest: SignedManifest; readonly signer: Address } {
  try {
    const manifest = parseManifest(bytes)
    return { manifest, signer: parseAddress(manifestSigner(manifest)) }
  } catch (cause) {
    throw forgedBy(peerId, 'a manifest that is not valid', cause)
  }
}

function forgedBy(peerId: string, what: string, cause?: unknown): ResearchError {
  return new ResearchError(
    'DELIVERY_FORGED',
    `Peer ${peerId} delivered ${what}. Nothing of it was kept; tell its operator.`,
    {
      details: { peerId },
      cause,
    },
  )
}

/** What a delivered record is checked against, long after delivery. */
export interface Proof {
  /** Encoded signed manifest, as delivered. */
  readonly manifest: Uint8Array
  readonly metadata: Uint8Array
  readonly salt: Uint8Array
}

/** What was found when a delivered record was checked. */
export interface Verification {
  readonly dataset: DatasetId
  readonly patient: Address
  /** The bytes are those the patient sealed. */
  readonly hash: boolean
  /** The patient of the anchor signed the manifest. Without a chain: that `patient` did, whoever they are. */
  readonly signature: boolean
  /** The chain holds the anchor; null when no chain was asked. */
  readonly anchor: boolean | null
  readonly anchoredAtSec: number | null
  /** The Provenance sealed with the record is the patient's and speaks of these bytes; null when there is none. */
  readonly provenance: boolean | null
}

/**
 * Checks a delivered record against its proof, and against the chain where a ledger is given.
 * @throws ResearchError `RECORD_CHANGED` when the manifest is not one that anybody signed
 */
export async function verifyRecord(
  record: AsyncIterable<Uint8Array>,
  proof: Proof,
  ledger: ResearchContext['ledger'] | null,
): Promise<Verification> {
  const { manifest, patient } = readProof(proof)
  const dataset = datasetIdOf(manifest.core.commitment, patient)
  const provenance = checkProvenance(proof.metadata, patient)
  const commitment = await recordCommitment(seen(record, provenance), proof)
  const anchored = ledger === null ? null : await ledger.anchorOf(dataset)
  const isAnchored = anchored !== null && anchored.patient === patient
  return {
    dataset,
    patient,
    hash: hexOf(commitment) === hexOf(manifest.core.commitment),
    signature: ledger === null || isAnchored,
    anchor: ledger === null ? null : isAnchored,
    anchoredAtSec: anchored?.atSec ?? null,
    provenance: provenance.verdict(),
  }
}

async function* seen(
  record: AsyncIterable<Uint8Array>,
  provenance: ProvenanceCheck,
): AsyncGenerator<Uint8Array> {
  for await (const piece of record) {
    provenance.update(piece)
    yield piece
  }
}

function readProof(proof: Proof): { readonly manifest: SignedManifest; readonly patient: Address } {
  try {
    const manifest = parseManifest(proof.manifest)
    return { manifest, patient: parseAddress(manifestSigner(manifest)) }
  } catch (cause) {
    throw new ResearchError('RECORD_CHANGED', 'The manifest is not one that anybody signed.', { cause })
  }
}
