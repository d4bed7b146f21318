import type { ChainAccount, ChainLedger } from '@halo/chain'
import { admitPeer, deployHalo, openAccount, openLedger, openWriter } from '@halo/chain'
import type { AccessRequest, Address, AnswerKind, Bytes32, DatasetId, Deployment, Hex } from '@halo/consent'
import {
  datasetIdOf,
  NATIVE_COIN,
  parseAddress,
  parseBytes32,
  requestIdOf,
  signMessage,
  statementOf,
  textHash,
} from '@halo/consent'
import type { LedgerWriter } from '@halo/ports'
import { hexlify, randomBytes, Wallet } from 'ethers'
import type { Anvil } from '../../../nodes/cli/src/anvil.ts'
import { startAnvil } from '../../../nodes/cli/src/anvil.ts'

/** A chain with the contracts, admitted operators and someone who researches, for one test. */
export interface LocalHalo extends AsyncDisposable {
  readonly anvil: Anvil
  readonly admin: ChainAccount
  readonly deployment: Deployment
  readonly ledger: ChainLedger
  readonly researcher: LedgerWriter
  readonly operators: readonly { readonly wallet: Wallet; readonly writer: LedgerWriter }[]
  readonly patient: Wallet
}

/** Account 0 administers, account 1 researches, the next ones operate peers. */
export async function startHalo(peers = 3, dataDir?: string): Promise<LocalHalo> {
  await using stack = new AsyncDisposableStack()
  const anvil = stack.use(await startAnvil({ accounts: peers + 2, ...(dataDir ? { dataDir } : {}) }))
  const { rpcUrl } = anvil
  const admin = stack.use(await openAccount({ rpcUrl, signer: keyOf(anvil, 0) }))
  const { deployment } = await deployHalo(admin, { admin: admin.address, deliveryQuorum: 2 })
  const ledger = stack.use(await openLedger({ rpcUrl, deployment }))
  const operators = []
  for (let i = 0; i < peers; i += 1) {
    const wallet = new Wallet(keyOf(anvil, i + 2))
    await admitPeer(admin, deployment, { operator: parseAddress(wallet.address), ...profile(i) })
    operators.push({ wallet, writer: await openWriter(ledger, wallet) })
  }
  const researcher = await openWriter(ledger, keyOf(anvil, 1))
  const patient = new Wallet(hexlify(randomBytes(32)))
  const resources = stack.move()
  return {
    anvil,
    admin,
    deployment,
    ledger,
    researcher,
    operators,
    patient,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

export function profile(index: number): { peerId: string; kemPublicKey: Uint8Array; addresses: string[] } {
  return {
    peerId: `12D3KooWPeer${index}`,
    kemPublicKey: new Uint8Array(1216).fill(index + 1),
    addresses: [`/ip4/127.0.0.1/tcp/${4000 + index}`],
  }
}

export function keyOf(anvil: Anvil, index: number): string {
  const account = anvil.accounts[index]
  if (account === undefined) throw new Error(`no account ${index}`)
  return account.privateKey
}

/** Of the one record that these tests know; each patient makes another data set of it. */
export const COMMITMENT: Bytes32 = parseBytes32(`0x${'5a'.repeat(32)}`)

/** The patient's data set, and a root anchored by the first operator in whose log it might be. */
export async function anchorDataset(halo: LocalHalo): Promise<DatasetId> {
  const { writer } = firstOf(halo.operators)
  const size = ((await halo.ledger.anchoredHead(writer.account))?.size ?? 0) + 1
  await writer.anchorRoot(size, parseBytes32(hexlify(randomBytes(32))))
  return datasetIdOf(COMMITMENT, addressOf(halo.patient))
}

/** A request of the researcher for one data set; nothing is sent yet. */
export async function draftRequest(
  halo: LocalHalo,
  dataset: DatasetId,
  changes: Partial<AccessRequest> = {},
): Promise<AccessRequest> {
  return {
    dataset,
    patient: addressOf(halo.patient),
    researcher: halo.researcher.account,
    recipientKeyHash: parseBytes32(hexlify(randomBytes(32))),
    termsHash: textHash('terms'),
    currency: NATIVE_COIN,
    price: 10n ** 16n,
    relayFee: 10n ** 14n,
    answerBySec: (await halo.ledger.chainTimeSec()) + 3_600,
    accessForSec: 86_400,
    nonce: parseBytes32(hexlify(randomBytes(32))),
    ...changes,
  }
}

/** A request that is on chain. */
export async function makeRequest(halo: LocalHalo): Promise<AccessRequest> {
  const request = await draftRequest(halo, await anchorDataset(halo))
  await halo.researcher.request(request, COMMITMENT)
  return request
}

export function signAnswer(halo: LocalHalo, kind: AnswerKind, request: AccessRequest): Promise<Hex> {
  const requestId = requestIdOf(request, halo.deployment)
  return signMessage(
    halo.patient,
    kind,
    { requestId, statement: statementOf(kind, request) },
    halo.deployment,
  )
}

export async function signDeliveries(halo: LocalHalo, request: AccessRequest, count: number): Promise<Hex[]> {
  const requestId = requestIdOf(request, halo.deployment)
  const signers = halo.operators.slice(0, count)
  return Promise.all(
    signers.map(({ wallet }) => signMessage(wallet, 'Delivery', { requestId }, halo.deployment)),
  )
}

export function addressOf(wallet: Wallet): Address {
  return parseAddress(wallet.address)
}

export function firstOf<T>(items: readonly T[]): T {
  const [first] = items
  if (first === undefined) throw new Error('empty')
  return first
}

/** Moves the chain's clock on and mines a block. */
export async function passTime(halo: LocalHalo, seconds: number): Promise<void> {
  await halo.ledger.connection.rpc.send('evm_increaseTime', [seconds])
  await halo.ledger.connection.rpc.send('evm_mine', [])
}

/** The error a promise ends in. */
export async function errorOf(promise: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await promise
  } catch (error) {
    return error as Record<string, unknown>
  }
  throw new Error('did not fail')
}
