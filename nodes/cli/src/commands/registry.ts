import { readFile } from 'node:fs/promises'
import type { ChainAccount, ChainLedger } from '@halo/chain'
import { admitPeer, changePeer, openAccount, openLedger } from '@halo/chain'
import type { Hex } from '@halo/consent'
import { bytesOf, parseAddress } from '@halo/consent'
import { readNetworkFile } from '@halo/node'
import type { Member } from '@halo/ports'
import type { Command } from 'commander'
import type { CommonOptions } from '../command.ts'
import { run, withJson } from '../command.ts'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'

interface RegistryOptions extends CommonOptions {
  readonly chainUrl: string
  readonly network: string
}

interface AdminOptions extends RegistryOptions {
  readonly keyFile: string
}

const CHANGES = [
  ['suspend', 'stop trusting a peer for now; others hang up on it'],
  ['resume', 'trust a suspended peer again'],
  ['remove', 'take a peer out of the registry'],
] as const

/** `halo registry …` for those who administer who is a peer. */
export function addRegistryCommands(program: Command): void {
  const registry = program.command('registry').description('say who is a peer of the Halo')
  withChain(registry.command('list')).description('show all peers').action(run<RegistryOptions>(listPeers))
  withAdmin(registry.command('admit'))
    .description('admit a peer')
    .argument('<file>', 'peer.json that halo node init left in the peer’s data directory')
    .action(run<AdminOptions>(admit))
  for (const [change, description] of CHANGES) {
    withAdmin(registry.command(change))
      .description(description)
      .argument('<operator>', 'account of its operator')
      .action(run<AdminOptions>((options, output, args) => applyChange(change, options, output, args)))
  }
}

function withChain(command: Command): Command {
  return withJson(command)
    .requiredOption('--chain-url <url>', 'JSON-RPC of a chain node you trust')
    .requiredOption('--network <file>', 'contract addresses, a file as in deploy/networks')
}

function withAdmin(command: Command): Command {
  return withChain(command).requiredOption(
    '--key-file <file>',
    'file with the private key (hex) of an account that the registry’s AccessManager allows this',
  )
}

async function listPeers(options: RegistryOptions, output: Output): Promise<undefined> {
  await using ledger = await openChain(options)
  const members = await ledger.members()
  output.result(
    { peers: members },
    members.length === 0 ? ['The registry is empty.'] : members.flatMap(describeMember),
  )
  return undefined
}

function describeMember({ peerId, operator, addresses, isActive }: Member): readonly string[] {
  return [
    `${isActive ? 'active   ' : 'suspended'} ${peerId}`,
    `          operator ${operator}`,
    ...addresses.map((address) => `          ${address}`),
  ]
}

async function admit(
  options: AdminOptions,
  output: Output,
  [file = '']: readonly string[],
): Promise<undefined> {
  const peer = await readPeerFile(file)
  await using ledger = await openChain(options)
  await using account = await openAdmin(options)
  const tx = await admitPeer(account, ledger.deployment, peer)
  output.result({ admitted: peer.peerId, tx }, [
    `Admitted ${peer.peerId}. It announces its addresses by itself once it runs.`,
  ])
  return undefined
}

async function applyChange(
  change: (typeof CHANGES)[number][0],
  options: AdminOptions,
  output: Output,
  [text = '']: readonly string[],
): Promise<undefined> {
  const operator = parseAddress(text, 'operator')
  await using ledger = await openChain(options)
  await using account = await openAdmin(options)
  const tx = await changePeer(account, ledger.deployment, change, operator)
  output.result({ operator, change, tx }, [`Done: ${change} ${operator}. Peers notice within seconds.`])
  return undefined
}

async function openChain(options: RegistryOptions): Promise<ChainLedger> {
  return openLedger({ rpcUrl: options.chainUrl, deployment: await readNetworkFile(options.network) })
}

async function openAdmin(options: AdminOptions): Promise<ChainAccount> {
  const signer = await readFile(options.keyFile, 'utf8').catch((cause: unknown) => {
    throw unreadable(options.keyFile, cause)
  })
  return openAccount({ rpcUrl: options.chainUrl, signer: signer.trim() })
}

async function readPeerFile(
  file: string,
): Promise<Pick<Member, 'operator' | 'peerId' | 'kemPublicKey' | 'addresses'>> {
  try {
    const { operator, peerId, kemPublicKey } = JSON.parse(await readFile(file, 'utf8')) as Readonly<
      Record<string, unknown>
    >
    if (typeof peerId !== 'string' || typeof kemPublicKey !== 'string') throw new Error('a field is missing')
    return {
      operator: parseAddress(operator, 'operator'),
      peerId,
      kemPublicKey: bytesOf(kemPublicKey as Hex),
      addresses: [],
    }
  } catch (cause) {
    throw unreadable(file, cause)
  }
}

function unreadable(file: string, cause: unknown): CliError {
  return new CliError('FILE_UNREADABLE', `The file ${file} is not what this command needs. See --help.`, {
    cause,
  })
}
