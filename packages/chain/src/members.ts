import type { Address, Bytes32 } from '@halo/consent'
import type { CallOptions, Member } from '@halo/ports'
import type { Result } from 'ethers'
import { AbiCoder, getBytes, keccak256, zeroPadValue } from 'ethers'
import type { ChainConnection } from './connection.ts'
import { INTERFACES, OPERATOR_STATUS } from './contracts.ts'
import { ChainError } from './errors.ts'

/** What the registry holds of a listed peer. */
export interface RegistryEntry {
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
  let known: ReadonlyMap<Bytes32, Profile> = new Map()
  return async (options) => {
    const entries = await readEntries(connection, registry, options)
    const profiles = new Map<Bytes32, Profile>()
    const members: Member[] = []
    for (const entry of entries) {
      const profile =
        known.get(entry.profileHash) ?? (await readProfile(connection, registry, entry, options))
      if (profile === null) continue
      profiles.set(entry.profileHash, profile)
      members.push({ operator: entry.operator, ...profile, isActive: entry.status === 'active' })
    }
    known = profiles
    return members
  }
}

/** Who is listed, in order of admission. */
export async function readEntries(
  connection: ChainConnection,
  registry: Address,
  options?: CallOptions & { readonly block?: number },
): Promise<readonly RegistryEntry[]> {
  const answer = await connection.call('registry', registry, 'entries', [], options)
  const entries = Array.from(answer[0] as Result, (entry: Result) => entryOf(entry))
  return entries.sort((a, b) => a.sequence - b.sequence)
}

function entryOf(entry: Result): RegistryEntry {
  return {
    operator: entry['operator'],
    status: OPERATOR_STATUS[Number(entry['status'])] ?? 'none',
    sequence: Number(entry['sequence']),
    profileBlock: Number(entry['profileBlock']),
    addressesBlock: Number(entry['addressesBlock']),
    profileHash: entry['profileHash'],
  }
}

/**
 * Several profiles of one operator may be in one block; the hash on chain says which one counts.
 * @returns null when the operator announced what is no text: that peer is left out, not all of them
 */
async function readProfile(
  connection: ChainConnection,
  registry: Address,
  entry: RegistryEntry,
  options?: CallOptions,
): Promise<Profile | null> {
  const profiles = await readLogs(connection, registry, entry.profileBlock, 'PeerProfile', entry, options)
  const moves = await readLogs(connection, registry, entry.addressesBlock, 'PeerAddresses', entry, options)
  let isReadable = true
  for (const profile of profiles) {
    for (const event of [profile, ...moves]) {
      const read = readTexts(profile, event)
      if (read === null) isReadable = false
      else if (hashProfile(read) === entry.profileHash) return read
    }
  }
  if (!isReadable) return null
  const message = "The chain node's logs do not contain a peer's profile that the registry vouches for."
  throw new ChainError('CHAIN_INCONSISTENT', message, { details: { operator: entry.operator } })
}

async function readLogs(
  connection: ChainConnection,
  registry: Address,
  block: number,
  event: 'PeerProfile' | 'PeerAddresses',
  entry: RegistryEntry,
  options?: CallOptions,
): Promise<readonly Result[]> {
  const fragment = INTERFACES.registry.getEvent(event)
  if (fragment === null) return []
  const topics = [fragment.topicHash as Bytes32, zeroPadValue(entry.operator, 32) as Bytes32]
  const filter = { addresses: [registry], topics, fromBlock: block, toBlock: block }
  const logs = await connection.logs(filter, options)
  return logs.map((log) => INTERFACES.registry.decodeEventLog(fragment, log.data, log.topics))
}

/** The texts of a profile, or null where their bytes are not UTF-8; the decoder says so when they are read. */
function readTexts(profile: Result, { addresses }: Result): Profile | null {
  try {
    const { peerId, kemPublicKey } = profile
    return { peerId, kemPublicKey: getBytes(kemPublicKey), addresses: Array.from(addresses as Result) }
  } catch {
    return null
  }
}

function hashProfile({ peerId, kemPublicKey, addresses }: Profile): string {
  const abi = AbiCoder.defaultAbiCoder()
  const identity = keccak256(abi.encode(['string', 'bytes'], [peerId, kemPublicKey]))
  const list = keccak256(abi.encode(['string[]'], [addresses]))
  return keccak256(abi.encode(['bytes32', 'bytes32'], [identity, list]))
}
