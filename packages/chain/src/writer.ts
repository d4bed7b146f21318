import type { AccessRequest, Address, AnswerKind, Bytes32, Deployment, Hex } from '@halo/consent'
import { NATIVE_COIN, recoverSigner, requestIdOf, statementOf, textHash } from '@halo/consent'
import type { CallOptions, LedgerTx, LedgerWriter } from '@halo/ports'
import { RefusedError } from '@halo/ports'
import type { AccountOptions, ChainAccount, SentTx, TransactionSigner } from './account.ts'
import { createAccount } from './account.ts'
import type { ContractName } from './contracts.ts'
import { INTERFACES } from './contracts.ts'
import { ChainError } from './errors.ts'
import type { ChainLedger } from './ledger.ts'

const ANSWER_METHOD = { Grant: 'grant', Decline: 'decline', Revoke: 'revoke' } as const
const ANSWER_EVENT = { Grant: 'Granted', Decline: 'Declined', Revoke: 'Revoked' } as const

/**
 * A writer for one account on an open ledger. It lives as long as the ledger's connection.
 * Every call checks first, without a transaction, whether the contract agrees and the account can pay.
 * @param signer private key as hex, or whoever signs transactions
 * @throws ChainError `SIGNER_BAD`
 */
export async function openWriter(
  ledger: ChainLedger,
  signer: string | TransactionSigner,
  options: Pick<AccountOptions, 'minedWithinMs'> = {},
): Promise<LedgerWriter> {
  const { confirmations } = ledger
  const account = await createAccount(ledger.connection, signer, { confirmations, ...options })
  const parts: Parts = { ledger, account, deployment: ledger.deployment }
  return {
    account: account.address,
    anchorRoot: async (size, root, call) => (await sendTo(parts, 'anchor', 'anchor', [size, root], call)).tx,
    request: (request, commitment, call) => makeRequest(parts, request, commitment, call),
    answer: (kind, request, signature, call) => relayAnswer(parts, kind, request, signature, call),
    settle: (request, call) => sendToEscrow(parts, 'settle', [request], call),
    settleWithDeliveries: (request, signatures, call) => settleByDeliveries(parts, request, signatures, call),
    refund: (request, call) => sendToEscrow(parts, 'refund', [request], call),
    withdraw: (to, currency, call) => sendToEscrow(parts, 'withdraw', [to, currency], call),
  }
}

interface Parts {
  readonly ledger: ChainLedger
  readonly account: ChainAccount
  readonly deployment: Deployment
}

function sendTo(
  { account, deployment }: Parts,
  contract: 'anchor' | 'consent' | 'escrow',
  method: string,
  args: readonly unknown[],
  options?: CallOptions,
  value = 0n,
): Promise<SentTx> {
  const data = INTERFACES[contract].encodeFunctionData(method, args) as Hex
  return account.send({ name: method, to: deployment[contract], data, value }, options)
}

async function sendToEscrow(
  parts: Parts,
  method: string,
  args: readonly unknown[],
  options?: CallOptions,
  value = 0n,
): Promise<LedgerTx> {
  return (await sendTo(parts, 'escrow', method, args, options, value)).tx
}

async function makeRequest(
  parts: Parts,
  request: AccessRequest,
  commitment: Bytes32,
  options?: CallOptions,
): Promise<LedgerTx> {
  const total = request.price + request.relayFee
  const args = [request, commitment]
  if (request.currency === NATIVE_COIN) return sendToEscrow(parts, 'request', args, options, total)
  await allowPayment(parts, request.currency, total, options)
  return sendToEscrow(parts, 'request', args, options)
}

/** Lets the escrow take exactly what this request costs. */
async function allowPayment(
  { account, ledger, deployment }: Parts,
  currency: Address,
  total: bigint,
  options?: CallOptions,
): Promise<void> {
  const held = await ledger.balanceOf(account.address, currency, options)
  if (held < total) throw insufficientCurrency(currency, total, held)
  const args = [account.address, deployment.escrow]
  const [allowed] = await account.connection.call('erc20', currency, 'allowance', args, options)
  if (allowed >= total) return
  const data = INTERFACES.erc20.encodeFunctionData('approve', [deployment.escrow, total]) as Hex
  await account.send({ name: 'approve', to: currency, data }, options)
}

function insufficientCurrency(currency: Address, needed: bigint, held: bigint): ChainError {
  const message =
    `The account cannot pay the price and relay fee: it owns ${held} units of the token ` +
    `${currency} and needs ${needed}. Fund it and try again.`
  const details = { what: 'price and relay fee', currency, needed: `${needed}`, held: `${held}` }
  return new ChainError('INSUFFICIENT_FUNDS', message, { details })
}

/** Asks first, so that a peer that comes late sends nothing; a lost race after that shows in the logs. */
async function relayAnswer(
  parts: Parts,
  kind: AnswerKind,
  request: AccessRequest,
  signature: Hex,
  options?: CallOptions,
): Promise<{ readonly tx: LedgerTx | null; readonly isFirst: boolean }> {
  const { account, deployment } = parts
  const args = [request, textHash(statementOf(kind, request)), signature]
  const method = ANSWER_METHOD[kind]
  const asSelf = { ...options, from: account.address }
  const [mayBeFirst] = await account.connection.call('consent', deployment.consent, method, args, asSelf)
  if (!mayBeFirst) return { tx: null, isFirst: false }
  const { tx, logs } = await sendTo(parts, 'consent', method, args, options)
  const isFirst = hasEvent(logs, 'consent', ANSWER_EVENT[kind], requestIdOf(request, deployment))
  return { tx, isFirst }
}

/** Sends what counts: one signature of each active operator, in the order the contract asks for. */
async function settleByDeliveries(
  parts: Parts,
  request: AccessRequest,
  signatures: readonly Hex[],
  options?: CallOptions,
): Promise<LedgerTx> {
  const { ledger, deployment } = parts
  const requestId = requestIdOf(request, deployment)
  const members = await ledger.members(options)
  const operators = new Set(members.filter((member) => member.isActive).map((member) => member.operator))
  const bySigner = new Map<Address, Hex>()
  for (const signature of signatures) {
    const signer = signerOrNull(requestId, signature, deployment)
    if (signer !== null && operators.has(signer)) bySigner.set(signer, signature)
  }
  const quorum = await ledger.deliveryQuorum(options)
  if (bySigner.size < quorum) throw tooFewDeliveries(bySigner.size, quorum)
  const ascending = [...bySigner].sort(([a], [b]) => (BigInt(a) < BigInt(b) ? -1 : 1))
  const chosen = ascending.slice(0, quorum).map(([, signature]) => signature)
  return sendToEscrow(parts, 'settleWithDeliveries', [request, chosen], options)
}

function signerOrNull(
  requestId: ReturnType<typeof requestIdOf>,
  signature: Hex,
  deployment: Deployment,
): Address | null {
  try {
    return recoverSigner('Delivery', { requestId }, signature, deployment)
  } catch {
    return null
  }
}

function tooFewDeliveries(given: number, needed: number): RefusedError {
  return new RefusedError('SHARES_TOO_FEW', {
    message: `Only ${given} active operators have signed the delivery; ${needed} are needed to settle.`,
    details: { given, needed },
  })
}

function hasEvent(logs: SentTx['logs'], contract: ContractName, event: string, key: Bytes32): boolean {
  const topic = INTERFACES[contract].getEvent(event)?.topicHash
  return logs.some((log) => log.topics[0] === topic && log.topics[1] === key)
}
