import type { EvidenceFacts, Hex } from '@halo/proofs'
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
    ['Block hash', facts.blockHash ?? NOT_GIVEN],
    ['Checked on', `${new Date(checkedAtMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`],
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

/** The same for programs; what was not given is null. */
export function basisAsJson({
  proof,
  record,
  facts,
  checkedAtMs,
  checker,
}: Basis): Readonly<Record<string, unknown>> {
  const { deployment = null, operators, blockHash = null } = facts
  return {
    proof,
    record,
    deployment,
    operators:
      operators?.map(({ address, logKey }) => ({
        address,
        logKey: logKey === undefined ? null : hexOf(logKey),
      })) ?? null,
    blockHash,
    checkedAt: new Date(checkedAtMs).toISOString(),
    checker,
  }
}

function hexOf(bytes: Uint8Array): Hex {
  return `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
