import { recoverMessageSigner } from './eip712-signer.ts'
import type { ConsentEvidence, SignedAnswer } from './evidence.ts'
import type { EvidenceContext, EvidenceFinding } from './evidence-context.ts'
import { find, findItem } from './evidence-context.ts'
import type { EvidenceReason } from './evidence-findings.ts'
import { EVIDENCE_MESSAGES, hashRequest } from './evidence-messages.ts'
import { wordStatement } from './statement.ts'

/** What the patient was asked and answered, for this data set and as its owner. */
export function findConsent({ evidence, dataset, owner }: EvidenceContext): EvidenceFinding {
  const { consent, deployment } = evidence
  if (consent === undefined) return find('CONSENT_ABSENT')
  const { request, answers } = consent
  const { patient, researcher } = request
  if (request.dataset !== dataset) return findItem('OTHER_DATASET', 0)
  if (patient !== owner) return findItem('OTHER_OWNER', 0)
  const requestId = hashRequest(request, deployment)
  const domain = { chainId: deployment.chainId, verifyingContract: deployment.consent }
  const isSigned = ({ kind, statement, signature }: SignedAnswer): boolean =>
    recoverMessageSigner(kind, EVIDENCE_MESSAGES[kind], { requestId, statement }, domain, signature) ===
    patient
  const unsigned = answers.findIndex((answer) => !isSigned(answer))
  if (unsigned >= 0) return findItem('ANSWER_NOT_SIGNED', unsigned)
  const differing = answers.findIndex(({ kind, statement }) => statement !== wordStatement(kind, request))
  if (differing >= 0) return findItem('STATEMENT_DIFFERS', differing)
  // Anyone can ask and answer in their own name for a data set of somebody else.
  if (evidence.record === undefined) return find('OWNER_NOT_SHOWN', { owner: patient })
  return find(outcomeOf(consent), { patient, researcher })
}

function outcomeOf({ answers }: ConsentEvidence): EvidenceReason {
  if (answers.length === 2) return 'GRANTED_THEN_WITHDRAWN'
  switch (answers[0]?.kind) {
    case 'Grant':
      return 'GRANTED'
    case 'Decline':
      return 'DECLINED'
    default:
      return 'WITHDRAWN'
  }
}
