import type { Address, Bytes32 } from '@halo/consent'
import type { CallOptions } from '@halo/ports'
import type { ChainConnection, ChainLog } from './connection.ts'
import { INTERFACES } from './contracts.ts'
import { ChainError } from './errors.ts'
import { findFirstBlock } from './first-block.ts'
import type { ChainLedger } from './ledger.ts'
import { readEntries } from './members.ts'

/** A peer that the registry admitted at some time, whatever became of it since. */
export interface Admission {
  readonly operator: Address
  /** libp2p peer id, base58btc; null where the registry holds what is no text. */
  readonly peerId: string | null
  readonly block: number
}

/** Who was ever admitted, as far as a node's logs tell. */
export interface AdmissionHistory {
  /** Oldest first; who was removed and admitted again is there once for each time. */
  readonly admissions: readonly Admission[]
  /**
   * The chain's time, in Unix seconds, up to which nobody is left out; null where the node's logs lack
   * admissions that the registry counted, or the node does not tell how many there were.
   */
  readonly completeUntilSec: number | null
}

/**
 * Reads from the registry's events who was ever admitted. The registry itself forgets whom it removes.
 * @throws ChainError
 */
export async function readAdmissions(
  { connection, deployment }: ChainLedger,
  options: CallOptions = {},
): Promise<AdmissionHistory> {
  const header = await connection.header('latest', options)
  if (header === null) throw new ChainError('CHAIN_INCONSISTENT', 'The chain node has no newest block.')
  const first = await findFirstBlock(connection, deployment, options)
  const logs = await readProfiles(connection, deployment.registry, [first, header.number], options)
  const admissions = logs.map(admissionOf)
  const at = { ...options, block: header.number }
  const count = await countAdmissions(connection, deployment.registry, at)
  // The registry numbers its admissions from 1: those it still lists have to be where their numbers say.
  const entries = await readEntries(connection, deployment.registry, at)
  const isInPlace = entries.every(({ sequence, operator, profileBlock }) => {
    const admission = admissions[sequence - 1]
    return admission?.operator === operator && admission.block === profileBlock
  })
  // A registry that counts nobody may be one of another layout.
  const isComplete = admissions.length > 0 && isInPlace && count === BigInt(admissions.length)
  return { admissions, completeUntilSec: isComplete ? header.timeSec : null }
}

/**
 * Where the registry keeps its number of admissions, alone in its slot: the sixth, behind AccessManaged's one, the two
 * of `_operators` and those of two mappings. It has no getter.
 */
const ADMITTED_SLOT = 5

/**
 * Admissions that the registry has counted; none is ever taken back, so that it tells of those, too, who were admitted
 * last and removed. Null where the node answers no questions about storage, which some refuse as if they were down:
 * that it is up was seen by what it said before.
 */
async function countAdmissions(
  connection: ChainConnection,
  registry: Address,
  options: CallOptions & { readonly block: number },
): Promise<bigint | null> {
  try {
    return await connection.storage(registry, ADMITTED_SLOT, options)
  } catch (error) {
    options.signal?.throwIfAborted()
    if (error instanceof ChainError) return null
    throw error
  }
}

/** All at once, or in halves where the node finds that too much. */
async function readProfiles(
  connection: ChainConnection,
  registry: Address,
  [fromBlock, toBlock]: readonly [from: number, to: number],
  options: CallOptions,
): Promise<readonly ChainLog[]> {
  const topics = INTERFACES.registry.encodeFilterTopics('PeerProfile', []) as Bytes32[]
  try {
    const logs = await connection.logs({ addresses: [registry], topics, fromBlock, toBlock }, options)
    return logs.toSorted((a, b) => a.block - b.block || a.logIndex - b.logIndex)
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'CHAIN_ANSWER_BAD' || fromBlock >= toBlock) throw error
    const middle = Math.floor((fromBlock + toBlock) / 2)
    const earlier = await readProfiles(connection, registry, [fromBlock, middle], options)
    return [...earlier, ...(await readProfiles(connection, registry, [middle + 1, toBlock], options))]
  }
}

function admissionOf({ data, topics, block }: ChainLog): Admission {
  const read = INTERFACES.registry.decodeEventLog('PeerProfile', data, topics)
  return { operator: read['operator'], peerId: readText(() => read['peerId']), block }
}

/** The decoder says only when a text is read that its bytes are not UTF-8. */
function readText(read: () => string): string | null {
  try {
    return read()
  } catch {
    return null
  }
}
