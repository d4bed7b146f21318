import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { HardhatEthers } from '@nomicfoundation/hardhat-ethers/types'
import type { BaseContract, ContractRunner, Contract as EthersContract, TransactionReceipt } from 'ethers'
import { AbiCoder, hexlify, id, keccak256, Wallet } from 'ethers'

// Hardhat looks for its configuration from the working directory, wherever the test is started.
process.chdir(fileURLToPath(new URL('..', import.meta.url)))
process.env['CI'] ??= 'true'

export type Contract = EthersContract
export type Fields = Readonly<Record<string, string | bigint | number>>

/** The contracts on a fresh chain in this process, with everyone who takes part. */
export interface LocalContracts extends AsyncDisposable {
  readonly ethers: HardhatEthers
  readonly chainId: bigint
  readonly registry: Contract
  readonly anchor: Contract
  readonly escrow: Contract
  readonly consent: Contract
  readonly token: Contract
  readonly admin: ContractRunner & { readonly address: string }
  readonly researcher: ContractRunner & { readonly address: string }
  readonly operators: readonly (ContractRunner & { readonly address: string })[]
  readonly stranger: ContractRunner & { readonly address: string }
  readonly patient: Wallet
  mineAt(timeSec: number): Promise<void>
}

export const COMMITMENT: string = id('commitment')
const STATEMENT = 'I allow it.'
const START_SEC = 2_000_000_000

/** Same keys, same times, same bytes in every run, so that gas is the same too. */
export async function startContracts(operatorCount = 3): Promise<LocalContracts> {
  const { default: hre } = await import('hardhat')
  // Hardhat skips this when nothing has changed; a fresh clone has no artifacts yet.
  await hre.tasks.getTask('build').run({ quiet: true })
  const { default: module } = await import('../ignition/modules/Halo.ts')
  const connection = await hre.network.create({ network: 'local' })
  const { ethers, ignition, provider } = connection
  const mineAt = async (timeSec: number): Promise<void> => {
    await provider.request({ method: 'evm_setNextBlockTimestamp', params: [timeSec] })
    await provider.request({ method: 'evm_mine', params: [] })
  }
  await mineAt(START_SEC)
  const [admin, researcher, stranger, ...operators] = (await ethers.getSigners()).slice(0, operatorCount + 3)
  if (!admin || !researcher || !stranger) throw new Error('too few accounts')
  const parameters = { Halo: { admin: admin.address, deliveryQuorum: 2 } }
  const deployed = await ignition.deploy(module, { parameters })
  const contracts = deployed as unknown as Record<
    'registry' | 'anchor' | 'escrow' | 'consent' | 'token',
    Contract
  >
  for (const [index, operator] of operators.entries()) {
    const kemPublicKey = hexlify(new Uint8Array(1216).fill(1))
    await call(contracts.registry, admin, 'admit', [
      operator.address,
      `peer${index}`,
      kemPublicKey,
      ['/ip4/127.0.0.1'],
    ])
  }
  const local = {
    ethers,
    chainId: (await ethers.provider.getNetwork()).chainId,
    ...contracts,
    admin,
    researcher,
    operators,
    stranger,
    patient: new Wallet(id('patient')),
    mineAt,
    [Symbol.asyncDispose]: () => connection.close(),
  }
  return local
}

/** Sends a transaction and returns its receipt. */
export async function call(
  contract: BaseContract,
  sender: ContractRunner,
  method: string,
  args: readonly unknown[],
  value = 0n,
): Promise<TransactionReceipt> {
  const connected = contract.connect(sender) as Contract
  const tx = await connected.getFunction(method)(...args, { value })
  const receipt: TransactionReceipt | null = await tx.wait()
  if (receipt === null) throw new Error('not mined')
  return receipt
}

export function draft(halo: LocalContracts, changes: Fields = {}): Fields {
  return {
    dataset: datasetOf(halo.patient.address),
    patient: halo.patient.address,
    researcher: halo.researcher.address,
    recipientKeyHash: id('key'),
    termsHash: id('terms'),
    currency: '0x0000000000000000000000000000000000000000',
    price: 10n ** 18n,
    relayFee: 10n ** 16n,
    answerBySec: START_SEC + 86_400,
    accessForSec: 604_800,
    nonce: id('nonce'),
    ...changes,
  }
}

/** The id of the one committed record under an owner, by the contract's formula. */
export function datasetOf(patient: string): string {
  return keccak256(AbiCoder.defaultAbiCoder().encode(['bytes32', 'address'], [COMMITMENT, patient]))
}

export function makeRequest(halo: LocalContracts, request: Fields): Promise<TransactionReceipt> {
  const total = BigInt(request['price'] ?? 0) + BigInt(request['relayFee'] ?? 0)
  return call(halo.escrow, halo.researcher, 'request', [request, COMMITMENT], total)
}

/** Arguments of `grant`, `decline` or `revoke`, signed by the patient unless another signer is given. */
export async function answerArgs(
  halo: LocalContracts,
  kind: 'Grant' | 'Decline' | 'Revoke',
  request: Fields,
  signer: Wallet = halo.patient,
): Promise<readonly unknown[]> {
  const requestId: string = await halo.escrow.getFunction('requestIdOf')(request)
  const signature = await sign(halo, signer, halo.consent, kind, { requestId, statement: STATEMENT })
  return [request, id(STATEMENT), signature]
}

/** The type strings are written out here once more, so that a slip on either side shows. */
const TYPES = {
  Grant: [
    { name: 'requestId', type: 'bytes32' },
    { name: 'statement', type: 'string' },
  ],
  Decline: [
    { name: 'requestId', type: 'bytes32' },
    { name: 'statement', type: 'string' },
  ],
  Revoke: [
    { name: 'requestId', type: 'bytes32' },
    { name: 'statement', type: 'string' },
  ],
  Delivery: [{ name: 'requestId', type: 'bytes32' }],
}

export async function sign(
  halo: Pick<LocalContracts, 'chainId'>,
  signer: Pick<Wallet, 'signTypedData'>,
  contract: BaseContract,
  kind: keyof typeof TYPES,
  value: Record<string, string>,
): Promise<string> {
  const domain = {
    name: 'Halo',
    version: '1',
    chainId: halo.chainId,
    verifyingContract: await contract.getAddress(),
  }
  return signer.signTypedData(domain, { [kind]: TYPES[kind] }, value)
}
