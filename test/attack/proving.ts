import { randomBytes } from 'node:crypto'
import type { AccessRequest, Address, Bytes32, DatasetId, Deployment } from '@halo/consent'
import {
  bytesOf,
  datasetIdOf,
  hexOf,
  parseAddress,
  plainAccessRequest,
  requestIdOf,
  signMessage,
  statementOf,
  textHash,
} from '@halo/consent'
import type {
  AccessEvent,
  AnchoredRoot,
  Evidence,
  EvidenceFacts,
  EvidenceRequest,
  Hex,
  MerkleLog,
  NoteSigner,
  Receipt,
  SignedDelivery,
  SigningDomain,
} from '@halo/proofs'
import {
  commitLocation,
  commitRecord,
  createMemoryStore,
  createNoteSigner,
  createReceipt,
  formatLogOrigin,
  openLog,
  parseLogOrigin,
  saltCommitment,
  signAccessEvent,
  signCheckpoint,
  signDeletion,
  startRecordCommitment,
} from '@halo/proofs'
import { keccak256, Wallet } from 'ethers'
import { forgeAnchor, packAnchor } from '../../packages/proofs/test/forged-state.ts'

/** Contracts, operators and the log of the first of them: a Halo, or what somebody makes in its likeness. */
export interface ProvingHalo {
  readonly deployment: Deployment
  readonly operators: readonly Wallet[]
  readonly log: MerkleLog
  readonly logKey: NoteSigner
}

/** All that can be shown of one record, and what only those who took part know. */
export interface Proving {
  readonly evidence: Required<Evidence>
  readonly patient: Wallet
  readonly researcher: Wallet
  readonly request: AccessRequest
  /** Content of the record's file. */
  readonly content: Uint8Array
  /** The access that the first operator signed. */
  readonly event: AccessEvent
  readonly place: { readonly name: string; readonly salt: Uint8Array }
  /** What the chain holds. */
  readonly anchored: AnchoredRoot
}

const TIME_SEC = 1_790_000_000
const PLACE = 'Ward 3, Example Hospital'
const DESCRIPTOR = '{"days":14,"kind":"glucose-cgm"}'

/** Somebody nobody has met. */
export function createSigner(): Wallet {
  return new Wallet(hexOf(randomBytes(32)))
}

/** A Halo at addresses of its own. */
export async function createProvingHalo(): Promise<ProvingHalo> {
  const address = (): Address => parseAddress(createSigner().address)
  const contracts = { registry: address(), token: address(), consent: address(), escrow: address() }
  const deployment = { chainId: 31_337n, ...contracts, anchor: address() }
  const operators = [createSigner(), createSigner()]
  const log = {
    chainId: 31_337,
    contract: deployment.anchor.toLowerCase(),
    operator: operators[0]?.address.toLowerCase() ?? '',
  }
  const logKey = createNoteSigner(formatLogOrigin(log), randomBytes(32))
  return { deployment, operators, log: await openLog(createMemoryStore()), logKey }
}

/** A record that was published, granted, delivered and deleted, with every part of the evidence of it. */
export async function proveRecord(halo: ProvingHalo, patient: Wallet = createSigner()): Promise<Proving> {
  const { deployment } = halo
  const [researcher, content] = [createSigner(), randomBytes(200)]
  const opening = { salt: hexOf(randomBytes(32)), metadata: '0xa0' } as const
  const recordCommitment = startRecordCommitment(opening).update(content).digest()
  const dataset = datasetIdOf(recordCommitment as Bytes32, parseAddress(patient.address))
  const descriptor = textHash(DESCRIPTOR)
  const signature = await signMessage(patient, 'Anchor', { dataset, descriptor }, deployment)
  const owner = patient.address as Hex
  const { receipt, anchored } = await logEntry(halo, commitRecord(bytesOf(dataset), bytesOf(descriptor)))
  const request = requestBy(researcher, dataset, patient)
  const place = { name: PLACE, salt: randomBytes(32) }
  const event: AccessEvent = {
    recordHash: dataset,
    owner,
    receiver: researcher.address as Hex,
    timeSec: TIME_SEC,
    location: commitLocation(place.name, place.salt),
    expirySec: TIME_SEC + 604_800,
  }
  const evidence: Required<Evidence> = {
    deployment: evidenceDeploymentOf(halo),
    record: { recordCommitment, owner, descriptor: DESCRIPTOR, signature, opening },
    inclusion: receipt,
    anchor: proveAnchored(anchored),
    consent: await grant(patient, request, deployment),
    access: {
      deliveries: await signDeliveries(halo, request),
      events: [await signAccessEvent(halo.operators[0] as Wallet, event, domainOf(halo))],
    },
    deletion: await signDeletions(halo, dataset),
  }
  return { evidence, patient, researcher, request, content, event, place, anchored }
}

/** What somebody knows who knows a Halo and has asked its chain. */
export function factsOf(halo: ProvingHalo, anchors: readonly AnchoredRoot[]): EvidenceFacts {
  const operators = halo.operators.map(({ address }, at) => ({
    address: address as Hex,
    ...(at === 0 ? { logKey: halo.logKey.verifier.publicKey } : {}),
  }))
  return {
    deployment: evidenceDeploymentOf(halo),
    operators,
    operatorsUntilSec: Number.MAX_SAFE_INTEGER,
    anchors,
  }
}

/** Hash of the block that a proof's anchor leads to. */
export function blockHashOf({ evidence }: Proving): Hex {
  return keccak256(evidence.anchor.blockHeader) as Hex
}

/** What access events and deletions are signed for. */
export function domainOf({ deployment }: ProvingHalo): SigningDomain {
  return { chainId: Number(deployment.chainId), verifyingContract: deployment.consent }
}

/** A grant by whoever signs it, to a request. */
export async function grant(
  signer: Wallet,
  request: AccessRequest,
  deployment: Deployment,
): Promise<Required<Evidence>['consent']> {
  const requestId = requestIdOf(request, deployment)
  const statement = statementOf('Grant', request)
  const signature = await signMessage(signer, 'Grant', { requestId, statement }, deployment)
  const answers = [{ kind: 'Grant', statement, signature }] as const
  return { request: plainAccessRequest(request) as EvidenceRequest, answers }
}

/** What every operator signs that released its share for a request. */
export async function signDeliveries(
  { operators, deployment }: Pick<ProvingHalo, 'operators' | 'deployment'>,
  request: AccessRequest,
): Promise<readonly SignedDelivery[]> {
  const requestId = requestIdOf(request, deployment)
  return await Promise.all(
    operators.map(async (operator) => ({
      operator: operator.address as Hex,
      signature: await signMessage(operator, 'Delivery', { requestId }, deployment),
    })),
  )
}

/** What every operator signs that deleted what it held. */
async function signDeletions(halo: ProvingHalo, dataset: Hex): Promise<Required<Evidence>['deletion']> {
  const deletion = { dataset, shareDestroyed: true, shardsDeleted: 2, timeSec: TIME_SEC + 900_000 }
  return await Promise.all(halo.operators.map((operator) => signDeletion(operator, deletion, domainOf(halo))))
}

/** A request for a data set that names somebody as its patient. */
export function requestBy(researcher: Wallet, dataset: DatasetId, patient: Wallet): AccessRequest {
  return {
    dataset,
    patient: parseAddress(patient.address),
    researcher: parseAddress(researcher.address),
    recipientKeyHash: hexOf(randomBytes(32)) as Bytes32,
    termsHash: hexOf(randomBytes(32)) as Bytes32,
    currency: parseAddress(`0x${'0'.repeat(40)}`),
    price: 20_000_000_000_000_000n,
    relayFee: 1_000n,
    answerBySec: TIME_SEC + 50_000,
    accessForSec: 604_800,
    nonce: hexOf(randomBytes(32)) as Bytes32,
  }
}

/** Three more leaves in the log, one of them an entry; its receipt, and the root as the chain holds it. */
async function logEntry(
  { log, logKey }: ProvingHalo,
  commitment: Uint8Array,
): Promise<{ readonly receipt: Receipt; readonly anchored: AnchoredRoot }> {
  const entry = { commitment, salt: randomBytes(32) }
  const index = log.head.size + 1
  await log.append([randomBytes(32), saltCommitment(entry.commitment, entry.salt), randomBytes(32)])
  const { size, root } = log.head
  const origin = logKey.verifier.name
  const note = signCheckpoint({ origin, size, root, extension: [] }, [logKey])
  const anchor = { txHash: randomBytes(32), block: 100 + size, atSec: TIME_SEC - 5_000 + size }
  const receipt = createReceipt(entry, await log.proveInclusion(index), note, anchor)
  const id = parseLogOrigin(origin)
  if (id === null) throw new Error('the log has no name')
  return { receipt, anchored: { log: id, size, root, ...anchor } }
}

/** A proof of a chain's state in which every hash fits, up to a block that holds the root. */
function proveAnchored(anchored: AnchoredRoot): Required<Evidence>['anchor'] {
  const { block, atSec } = anchored
  const head = { number: block + 5, timeSec: atSec + 60 }
  return forgeAnchor({ ...anchored, word: packAnchor(block, atSec), ...head })
}

function evidenceDeploymentOf({ deployment }: ProvingHalo): Evidence['deployment'] {
  const { chainId, consent, escrow, anchor } = deployment
  return { chainId: Number(chainId), consent, escrow, anchor }
}
