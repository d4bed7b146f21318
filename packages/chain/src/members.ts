import type { Address, Bytes32 } from '@halo/consent'
import type { CallOptions, Member } from '@halo/ports'
import type { Result } from 'ethers'
import { AbiCoder, getBytes, keccak256, zeroPadValue } from 'ethers'
import type { ChainConnection } from './connection.ts'
import { INTERFACES, OPERATOR_STATUS } from './contracts.ts'
import { ChainError } from './errors.ts'

interface Entry {
  readonly operator: Address
  readonly status: (typeof OPERATOR_STATUS)[number]
  readonly sequence: number
  readonly profileBlock: number
  readonly addressesBlock: number
  readonly profileHash: Bytes32
}

type Profile = Pick<Member, 'peerId' | 'kemPublicKey' | 'addresses'>

/** Reads the registry; a profile is fetched from the logs only when its hash on chain is new. */
export function createMemberReader(
  connection: ChainConnection,
  registry: Address,
): (options?: CallOptions) => Promise<readonly Member[]> {
  const known = new Map<Bytes32, Profile>()
  return async (options) => {
    const answer = await connection.call('registry', registry, 'entries', [], options)
    const entries = Array.from(answer[0] as Result, (entry: Result) => entryOf(entry))
    entries.sort((a, b) => a.sequence - b.sequence)
    const members: Member[] = []
    for (const entry of entries) {
      const profile =
        known.get(entry.profileHash) ?? (await readProfile(connection, registry, entry, options))
      members.push({ operator: entry.operator, ...profile, isActive: entry.status === 'active' })
    }
    known.clear()
    entries.forEach((entry, index) => {
      const member = members[index]
      if (member) known.set(entry.profileHash, profileOf(member))
    })
    return members
  }
}

function entryOf(entry: Result): Entry {
  return {
    operator: entry['operator'],
    status: OPERATOR_STATUS[Number(entry['status'])] ?? 'none',
    sequence: Number(entry['sequence']),
    profileBlock: Number(entry['profileBlock']),
    addressesBlock: Number(entry['addressesBlock']),
    profileHash: entry['profileHash'],
  }
}

function profileOf({ peerId, kemPublicKey, addresses }: Profile): Profile {
  return { peerId, kemPublicKey, addresses }
}

/** Several profiles of one operator may be in one block; the hash on chain says which one counts. */
async function readProfile(
  connection: ChainConnection,
  registry: Address,
  entry: Entry,
  options?: CallOptions,
): Promise<Profile> {
  const profiles = await readLogs(connection, registry, entry.profileBlock, 'PeerProfile', entry, options)
  const moves = await readLogs(connection, registry, entry.addressesBlock, 'PeerAddresses', entry, options)
  for (const { peerId, kemPublicKey, addresses } of profiles) {
    for (const list of [addresses, ...moves.map((move) => move['addresses'])]) {
      const strings: string[] = Array.from(list as Result)
      if (hashProfile(peerId, kemPublicKey, strings) !== entry.profileHash) continue
      return { peerId, kemPublicKey: getBytes(kemPublicKey), addresses: strings }
    }
  }
  const message = "The chain node's logs do not contain a peer's profile that the registry vouches for."
  throw new ChainError('CHAIN_INCONSISTENT', message, { details: { operator: entry.operator } })
}

async function readLogs(
  connection: ChainConnection,
  registry: Address,
  block: number,
  event: 'PeerProfile' | 'PeerAddresses',
  entry: Entry,
  options?: CallOptions,
): Promise<readonly Result[]> {
  const fragment = INTERFACES.registry.getEvent(event)
  if (fragment === null) return []
  const topics = [fragment.topicHash as Bytes32, zeroPadValue(entry.operator, 32) as Bytes32]
  const filter = { addresses: [registry], topics, fromBlock: block, toBlock: block }
  const logs = await connection.logs(filter, options)
  return logs.map((log) => INTERFACES.registry.decodeEventLog(fragment, log.data, log.topics))
}

function hashProfile(peerId: string, kemPublicKey: string, addresses: readonly string[]): string {
  const abi = AbiCoder.defaultAbiCoder()
  const identity = keccak256(abi.encode(['string', 'bytes'], [peerId, kemPublicKey]))
  const list = keccak256(abi.encode(['string[]'], [addresses]))
  return keccak256(abi.encode(['bytes32', 'bytes32'], [identity, list]))
}
