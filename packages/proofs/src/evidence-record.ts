import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import type { Hex } from './eip712.ts'
import { recoverMessageSigner } from './eip712-signer.ts'
import type { RecordOpening } from './evidence.ts'
import type { EvidenceContext, EvidenceFinding } from './evidence-context.ts'
import { find } from './evidence-context.ts'
import { EVIDENCE_MESSAGES, hashDataset, hashText } from './evidence-messages.ts'

/** Whose record it is, and whether the caller's file is that record. */
export function findRecord({ evidence, facts }: EvidenceContext): EvidenceFinding {
  const { record, deployment } = evidence
  if (record === undefined) return find('RECORD_ABSENT')
  const { owner, recordCommitment, signature } = record
  const domain = { chainId: deployment.chainId, verifyingContract: deployment.anchor }
  const message = { dataset: hashDataset(record), descriptor: `0x${bytesToHex(hashText(record.descriptor))}` }
  const signer = recoverMessageSigner('Anchor', EVIDENCE_MESSAGES.Anchor, message, domain, signature)
  if (signer !== owner) return find('RECORD_NOT_SIGNED')
  if (facts.recordCommitment === undefined) return find('RECORD_SIGNED', { owner })
  return facts.recordCommitment === recordCommitment
    ? find('RECORD_MATCHES', { owner })
    : find('RECORD_DIFFERS')
}

/** A running hash of a record's content. */
export interface RecordCommitmentHash {
  /** Takes the next piece of the unpacked content, of any size. */
  update(piece: Uint8Array): RecordCommitmentHash
  /** The commitment; once, at the end. */
  digest(): Hex
}

/**
 * Starts the commitment of a record's file: SHA-256("halo/record/1\0" ‖ salt ‖ SHA-256(metadata) ‖ content).
 * @param opening as the bundle has it
 * @see packages/vault/src/record-commitment.ts, which makes it when a record is sealed
 */
export function startRecordCommitment({ salt, metadata }: RecordOpening): RecordCommitmentHash {
  const hash = sha256
    .create()
    .update(utf8ToBytes('halo/record/1\0'))
    .update(hexToBytes(salt.slice(2)))
    .update(sha256(hexToBytes(metadata.slice(2))))
  const running: RecordCommitmentHash = {
    update: (piece) => {
      hash.update(piece)
      return running
    },
    digest: () => `0x${bytesToHex(hash.digest())}`,
  }
  return running
}
