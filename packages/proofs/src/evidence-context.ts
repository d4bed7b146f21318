import type { Hex } from './eip712.ts'
import type { Evidence, EvidenceDeployment } from './evidence.ts'
import type { EvidenceReason } from './evidence-findings.ts'
import { EVIDENCE_FINDINGS } from './evidence-findings.ts'
import { hashDataset } from './evidence-messages.ts'
import type { Finding } from './finding.ts'
import { findingOf } from './finding.ts'
import type { LogId } from './origin.ts'
import type { ReceiptAnchor } from './receipt.ts'

/** What the caller knows from elsewhere. What is left out is not checked, and the findings say so. */
export interface EvidenceFacts {
  /**
   * Contracts of the Halo that is meant. Anyone can deploy contracts of their own, on a genuine chain too, and
   * fill them as they like: without these, no contract counts as the chain, and nothing is anchored.
   */
  readonly deployment?: EvidenceDeployment
  /** Made from the record's file with the bundle's opening, as `startRecordCommitment` does. */
  readonly recordCommitment?: Hex
  /** Who the operators are, and the keys that their logs sign with; one who changed keys may be there once for each. */
  readonly operators?: readonly KnownOperator[]
  /**
   * Unix seconds up to which nobody who ever was an operator is left out of `operators`: who signed until then
   * and is not there is none. Left out where the list may lack somebody; then nobody is said to be none.
   */
  readonly operatorsUntilSec?: number
  /** What the chain has of the receipt's log, size and root; empty when asked and it has nothing. */
  readonly anchors?: readonly AnchoredRoot[]
  /** Hash of the block of {@link ProvenAnchor.blockNumber}, as the chain has it. */
  readonly blockHash?: Hex
}

/** An operator of a Halo. */
export interface KnownOperator {
  /** EIP-55. */
  readonly address: Hex
  /** Ed25519 key of its checkpoints, 32 bytes. */
  readonly logKey?: Uint8Array
}

/** A root that the chain holds. */
export interface AnchoredRoot extends ReceiptAnchor {
  readonly log: LogId
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
}

/** Finding about one part of a bundle. */
export type EvidenceFinding = Finding<EvidenceReason>

/** What every part is held against. */
export interface EvidenceContext {
  readonly evidence: Evidence
  readonly facts: EvidenceFacts
  /** The data set that the bundle is about, by the first part that names one. */
  readonly dataset: Hex | null
  /** Shown to be the data set's only by the record: the commitment in it makes the data set's id of the owner. */
  readonly owner: Hex | null
}

/** The first part that names data set and owner says what all others must be about. */
export function createContext(evidence: Evidence, facts: EvidenceFacts): EvidenceContext {
  const { record, consent, access, deletion } = evidence
  const event = access?.events[0]
  const named = record && hashDataset(record)
  return {
    evidence,
    facts,
    dataset: named ?? consent?.request.dataset ?? event?.recordHash ?? deletion?.[0]?.dataset ?? null,
    owner: record?.owner ?? consent?.request.patient ?? event?.owner ?? null,
  }
}

/** The finding of one reason about a part of a bundle. */
export function find(reason: EvidenceReason, details?: EvidenceFinding['details']): EvidenceFinding {
  return findingOf(EVIDENCE_FINDINGS, reason, details)
}

/** About one item of a list; people count from 1. */
export function findItem(reason: EvidenceReason, index: number): EvidenceFinding {
  return find(reason, { item: index + 1 })
}

/** Where the first item is that was there before, by its key; -1 when all differ. */
export function findRepeated(keys: readonly string[]): number {
  const seen = new Set<string>()
  return keys.findIndex((key) => seen.size === seen.add(key).size)
}

/** Whether somebody is among the operators that the caller knows. */
function isListed({ facts }: EvidenceContext, address: Hex): boolean {
  const operators = facts.operators ?? []
  return operators.some((operator) => operator.address.toLowerCase() === address.toLowerCase())
}

/** Whether somebody is known to have been no operator until then, in Unix seconds. */
export function isStranger(context: EvidenceContext, address: Hex, untilSec: number): boolean {
  const { operators, operatorsUntilSec } = context.facts
  if (operators === undefined || operatorsUntilSec === undefined) return false
  return untilSec <= operatorsUntilSec && !isListed(context, address)
}

/** What is not known of the operators that are said to have signed, by their place in a list; or null. */
export function findUnknown(context: EvidenceContext, signers: readonly Hex[]): EvidenceFinding | null {
  if (signers.length === 0) return null
  if (context.facts.operators === undefined) return find('OPERATORS_UNKNOWN')
  const at = signers.findIndex((signer) => !isListed(context, signer))
  const signer = signers[at]
  return signer === undefined ? null : find('SIGNER_UNKNOWN', { item: at + 1, signer })
}
