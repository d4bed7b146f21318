import { readFileSync } from 'node:fs'
import type { AccessRequest, Bytes32, Hex as ConsentHex, DatasetId, Deployment } from '@halo/consent'
import {
  datasetIdOf,
  parseAddress,
  plainAccessRequest,
  requestIdOf,
  signMessage,
  statementOf,
} from '@halo/consent'
import { hashText } from '../src/evidence-messages.ts'
import type {
  Evidence,
  EvidenceFacts,
  EvidenceRequest,
  Hex,
  LogId,
  Receipt,
  RecordEvidence,
} from '../src/index.ts'
import {
  buildTree,
  commitLocation,
  commitRecord,
  createNoteSigner,
  createReceipt,
  formatLogOrigin,
  hashLeaf,
  saltCommitment,
  signAccessEvent,
  signCheckpoint,
  signDeletion,
  startRecordCommitment,
} from '../src/index.ts'
import type { AnchorSample } from './anchored-chain.ts'
import { addressOf, CONTRACT, DOMAIN, id32, OPERATORS, PATIENT, RESEARCHER } from './evidence-samples.ts'
import { bytes32Of } from './receipt-samples.ts'

/** The contracts as the package for consent names them. */
export const DEPLOYMENT: Deployment = {
  chainId: 31_337n,
  registry: parseAddress('0x5FbDB2315678afecb367f032d93F642f64180aa3'),
  token: parseAddress('0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512'),
  consent: parseAddress(CONTRACT.consent),
  escrow: parseAddress(CONTRACT.escrow),
  anchor: parseAddress(CONTRACT.anchor),
}

/** Content of the record's file. */
export const CONTENT: Uint8Array = new TextEncoder().encode('{"resourceType":"Bundle","type":"collection"}\n')

const SIZE = 7
const INDEX = 4
const LOG_OPERATOR = OPERATORS[0] as (typeof OPERATORS)[number]
const LOG: LogId = {
  chainId: 31_337,
  contract: CONTRACT.anchor.toLowerCase(),
  operator: LOG_OPERATOR.address.toLowerCase(),
}
const LOG_KEY = createNoteSigner(formatLogOrigin(LOG), bytes32Of('log key'))
const OPENING = { salt: id32('6'), metadata: '0xa0' } as const

/** The owner's record, described as catalogues do. */
export async function signRecord(
  descriptor = '{"days":14,"kind":"glucose-cgm"}',
  content = CONTENT,
): Promise<RecordEvidence> {
  const recordCommitment = startRecordCommitment(OPENING).update(content).digest()
  const dataset = datasetIdOf(recordCommitment as Bytes32, parseAddress(PATIENT.address))
  const hash: Hex = `0x${Buffer.from(hashText(descriptor)).toString('hex')}`
  const signature = await signMessage(PATIENT, 'Anchor', { dataset, descriptor: hash as Bytes32 }, DEPLOYMENT)
  return { recordCommitment, owner: addressOf(PATIENT), descriptor, signature, opening: OPENING }
}

/** Id of a record's data set. */
export function datasetOf(record: RecordEvidence): DatasetId {
  return datasetIdOf(record.recordCommitment as Bytes32, parseAddress(record.owner))
}

/** A tree of seven entries, the record's among them, under a checkpoint that the first operator signed. */
export function logRecord(record: RecordEvidence, anchor: Receipt['anchor']): Receipt {
  const dataset = Buffer.from(datasetOf(record).slice(2), 'hex')
  const entries = Array.from({ length: SIZE }, (_, i) => ({
    commitment:
      i === INDEX ? commitRecord(dataset, hashText(record.descriptor)) : bytes32Of(`commitment ${i}`),
    salt: bytes32Of(`salt ${i}`),
  }))
  const tree = buildTree(entries.map(({ commitment, salt }) => hashLeaf(saltCommitment(commitment, salt))))
  const checkpoint = { origin: formatLogOrigin(LOG), size: SIZE, root: tree.root, extension: ['halo 1'] }
  const note = signCheckpoint(checkpoint, [LOG_KEY])
  return createReceipt(entries[INDEX] as (typeof entries)[number], tree.proveInclusion(INDEX), note, anchor)
}

/** A request for a data set. */
export function requestFor(dataset: DatasetId): AccessRequest {
  return {
    dataset,
    patient: parseAddress(PATIENT.address),
    researcher: parseAddress(RESEARCHER.address),
    recipientKeyHash: id32('7') as Bytes32,
    termsHash: id32('8') as Bytes32,
    currency: parseAddress('0x0000000000000000000000000000000000000000'),
    price: 20_000_000_000_000_000n,
    relayFee: 1_000n,
    answerBySec: 1_790_050_000,
    accessForSec: 604_800,
    nonce: id32('9') as Bytes32,
  }
}

/** A consent and its withdrawal. */
export async function signConsent(
  request: AccessRequest,
  kinds: readonly ('Grant' | 'Decline' | 'Revoke')[],
): Promise<NonNullable<Evidence['consent']>> {
  const requestId = requestIdOf(request, DEPLOYMENT)
  const answers = []
  for (const kind of kinds) {
    const statement = statementOf(kind, request)
    answers.push({
      kind,
      statement,
      signature: await signMessage(PATIENT, kind, { requestId, statement }, DEPLOYMENT),
    })
  }
  return { request: plainAccessRequest(request) as EvidenceRequest, answers }
}

/** Every operator's delivery, an access that one of them saw and one that the owner states. */
export async function signAccess(request: AccessRequest): Promise<NonNullable<Evidence['access']>> {
  const requestId = requestIdOf(request, DEPLOYMENT)
  const deliveries = []
  for (const operator of OPERATORS) {
    const signature: ConsentHex = await signMessage(operator, 'Delivery', { requestId }, DEPLOYMENT)
    deliveries.push({ operator: addressOf(operator), signature })
  }
  const event = {
    recordHash: request.dataset,
    owner: addressOf(PATIENT),
    receiver: addressOf(RESEARCHER),
    timeSec: 1_790_000_000,
    location: commitLocation('Ward 3, Example Hospital', bytes32Of('location')),
    expirySec: 1_790_604_800,
  }
  const events = [
    await signAccessEvent(LOG_OPERATOR, event, DOMAIN),
    await signAccessEvent(PATIENT, { ...event, timeSec: event.timeSec + 60 }, DOMAIN),
  ]
  return { deliveries, events }
}

/** What both operators deleted. */
export async function signDeletions(dataset: Hex): Promise<NonNullable<Evidence['deletion']>> {
  const deletion = { dataset, shareDestroyed: true, shardsDeleted: 2, timeSec: 1_790_700_000 }
  const [first, second] = OPERATORS as readonly [typeof LOG_OPERATOR, typeof LOG_OPERATOR]
  return [
    await signDeletion(first, deletion, DOMAIN),
    await signDeletion(second, { ...deletion, shareDestroyed: false }, DOMAIN),
  ]
}

/** A proof that a local chain once gave for the root of {@link logRecord}. */
export function loadAnchor(): AnchorSample {
  const file = new URL('../../../test/vectors/proofs/evidence-anchor.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly anchor: AnchorSample }).anchor
}

/** A bundle with every part, and the facts with which all of them are verified. */
export async function makeEvidence(): Promise<{
  readonly evidence: Evidence
  readonly facts: EvidenceFacts
}> {
  const sample = loadAnchor()
  const { block, atSec, blockHash, blockHeader, accountProof, storageProof } = sample
  const txHash = Uint8Array.from(Buffer.from(sample.txHash.slice(2), 'hex'))
  const record = await signRecord()
  const inclusion = logRecord(record, { txHash, block, atSec })
  const request = requestFor(datasetOf(record))
  const evidence: Evidence = {
    deployment: { chainId: 31_337, ...CONTRACT },
    record,
    inclusion,
    anchor: { blockHeader, accountProof, storageProof },
    consent: await signConsent(request, ['Grant', 'Revoke']),
    access: await signAccess(request),
    deletion: await signDeletions(request.dataset),
  }
  const { log, size, root } = inclusion
  const facts: EvidenceFacts = {
    deployment: evidence.deployment,
    recordCommitment: record.recordCommitment,
    operators: OPERATORS.map((operator, i) => ({
      address: addressOf(operator),
      ...(i === 0 ? { logKey: LOG_KEY.verifier.publicKey } : {}),
    })),
    anchors: [{ log, size, root, txHash, block, atSec }],
    blockHash,
  }
  return { evidence, facts }
}
