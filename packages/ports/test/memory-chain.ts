import type {
  AccessRequest,
  Address,
  AnswerKind,
  Bytes32,
  ChainFacts,
  Deployment,
  Hex,
  RequestId,
} from '@halo/consent'
import { datasetIdOf, NATIVE_COIN, recoverSigner, requestIdOf, statementOf } from '@halo/consent'
import type {
  AnchoredHead,
  Clock,
  Ledger,
  LedgerEvent,
  LedgerListener,
  LedgerTx,
  LedgerWriter,
  Member,
  RootAnchor,
} from '../src/index.ts'
import { nowSec, RefusedError } from '../src/index.ts'

/** A clock that a test moves. */
export interface TestClock extends Clock {
  skipSec(seconds: number): void
}

/** Starts at a round time and stands still until it is moved. */
export function createTestClock(startSec = 1_700_000_000): TestClock {
  let now = startSec * 1000
  return {
    nowMs: () => now,
    skipSec(seconds) {
      now += seconds * 1000
    },
  }
}

/** Contracts of the chain in memory. */
export const DEPLOYMENT: Deployment = {
  chainId: 31_337n,
  registry: '0x5FbDB2315678afecb367f032d93F642f64180aa3' as Address,
  token: '0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512' as Address,
  consent: '0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0' as Address,
  escrow: '0xCf7Ed3AccA5a467e9e704C703E8D87F634fB0Fc9' as Address,
  anchor: '0xDc64a140Aa3E981100a9becA4E685f962f0cF6C9' as Address,
}

interface RequestState {
  readonly request: AccessRequest
  escrow: ChainFacts['escrow']
  consent: ChainFacts['consent']
  accessUntilSec: number
  consentBlock: number
  /** Whether an active operator has earned the relay fee. */
  isRelayPaid: boolean
}

/** Asked of a write before it happens; may throw in its place. */
type Hook = (name: string, account: Address) => void | Promise<void>

/**
 * The contracts' rules in memory, for tests of what uses a chain. Signatures are checked; there are no
 * blocks that nobody asked for, no gas and no reorganisations. The real chain has its own tests.
 */
export class MemoryChain {
  readonly clock: Clock
  readonly ledger: Ledger
  members: readonly Member[] = []
  /** While true nothing can be asked or written. */
  isDown = false
  block = 1
  /** Names of mined transactions, with who sent them. */
  readonly mined: { readonly name: string; readonly account: Address }[] = []
  /** Questions asked, by name. */
  readonly asked = new Map<string, number>()
  before: Hook = () => {}
  /** Runs after a transaction was mined and before its sender hears of it. */
  after: Hook = () => {}
  readonly #roots = new Map<string, RootAnchor>()
  readonly #heads = new Map<Address, AnchoredHead>()
  readonly #requests = new Map<RequestId, RequestState>()
  readonly #credits = new Map<string, bigint>()
  readonly #listeners: LedgerListener[] = []
  readonly #quorum: number

  constructor(clock: Clock, quorum = 3) {
    this.clock = clock
    this.#quorum = quorum
    this.ledger = this.#reader()
  }

  listen(listener: LedgerListener): void {
    this.#listeners.push(listener)
  }

  writer(account: Address): LedgerWriter {
    const send = (name: string, act: () => LedgerEvent | null): Promise<LedgerTx> =>
      this.#send(name, account, act)
    return {
      account,
      anchorRoot: (size, root) => send('anchor', () => this.#anchorRoot(account, size, root)),
      request: (request, commitment) => send('request', () => this.#request(request, commitment, account)),
      answer: async (kind, request, signature) => {
        const status = ANSWERS[kind]
        if (this.#state(request)?.consent === status) return { tx: null, isFirst: false }
        const tx = await send(kind.toLowerCase(), () => this.#answer(kind, request, signature, account))
        return { tx, isFirst: true }
      },
      settle: (request) =>
        send('settle', () => {
          if (account !== request.researcher) throw new RefusedError('CHAIN_REFUSED')
          return this.#settle(request)
        }),
      settleWithDeliveries: (request, signatures) =>
        send('settleWithDeliveries', () => this.#settleByDeliveries(request, signatures)),
      refund: (request) => send('refund', () => this.#refund(request)),
      withdraw: (to, currency) =>
        send('withdraw', () => {
          if (this.credit(to, currency) === 0n) throw new RefusedError('CHAIN_REFUSED')
          this.#credits.delete(`${to} ${currency}`)
          return null
        }),
    }
  }

  /** What the escrow holds for an account. */
  credit(account: Address, currency: Address = NATIVE_COIN): bigint {
    return this.#credits.get(`${account} ${currency}`) ?? 0n
  }

  #reader(): Ledger {
    const ask = async <T>(name: string, read: () => T): Promise<T> => {
      this.asked.set(name, (this.asked.get(name) ?? 0) + 1)
      this.#requireUp()
      return read()
    }
    return {
      deployment: DEPLOYMENT,
      members: () => ask('members', () => this.members),
      facts: (request) => ask('facts', () => this.#facts(request)),
      rootAnchor: (operator, size, root) =>
        ask('rootAnchor', () => this.#roots.get(`${operator} ${size} ${root}`) ?? null),
      anchoredHead: (operator) => ask('anchoredHead', () => this.#heads.get(operator) ?? null),
      findRequest: (id) => ask('findRequest', () => this.#requests.get(id)?.request ?? null),
      headBlock: () => ask('headBlock', () => this.block),
      chainTimeSec: () => ask('chainTimeSec', () => nowSec(this.clock)),
      balanceOf: () => ask('balanceOf', () => 0n),
      creditOf: (account, currency) => ask('creditOf', () => this.credit(account, currency)),
      deliveryQuorum: () => ask('deliveryQuorum', () => this.#quorum),
    }
  }

  #requireUp(): void {
    if (this.isDown) throw new RefusedError('CHAIN_UNREACHABLE')
  }

  async #send(name: string, account: Address, act: () => LedgerEvent | null): Promise<LedgerTx> {
    await this.before(name, account)
    this.#requireUp()
    this.block++
    const event = act()
    this.mined.push({ name, account })
    if (event !== null) for (const listener of this.#listeners) await listener.onEvent(event)
    await this.after(name, account)
    return { name, hash: this.#hash(), gas: 21_000, block: this.block }
  }

  /** Of the transaction in the newest block. */
  #hash(): Hex {
    return `0x${this.block.toString(16).padStart(64, '0')}`
  }

  #state(request: AccessRequest): RequestState | undefined {
    return this.#requests.get(requestIdOf(request, DEPLOYMENT))
  }

  #facts(request: AccessRequest): ChainFacts {
    const state = this.#state(request)
    const { escrow = 'none', consent = 'none', accessUntilSec = 0, consentBlock = 0 } = state ?? {}
    const isVoid = escrow === 'none' || escrow === 'refunded'
    return {
      escrow,
      consent,
      accessUntilSec,
      tokenOwner: isVoid ? null : request.researcher,
      confirmations: consentBlock === 0 ? 0 : this.block - consentBlock + 1,
      chainTimeSec: nowSec(this.clock),
    }
  }

  #event(event: Record<string, unknown>): LedgerEvent {
    return { block: this.block, logIndex: 0, ...event } as LedgerEvent
  }

  /** Forgets a root, as a chain does that takes a block back; the operator's head is that before it again. */
  dropRoot(operator: Address, size: number, root: Bytes32): void {
    this.#roots.delete(`${operator} ${size} ${root}`)
    this.#heads.delete(operator)
    for (const key of this.#roots.keys()) {
      const [account, left, hash = ''] = key.split(' ')
      if (account === operator && Number(left) > (this.#heads.get(operator)?.size ?? 0))
        this.#heads.set(operator, { size: Number(left), rootStart: startOf(hash as Bytes32) })
    }
  }

  #anchorRoot(operator: Address, size: number, root: Bytes32): LedgerEvent | null {
    if (!this.#activeOperators().has(operator)) throw new RefusedError('NOT_A_MEMBER')
    const key = `${operator} ${size} ${root}`
    if (this.#roots.has(key)) return null
    if (size <= (this.#heads.get(operator)?.size ?? 0)) throw new RefusedError('CHAIN_REFUSED')
    this.#roots.set(key, { atSec: nowSec(this.clock), block: this.block, txHash: this.#hash() })
    this.#heads.set(operator, { size, rootStart: startOf(root) })
    return this.#event({ kind: 'anchored', operator, size, root })
  }

  #request(request: AccessRequest, commitment: Bytes32, account: Address): LedgerEvent {
    const id = requestIdOf(request, DEPLOYMENT)
    if (datasetIdOf(commitment, request.patient) !== request.dataset)
      throw new RefusedError('REQUEST_MISMATCH')
    if (this.#requests.has(id) || account !== request.researcher) throw new RefusedError('CHAIN_REFUSED')
    if (request.answerBySec <= nowSec(this.clock)) throw new RefusedError('CHAIN_REFUSED')
    const state: RequestState = {
      request,
      escrow: 'open',
      consent: 'none',
      accessUntilSec: 0,
      consentBlock: 0,
      isRelayPaid: false,
    }
    this.#requests.set(id, state)
    return this.#event({ kind: 'requested', id, request })
  }

  #answer(kind: AnswerKind, request: AccessRequest, signature: Hex, account: Address): LedgerEvent {
    const id = requestIdOf(request, DEPLOYMENT)
    const state = this.#requests.get(id)
    const wanted = kind === 'Revoke' ? 'granted' : 'none'
    const message = { requestId: id, statement: statementOf(kind, request) }
    const isOwner = recoverSigner(kind, message, signature, DEPLOYMENT) === request.patient
    if (state === undefined || state.consent !== wanted || !isOwner) throw new RefusedError('CHAIN_REFUSED')
    if (kind !== 'Revoke' && (nowSec(this.clock) > request.answerBySec || state.escrow !== 'open'))
      throw new RefusedError('CHAIN_REFUSED')
    state.consent = ANSWERS[kind]
    state.consentBlock = this.block
    if (kind === 'Grant') state.accessUntilSec = nowSec(this.clock) + request.accessForSec
    if (kind !== 'Revoke' && this.#activeOperators().has(account)) {
      state.isRelayPaid = true
      this.#pay(account, request.currency, request.relayFee)
    }
    return this.#event({ kind: 'answered', id, answer: kind })
  }

  #settle(request: AccessRequest): LedgerEvent {
    const state = this.#state(request)
    const isDue = state?.consent === 'granted' && nowSec(this.clock) <= state.accessUntilSec
    if (state === undefined || state.escrow !== 'open' || !isDue) throw new RefusedError('CHAIN_REFUSED')
    state.escrow = 'settled'
    this.#pay(request.patient, request.currency, request.price)
    if (!state.isRelayPaid) this.#pay(request.researcher, request.currency, request.relayFee)
    return this.#event({ kind: 'closed', id: requestIdOf(request, DEPLOYMENT), outcome: 'settled' })
  }

  #settleByDeliveries(request: AccessRequest, signatures: readonly Hex[]): LedgerEvent {
    const requestId = requestIdOf(request, DEPLOYMENT)
    const operators = this.#activeOperators()
    // As the writer does: what is no operator's signature is left out.
    const counted = new Set(
      signatures.map((one) => delivererOf(requestId, one)).filter((one) => one !== null),
    )
    for (const signer of counted) if (!operators.has(signer)) counted.delete(signer)
    if (counted.size < this.#quorum) throw new RefusedError('SHARES_TOO_FEW')
    return this.#settle(request)
  }

  #refund(request: AccessRequest): LedgerEvent {
    const state = this.#state(request)
    const now = nowSec(this.clock)
    const isRunning =
      (state?.consent === 'none' && now <= request.answerBySec) ||
      (state?.consent === 'granted' && now <= state.accessUntilSec)
    if (state === undefined || state.escrow !== 'open' || isRunning) throw new RefusedError('CHAIN_REFUSED')
    state.escrow = 'refunded'
    const fee = state.isRelayPaid ? 0n : request.relayFee
    this.#pay(request.researcher, request.currency, request.price + fee)
    return this.#event({ kind: 'closed', id: requestIdOf(request, DEPLOYMENT), outcome: 'refunded' })
  }

  #activeOperators(): ReadonlySet<Address> {
    return new Set(this.members.filter((member) => member.isActive).map((member) => member.operator))
  }

  #pay(account: Address, currency: Address, amount: bigint): void {
    this.#credits.set(`${account} ${currency}`, this.credit(account, currency) + amount)
  }
}

const ANSWERS = { Grant: 'granted', Decline: 'declined', Revoke: 'revoked' } as const

/** What the contract keeps of a root: 18 bytes. */
function startOf(root: Bytes32): Hex {
  return root.slice(0, 2 + 2 * 18) as Hex
}

function delivererOf(requestId: RequestId, signature: Hex): Address | null {
  try {
    return recoverSigner('Delivery', { requestId }, signature, DEPLOYMENT)
  } catch {
    return null
  }
}
