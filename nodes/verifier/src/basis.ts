import type { EvidenceFacts, Hex } from '@halo/proofs'
import { checksumAddress, timeText } from '@halo/proofs'
import { hexOf } from './hex.ts'
import type { PartDetail } from './part-details.ts'

/** A file that went into a check. */
export interface CheckedFile {
  readonly name: string
  /** Of its bytes. */
  readonly sha256: Hex
}

/** What a verdict rests on: with the same, anybody comes to the same. */
export interface Basis {
  readonly proof: CheckedFile
  /** Null when no record was compared. */
  readonly record: CheckedFile | null
  readonly facts: EvidenceFacts
  readonly checkedAtMs: number
  /** What checked, with its version. */
  readonly checker: string
}

const NOT_GIVEN = 'not given'

/** What a verdict rests on, for people. */
export function describeBasis({ proof, record, facts, checkedAtMs, checker }: Basis): readonly PartDetail[] {
  return [
    ['Proof file', wordFile(proof)],
    ['Record', record === null ? 'not compared' : wordFile(record)],
    ['Halo that is meant', wordHalo(facts)],
    ['Operators and the keys of their logs', wordOperators(facts)],
    ['Nobody is left out of these until', wordCompleteness(facts)],
    ['Block hash', facts.blockHash ?? NOT_GIVEN],
    ['What the chain holds of the root', wordAnchors(facts)],
    ['Checked on', timeText(Math.floor(checkedAtMs / 1000))],
    ['Checked by', checker],
  ]
}

function wordFile({ name, sha256 }: CheckedFile): string {
  return `${name}\nSHA-256 ${sha256.slice(2)}`
}

function wordHalo({ deployment }: EvidenceFacts): string {
  if (deployment === undefined) return NOT_GIVEN
  const { chainId, anchor, consent, escrow } = deployment
  return `chain ${chainId}\nanchor ${anchor}\nconsent ${consent}\nescrow ${escrow}`
}

function wordOperators({ operators }: EvidenceFacts): string {
  if (operators === undefined) return NOT_GIVEN
  const lines = operators.map(
    ({ address, logKey }) => `${address} ${logKey === undefined ? 'no key' : hexOf(logKey)}`,
  )
  return lines.join('\n') || 'none for the contracts of this proof'
}

function wordCompleteness({ operatorsUntilSec }: EvidenceFacts): string {
  return operatorsUntilSec === undefined ? 'not known' : timeText(operatorsUntilSec)
}

function wordAnchors({ anchors }: EvidenceFacts): string {
  if (anchors === undefined) return 'the chain was not asked'
  const lines = anchors.map(
    ({ log, size, root, block, atSec }) =>
      `size ${size}, root ${hexOf(root)} by ${checksumAddress(log.operator)}, in block ${block}, ${timeText(atSec)}`,
  )
  return lines.join('\n') || 'nothing'
}

/** The same for programs; what was not given or asked is null. */
export function basisAsJson(basis: Basis): Readonly<Record<string, unknown>> {
  const { proof, record, facts, checkedAtMs, checker } = basis
  const { deployment = null, operators, operatorsUntilSec = null, blockHash = null, anchors } = facts
  return {
    proof,
    record,
    deployment,
    operators: operators?.map(({ address, logKey }) => ({ address, logKey: hexOrNull(logKey) })) ?? null,
    operatorsUntilSec,
    blockHash,
    anchors:
      anchors?.map(({ log, size, root, block, atSec, txHash }) => ({
        log,
        size,
        root: hexOf(root),
        block,
        atSec,
        txHash: hexOrNull(txHash),
      })) ?? null,
    checkedAt: new Date(checkedAtMs).toISOString(),
    checker,
  }
}

function hexOrNull(bytes: Uint8Array | null | undefined): Hex | null {
  return bytes == null ? null : hexOf(bytes)
}
