import { writeFile } from 'node:fs/promises'
import type { ChainAccount } from '@halo/chain'
import { admitPeer, deployHalo, openAccount, openLedger } from '@halo/chain'
import type { Address, Deployment, Hex } from '@halo/consent'
import { bytesOf } from '@halo/consent'
import { plainDeployment } from '@halo/node'
import { parseEther } from 'ethers'
import * as assert from 'uvu/assert'
import type { Anvil } from '../../nodes/cli/src/anvil.ts'
import { startAnvil } from '../../nodes/cli/src/anvil.ts'
import type { Place, Running } from './halo-command.ts'

/** A local chain with the contracts, as an operator's consortium would run it. */
export interface TestChain extends AsyncDisposable {
  readonly anvil: Anvil
  readonly deployment: Deployment
  readonly admin: ChainAccount
  /** The options that every `init` needs. */
  readonly options: readonly string[]
  fund(account: string, coins?: string): Promise<void>
  skipTime(seconds: number): Promise<void>
}

/** Starts a chain, deploys the contracts and writes the network file into the place. */
export async function startTestChain(place: Place, deliveryQuorum: number): Promise<TestChain> {
  await using starting = new AsyncDisposableStack()
  const anvil = starting.use(await startAnvil())
  const [account] = anvil.accounts
  if (account === undefined) throw new Error('Anvil has no account.')
  const admin = starting.use(await openAccount({ rpcUrl: anvil.rpcUrl, signer: account.privateKey }))
  const { deployment } = await deployHalo(admin, { admin: account.address, deliveryQuorum })
  const network = place.path('network.json')
  await writeFile(network, networkText(deployment))
  const running = starting.move()
  return {
    anvil,
    deployment,
    admin,
    options: ['--chain-url', anvil.rpcUrl, '--network', network],
    async fund(to, coins = '10') {
      await admin.send({ name: 'fund', to: to as Address, data: '0x', value: parseEther(coins) })
    },
    async skipTime(seconds) {
      await using ledger = await openLedger({ rpcUrl: anvil.rpcUrl, deployment })
      await ledger.connection.rpc.send('evm_increaseTime', [seconds])
      await ledger.connection.rpc.send('evm_mine', [])
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

/** A network file's text. */
export function networkText(deployment: Deployment): string {
  return JSON.stringify(plainDeployment(deployment))
}

const LISTEN = ['--listen', '/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'] as const

/** Sets a peer up and has it admitted. */
export async function initPeer(place: Place, chain: TestChain, dataDir: string): Promise<{ peerId: string }> {
  const { code, value } = await place.json('node', 'init', '--data', dataDir, ...chain.options, ...LISTEN)
  assert.is(code, 0, JSON.stringify(value))
  const { peerId, operator } = value
  const kemPublicKey = bytesOf(value.kemPublicKey as Hex)
  await chain.fund(operator)
  await admitPeer(chain.admin, chain.deployment, { operator, peerId, kemPublicKey, addresses: [] })
  return { peerId }
}

/** Starts a peer and waits until it serves, and has told the registry where, if it is listed there. */
export async function startPeer(place: Place, dataDir: string): Promise<Running> {
  const running = place.start('node', 'start', '--data', dataDir)
  await running.untilPrinted('is up; status at')
  await running.untilPrinted(/addresses-announced|addresses-current|not-a-member/)
  return running
}
