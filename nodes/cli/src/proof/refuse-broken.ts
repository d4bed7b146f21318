import type { Evidence, Hex } from '@halo/proofs'
import { checkProof } from '@halo/verifier'
import { CliError } from '../errors.ts'

/**
 * Checks a bundle before it is written: what does not hold for its maker will not hold for anybody.
 * @param blockHash that the chain gave for it, if it was asked
 * @throws CliError `PROOF_BROKEN`
 */
export function refuseBroken(evidence: Evidence, blockHash: Hex | null): void {
  const facts = { deployment: evidence.deployment, ...(blockHash === null ? {} : { blockHash }) }
  const wrong = checkProof({ kind: 'bundle', evidence }, facts).parts.find(
    ({ verdict }) => verdict === 'broken',
  )
  if (wrong === undefined) return
  throw new CliError(
    'PROOF_BROKEN',
    `What is kept does not hold (${wrong.part}: ${wrong.because}) It is damaged, or of another Halo than the one named. No proof was made.`,
  )
}
