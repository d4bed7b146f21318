import type { Evidence, KnownOperator } from '@halo/proofs'
import { receiptFactsOf, trimSignatures } from '@halo/proofs'

/**
 * A bundle whose receipt has no line that would make it look forged to who knows all keys that its operator ever
 * had: whoever listed the record could have put such a line there.
 * @param operators whoever was ever admitted, as the chain has them
 */
export function keepKnownSignatures(evidence: Evidence, operators: readonly KnownOperator[]): Evidence {
  const { inclusion } = evidence
  if (inclusion === undefined) return evidence
  const { verifiers } = receiptFactsOf(inclusion, { operators })
  return { ...evidence, inclusion: trimSignatures(inclusion, verifiers).receipt }
}
