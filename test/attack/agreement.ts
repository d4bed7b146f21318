import type { RequestId } from '@halo/consent'
import { signMessage, statementOf } from '@halo/consent'
import type { Answer } from '@halo/ports'
import type { Asking, OwnRequest, Research, ResearchParts } from '@halo/research'
import type { Placement } from '@halo/vault'
import { parseManifest } from '@halo/vault'
import type { DatasetKey, Holding, Publishing, Wallet, WalletParts } from '@halo/wallet'
import type { Wallet as Signer } from 'ethers'
import type { LocalNetwork } from '../fixture/local-network.ts'
import { publishing, TERMS } from '../fixture/local-network.ts'

/** A patient with one published record. */
export interface Patient {
  readonly wallet: Wallet
  readonly parts: WalletParts
  readonly holding: Holding
  /** The key of that data set. */
  readonly key: DatasetKey
  readonly placement: Placement
  readonly record: Uint8Array
}

/** A fresh patient who publishes a record. */
export async function publishFresh(
  network: LocalNetwork,
  record: Uint8Array,
  changes: Partial<Publishing> = {},
): Promise<Patient> {
  const { wallet, parts } = await network.openWallet()
  const { holding } = await wallet.publish(publishing(record, changes))
  const { placement } = parseManifest(holding.manifest)
  if (placement === null) throw new Error('The wallet keeps the placement.')
  return { wallet, parts, holding, key: parts.keyring.datasetKey(holding.keyIndex), placement, record }
}

/** A researcher with one request. */
export interface Asker {
  readonly research: Research
  readonly parts: ResearchParts
  readonly signer: Signer
  readonly own: OwnRequest
  readonly id: RequestId
}

/** A fresh researcher who asks for a patient's record. */
export async function askFresh(
  network: LocalNetwork,
  patient: Patient,
  changes: Partial<Asking> = {},
): Promise<Asker> {
  const opened = await network.openResearch()
  return { ...opened, ...(await askAgain(opened.research, patient, changes)) }
}

/** Another request of the same researcher. */
export async function askAgain(
  research: Research,
  patient: Patient,
  changes: Partial<Asking> = {},
): Promise<{ readonly own: OwnRequest; readonly id: RequestId }> {
  const { request } = await research.request({ dataset: patient.holding.dataset, terms: TERMS, ...changes })
  return { own: request, id: request.id }
}

/** An answer as the patient's wallet would send it, signed by any key. */
export async function answerOf(
  network: LocalNetwork,
  kind: Answer['kind'],
  asked: Pick<Asker, 'own' | 'id'>,
  key: Pick<DatasetKey, 'signTypedData'>,
  manifest: Uint8Array | null,
): Promise<Answer> {
  const message = { requestId: asked.id, statement: statementOf(kind, asked.own.request) }
  return {
    kind,
    requestId: asked.id,
    signature: await signMessage(key, kind, message, network.deployment),
    manifest,
  }
}

/** Whether these are the bytes of a patient's record, exactly. A diff of a record would take minutes to print. */
export function isRecord(found: unknown, patient: Patient): boolean {
  return found instanceof Uint8Array && Buffer.from(found).equals(patient.record)
}
