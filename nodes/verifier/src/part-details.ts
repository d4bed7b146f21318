import type { Evidence, JudgedSignature, Receipt, SignatureStanding } from '@halo/proofs'
import { checksumAddress, formatLogOrigin, timeText } from '@halo/proofs'
import type { CheckedProof, ProofPart } from './check.ts'
import { hexOf } from './hex.ts'
import type { ProofFile } from './proof-file.ts'

/** A value of a part with its name, for people who look closer. */
export type PartDetail = readonly [label: string, value: string]

/**
 * What a file holds of a part; nothing where it has none. Never the salt.
 * @param checked what came of that file: it says which signatures are worth something
 */
export function describePart(
  file: ProofFile,
  part: ProofPart,
  { signatures }: Pick<CheckedProof, 'signatures'>,
): readonly PartDetail[] {
  if (file.kind === 'receipt') return describeReceiptPart(file.receipt, part, signatures)
  const { evidence } = file
  switch (part) {
    case 'record':
      return describeRecord(evidence)
    case 'inclusion':
      return evidence.inclusion === undefined
        ? []
        : [...describeEntry(evidence.inclusion), ...describeSignatures(signatures)]
    case 'anchor':
      return evidence.inclusion === undefined ? [] : describeAnchor(evidence.inclusion)
    case 'consent':
      return describeConsent(evidence)
    case 'access':
      return describeAccess(evidence)
    case 'deletion':
      return describeDeletion(evidence)
    case 'checkpoint':
      return []
  }
}

function describeReceiptPart(
  receipt: Receipt,
  part: ProofPart,
  signatures: readonly JudgedSignature[],
): readonly PartDetail[] {
  switch (part) {
    case 'inclusion':
      return describeEntry(receipt)
    case 'checkpoint':
      return describeSignatures(signatures)
    case 'anchor':
      return describeAnchor(receipt)
    default:
      return []
  }
}

function describeRecord({ record, deployment }: Evidence): readonly PartDetail[] {
  if (record === undefined) return []
  return [
    ['Owner, an address made for this data set', record.owner],
    ['Commitment to salt, metadata and content', record.recordCommitment],
    ['Description, as it was signed', record.descriptor],
    ['Signature', record.signature],
    ['Chain and contract it was signed for', `${deployment.chainId}, ${deployment.anchor}`],
  ]
}

function describeEntry(receipt: Receipt): readonly PartDetail[] {
  return [
    ['Log', formatLogOrigin(receipt.log)],
    ['Entry', `${receipt.index + 1} of ${receipt.size}`],
    ['What the entry commits to', hexOf(receipt.commitment)],
    ['Root of the log', hexOf(receipt.root)],
    ['Hashes from entry to root', receipt.path.map(hexOf).join('\n') || 'none'],
  ]
}

const STANDINGS: Readonly<Record<SignatureStanding, string>> = {
  verified: 'Signed under size and root by the key of the log, as it is known here',
  wrong: 'Wrong: said to be by the key of the log, and not made with it',
  unknown: 'Not checked: lines by keys that are not known here, as anyone can write them',
}

/** Apart by what they are worth, so that none is taken for more. */
function describeSignatures(signatures: readonly JudgedSignature[]): readonly PartDetail[] {
  if (signatures.length === 0) return [['Signatures under size and root', 'none']]
  return Object.entries(STANDINGS).flatMap(([standing, label]): readonly PartDetail[] => {
    const lines = signatures.filter((signature) => signature.standing === standing)
    return lines.length === 0 ? [] : [[label, lines.map(({ line }) => line).join('\n')]]
  })
}

function describeAnchor({ log, anchor }: Receipt): readonly PartDetail[] {
  const place = `chain ${log.chainId}, contract ${checksumAddress(log.contract)}`
  if (anchor === null) return [['Where roots are anchored', place]]
  return [
    ['Where it is anchored', place],
    ['Block', String(anchor.block)],
    ['Time of the block', timeText(anchor.atSec)],
    ['Transaction', anchor.txHash === null ? 'not known' : hexOf(anchor.txHash)],
  ]
}

const ANSWERS = { Grant: 'Allowed', Decline: 'Refused', Revoke: 'Withdrawn' } as const

function describeConsent({ consent }: Evidence): readonly PartDetail[] {
  if (consent === undefined) return []
  const { request, answers } = consent
  return [
    ...answers.map(({ kind, statement }): PartDetail => [`${ANSWERS[kind]}, in these words`, statement]),
    ['Time of the answer', 'not known: the signed answer names none'],
    ['Data set', request.dataset],
    ['Patient', request.patient],
    ['Researcher', request.researcher],
    ['Hash of the terms', request.termsHash],
    ['To be answered by', timeText(request.answerBySec)],
  ]
}

function describeAccess({ access, consent }: Evidence): readonly PartDetail[] {
  if (access === undefined) return []
  const receiver: readonly PartDetail[] =
    access.deliveries.length > 0 && consent !== undefined
      ? [['Receiver: the researcher who asked', consent.request.researcher]]
      : []
  return [
    ...receiver,
    ...access.deliveries.map(({ operator }): PartDetail => ['Share of the key released by', operator]),
    ...access.events.map(
      ({ receiver, timeSec, signer }): PartDetail => [
        'Access',
        `by ${receiver}, ${timeText(timeSec)}, signed by ${signer}`,
      ],
    ),
  ]
}

function describeDeletion({ deletion }: Evidence): readonly PartDetail[] {
  return (deletion ?? []).map(
    ({ operator, timeSec, shardsDeleted, shareDestroyed }): PartDetail => [
      'Deleted',
      `by ${operator}, ${timeText(timeSec)}: ${shardsDeleted} shards${shareDestroyed ? ' and its share of the key' : ''}`,
    ],
  )
}
