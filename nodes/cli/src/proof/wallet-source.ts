import type { DatasetId, RequestId } from '@halo/consent'
import { plainAccessRequest, requestIdOf } from '@halo/consent'
import type { ConsentEvidence } from '@halo/proofs'
import { manifestSigner, parseManifest } from '@halo/vault'
import type { Holding, SignedAnswer, Wallet } from '@halo/wallet'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import { formatCount } from '../output.ts'
import type { ProofSource } from './proof-source.ts'

/** Which of several answers goes into the proof. */
interface SourceChoice {
  readonly dataset: DatasetId
  /** The request whose answer is wanted; null takes the only one there is. */
  readonly request: RequestId | null
}

type Deployment = Parameters<typeof requestIdOf>[1]

/**
 * What a wallet keeps of one data set for a proof.
 * @throws CliError `USAGE` for a data set or request that it does not know
 */
export async function readWalletSource(
  wallet: Pick<Wallet, 'holdings' | 'answers'>,
  deployment: Deployment,
  choice: SourceChoice,
  output: Output,
): Promise<ProofSource> {
  const holding = (await wallet.holdings()).find(({ dataset }) => dataset === choice.dataset)
  if (holding === undefined)
    throw new CliError(
      'USAGE',
      'This wallet has published no such data set. Find its id with halo wallet list.',
    )
  const answers = (await wallet.answers()).filter(({ request }) => request.dataset === choice.dataset)
  return sourceOf(holding, chooseConsent(answers, deployment, choice.request, output))
}

function sourceOf(holding: Holding, consent: ConsentEvidence | null): ProofSource {
  const { commitment, descriptor, signature, receipt, manifest } = holding
  if (signature === null)
    throw new CliError(
      'USAGE',
      'An earlier version published this data set and kept no signature of it. Publish the record again.',
    )
  const owner = manifestSigner(parseManifest(manifest)) as ProofSource['owner']
  return {
    recordCommitment: commitment,
    owner,
    descriptor,
    signature,
    receipt,
    opening: null,
    consent,
    deliveries: [],
  }
}

const KINDS = ['Grant', 'Decline', 'Revoke'] as const

/**
 * The answers to one request, in the order in which they can follow each other: the one that is named, or
 * the only one; null where there is none or nobody said which.
 * @throws CliError `USAGE` for a request that was not answered
 */
export function chooseConsent(
  answers: readonly SignedAnswer[],
  deployment: Deployment,
  wanted: RequestId | null,
  output: Output,
): ConsentEvidence | null {
  const ids = [...new Set(answers.map(({ request }) => requestIdOf(request, deployment)))]
  if (wanted !== null && !ids.includes(wanted))
    throw new CliError('USAGE', 'This wallet has answered no such request for this data set.')
  const id = wanted ?? (ids.length === 1 ? ids[0] : undefined)
  if (id === undefined) {
    if (ids.length > 1)
      output.note(
        `${formatCount(ids.length, 'request')} were answered; name one with --request to have it in the proof.`,
      )
    return null
  }
  const chosen = answers.filter(({ request }) => requestIdOf(request, deployment) === id)
  const ordered = KINDS.flatMap((kind) => chosen.filter((answer) => answer.kind === kind))
  const [first] = ordered
  if (first === undefined) return null
  return {
    request: plainAccessRequest(first.request),
    answers: ordered.map(({ kind, statement, signature }) => ({ kind, statement, signature })),
  }
}
