import type { Address, Deployment, Hex } from '@halo/consent'
import { parseAddress } from '@halo/consent'
import type { CallOptions, LedgerTx, Member } from '@halo/ports'
import { AbiCoder, concat } from 'ethers'
import type { ChainAccount, SentTx } from './account.ts'
import { INTERFACES } from './contracts.ts'
import { ChainError } from './errors.ts'
import { ACCESS_MANAGER_BYTECODE } from './generated/access-manager.ts'
import { ESCROW_BYTECODE } from './generated/escrow.ts'
import { HALO_REGISTRY_BYTECODE } from './generated/halo-registry.ts'
import { LOG_ANCHOR_BYTECODE } from './generated/log-anchor.ts'

/** What a deployment is made for. */
export interface DeployOptions {
  /** Account that may admit, suspend, resume and remove peers. */
  readonly admin: Address
  /** How many operators must sign a delivery before it settles an escrow; the key threshold k. */
  readonly deliveryQuorum: number
}

/** Deploys all contracts, wired for good. The Ignition module in contracts/ does the same. */
export async function deployHalo(
  account: ChainAccount,
  { admin, deliveryQuorum }: DeployOptions,
  options?: CallOptions,
): Promise<{ readonly deployment: Deployment; readonly txs: readonly LedgerTx[] }> {
  const txs: LedgerTx[] = []
  const create = async (
    name: string,
    bytecode: string,
    types: string[],
    args: unknown[],
  ): Promise<Address> => {
    const data = concat([bytecode, AbiCoder.defaultAbiCoder().encode(types, args)]) as Hex
    const { tx, created } = await account.send({ name: `deploy ${name}`, to: null, data }, options)
    txs.push(tx)
    if (created === null) throw new ChainError('TX_REVERTED', `The chain did not create ${name}.`)
    return created
  }
  const manager = await create('access manager', ACCESS_MANAGER_BYTECODE, ['address'], [admin])
  const registry = await create('registry', HALO_REGISTRY_BYTECODE, ['address'], [manager])
  const anchor = await create('anchor', LOG_ANCHOR_BYTECODE, ['address'], [registry])
  const escrowArgs = [registry, deliveryQuorum]
  const escrow = await create('escrow', ESCROW_BYTECODE, ['address', 'uint256'], escrowArgs)
  const made = async (getter: string): Promise<Address> =>
    parseAddress((await account.connection.call('escrow', escrow, getter, [], options))[0])
  const chainId = await account.connection.chainId(options)
  const [consent, token] = [await made('consentRegistry'), await made('accessToken')]
  return { deployment: { chainId, registry, token, consent, escrow, anchor }, txs }
}

/** Lists a peer in the registry; the account must be the registry's admin. */
export function admitPeer(
  account: ChainAccount,
  deployment: Deployment,
  member: Pick<Member, 'operator' | 'peerId' | 'kemPublicKey' | 'addresses'>,
  options?: CallOptions,
): Promise<LedgerTx> {
  const args = [member.operator, member.peerId, member.kemPublicKey, member.addresses]
  return sendToRegistry(account, deployment, 'admit', args, options)
}

/** Changes the standing of a listed peer; the account must be the registry's admin. */
export function changePeer(
  account: ChainAccount,
  deployment: Deployment,
  change: 'suspend' | 'resume' | 'remove',
  operator: Address,
  options?: CallOptions,
): Promise<LedgerTx> {
  return sendToRegistry(account, deployment, change, [operator], options)
}

/** Tells everyone where the peer of this account listens now. */
export function announceAddresses(
  account: ChainAccount,
  deployment: Deployment,
  addresses: readonly string[],
  options?: CallOptions,
): Promise<LedgerTx> {
  return sendToRegistry(account, deployment, 'announce', [addresses], options)
}

async function sendToRegistry(
  account: ChainAccount,
  deployment: Deployment,
  method: string,
  args: readonly unknown[],
  options?: CallOptions,
): Promise<LedgerTx> {
  const data = INTERFACES.registry.encodeFunctionData(method, args) as Hex
  const sent: SentTx = await account.send({ name: method, to: deployment.registry, data }, options)
  return sent.tx
}
