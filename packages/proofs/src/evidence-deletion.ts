import type { SignedDeletion } from './deletion.ts'
import { recoverDeletionSigner } from './deletion.ts'
import type { EvidenceContext, EvidenceFinding } from './evidence-context.ts'
import { find, findItem, findRepeated, findUnknown, isStranger } from './evidence-context.ts'

/** What operators say they deleted of this data set. What is seen without recovering signers comes first. */
export function findDeletion(context: EvidenceContext): EvidenceFinding {
  const { evidence, dataset } = context
  const { deletion: deletions, deployment } = evidence
  if (deletions === undefined) return find('DELETION_ABSENT')
  const other = deletions.findIndex((item) => item.dataset !== dataset)
  if (other >= 0) return findItem('OTHER_DATASET', other)
  const repeated = findRepeated(deletions.map(contentOf))
  if (repeated >= 0) return findItem('REPEATED', repeated)
  const foreign = deletions.findIndex(({ operator, timeSec }) => isStranger(context, operator, timeSec))
  if (foreign >= 0) return findItem('NOT_AN_OPERATOR', foreign)
  const domain = { chainId: deployment.chainId, verifyingContract: deployment.consent }
  const unsigned = deletions.findIndex((item) => recoverDeletionSigner(item, domain) !== item.operator)
  if (unsigned >= 0) return findItem('DELETION_NOT_SIGNED', unsigned)
  const signers = deletions.map(({ operator }) => operator)
  return findUnknown(context, signers) ?? find('DELETION_STATED', { operators: new Set(signers).size })
}

/** The same statement by the same operator is the same, though ECDSA has many signatures of one message. */
function contentOf({ dataset, shareDestroyed, shardsDeleted, timeSec, operator }: SignedDeletion): string {
  return [dataset, shareDestroyed, shardsDeleted, timeSec, operator].join()
}
