import type { Deployment, Hex as SignatureHex } from '@halo/consent'
import {
  datasetIdOf,
  parseAccessRequest,
  parseAddress,
  parseBytes32,
  recoverSigner,
  requestIdOf,
} from '@halo/consent'
import type { AccessEvidence, ConsentEvidence, Evidence, Hex, RecordOpening } from '@halo/proofs'
import { decodeReceipt } from '@halo/proofs'
import { evidenceDeployment } from './facts.ts'

/** What a wallet or a delivery keeps of one data set; what is not kept is null or empty. */
export interface ProofSource {
  readonly recordCommitment: Hex
  readonly owner: Hex
  readonly descriptor: string
  /** The owner's EIP-712 signature of the anchor. */
  readonly signature: Hex
  /** As `encodeReceipt` wrote it. */
  readonly receipt: Uint8Array | null
  readonly opening: RecordOpening | null
  readonly consent: ConsentEvidence | null
  /** Operators' EIP-712 signatures of the delivery for that request. */
  readonly deliveries: readonly SignatureHex[]
}

/**
 * Puts what is kept into one bundle; says nothing of whether it holds.
 * @throws ProofsError `RECEIPT_MALFORMED`; ConsentError for a request or signature that is none
 */
export function assembleEvidence(source: ProofSource, deployment: Deployment): Evidence {
  const { recordCommitment, owner, descriptor, signature, receipt, opening, consent } = source
  const access = accessOf(source, deployment)
  return {
    deployment: evidenceDeployment(deployment),
    record: { recordCommitment, owner, descriptor, signature, ...(opening === null ? {} : { opening }) },
    ...(receipt === null ? {} : { inclusion: decodeReceipt(receipt) }),
    ...(consent === null ? {} : { consent }),
    ...(access === null ? {} : { access }),
  }
}

/** Name of a proof's file, after the data set's id: of all that a record is known by, people see that one. */
export function nameProof({
  recordCommitment,
  owner,
}: Pick<ProofSource, 'recordCommitment' | 'owner'>): string {
  const dataset = datasetIdOf(parseBytes32(recordCommitment), parseAddress(owner))
  return `${dataset.slice(2, 10)}.halo-proof.json`
}

/** Deliveries are kept as signatures: who signed is in them. */
function accessOf({ consent, deliveries }: ProofSource, deployment: Deployment): AccessEvidence | null {
  if (consent === null || deliveries.length === 0) return null
  const requestId = requestIdOf(parseAccessRequest(consent.request), deployment)
  const signed = deliveries.map((signature) => ({
    operator: recoverSigner('Delivery', { requestId }, signature, deployment),
    signature,
  }))
  return { deliveries: signed, events: [] }
}
