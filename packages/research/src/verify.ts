import type { AccessRequest, Address, DatasetId, Hex } from '@halo/consent'
import { datasetIdOf, hexOf, parseAddress, recoverSigner, requestIdOf, statementOf } from '@halo/consent'
import type { CatalogueEntry, CheckedEntry } from '@halo/ports'
import { checkEntry } from '@halo/ports'
import { decodeReceipt } from '@halo/proofs'
import type { SignedManifest } from '@halo/vault'
import { manifestSigner, parseManifest, recordCommitment } from '@halo/vault'
import { ResearchError } from './errors.ts'
import type { ResearchContext } from './parts.ts'
import type { ProvenanceCheck } from './provenance.ts'
import { checkProvenance } from './provenance.ts'

/**
 * Checks a delivered manifest: signed by the patient of the request, and making the data set of the request
 * together with that patient's address.
 * @throws ResearchError `DELIVERY_FORGED`, naming the peer that served it
 */
export function checkManifest(request: AccessRequest, bytes: Uint8Array, peerId: string): SignedManifest {
  const { manifest, signer } = parseOrForged(bytes, peerId)
  if (signer !== request.patient) throw forgedBy(peerId, 'a manifest the patient did not sign')
  if (datasetIdOf(manifest.core.commitment, signer) !== request.dataset)
    throw forgedBy(peerId, 'the manifest of another data set')
  return manifest
}

/**
 * Checks the consent that came with a delivery: the patient's signature under the statement of this request.
 * @throws ResearchError `DELIVERY_FORGED`, naming the peer that served it
 */
export function checkGrant(
  { ledger }: Pick<ResearchContext, 'ledger'>,
  request: AccessRequest,
  grant: Hex,
  peerId: string,
): void {
  const { deployment } = ledger
  const message = { requestId: requestIdOf(request, deployment), statement: statementOf('Grant', request) }
  try {
    if (recoverSigner('Grant', message, grant, deployment) === request.patient) return
  } catch (cause) {
    throw forgedBy(peerId, 'a consent that nobody signed', cause)
  }
  throw forgedBy(peerId, 'a consent the patient did not sign')
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
  /** Of the record's commitment. */
  readonly salt: Uint8Array
  /** As it was offered, with the receipt of the log it is in. */
  readonly entry: CatalogueEntry
}

/** What was found when a delivered record was checked. */
export interface Verification {
  readonly dataset: DatasetId
  readonly patient: Address
  /** The bytes are those the patient sealed. */
  readonly hash: boolean
  /** Who signed the manifest signed the catalogue entry of this very record too: `patient`, whoever they are. */
  readonly signature: boolean
  /**
   * The record is in a log whose root the chain holds; null when the receipt is good and no chain was asked.
   */
  readonly anchor: boolean | null
  /** Unix seconds at which the chain got that root: the record existed before then. */
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
  const checked = await checkOwnEntry(proof.entry, dataset, ledger)
  const anchored =
    ledger === null || checked === null
      ? null
      : await ledger.rootAnchor(checked.operator, checked.receipt.size, checked.root)
  return {
    dataset,
    patient,
    hash: hexOf(commitment) === hexOf(manifest.core.commitment),
    signature: checked !== null,
    anchor: ledger === null && checked !== null ? null : anchored !== null,
    anchoredAtSec: anchored?.atSec ?? null,
    provenance: provenance.verdict(),
  }
}

/** The catalogue entry, if it is of this data set and all holds that needs no chain. */
async function checkOwnEntry(
  entry: CatalogueEntry,
  dataset: DatasetId,
  ledger: ResearchContext['ledger'] | null,
): Promise<CheckedEntry | null> {
  const members = ledger === null ? [] : await ledger.members()
  const checked = checkEntry(entry, ledger?.deployment ?? homeOf(entry), members)
  return checked?.dataset === dataset ? checked : null
}

/** Without a chain, the receipt itself says where it belongs. */
function homeOf({ receipt }: CatalogueEntry): Parameters<typeof checkEntry>[1] {
  try {
    const { chainId, contract } = decodeReceipt(receipt).log
    return { chainId: BigInt(chainId), anchor: parseAddress(contract) }
  } catch (cause) {
    throw new ResearchError('RECORD_CHANGED', 'The receipt is not one that any log gave.', { cause })
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
