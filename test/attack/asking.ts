import { admitPeer } from '@halo/chain'
import type { RequestId, TypedDataSigner } from '@halo/consent'
import { signMessage } from '@halo/consent'
import type { NodeKeys } from '@halo/node'
import { createNodeSecrets, deriveNodeKeys } from '@halo/node'
import { openPeerLink } from '@halo/peers'
import type { CollectProof, Member, PeerLink } from '@halo/ports'
import { nowSec, RefusedError, systemClock } from '@halo/ports'
import type { LocalNetwork, TestPeer } from '../fixture/local-network.ts'

/** What came of asking: the reason of the refusal, or `GIVEN`. */
export type Outcome = RefusedError['reason'] | 'GIVEN'

/** @throws whatever is no refusal */
export async function outcomeOf(asked: Promise<unknown>): Promise<Outcome> {
  try {
    await asked
    return 'GIVEN'
  } catch (error) {
    if (error instanceof RefusedError) return error.reason
    throw error
  }
}

/** A link of somebody the peers have never seen. */
export function openStranger(): Promise<PeerLink> {
  return openPeerLink({ log: () => undefined })
}

/** Who is asked, as the registry lists them. */
export async function memberOf(network: LocalNetwork, peer: TestPeer): Promise<Member> {
  const found = (await network.ledger.members()).find((member) => member.peerId === peer.keys.peerId)
  if (found === undefined) throw new Error(`${peer.name} is not in the registry.`)
  return found
}

/** A proof of who collects, genuine unless told otherwise. */
export async function proofFor(
  network: LocalNetwork,
  signer: TypedDataSigner,
  requestId: RequestId,
  peerId: string,
  beforeSec: number = nowSec(systemClock) + 240,
): Promise<CollectProof> {
  const message = { requestId, peerId, beforeSec }
  return {
    requestId,
    beforeSec,
    signature: await signMessage(signer, 'Collect', message, network.deployment),
  }
}

/**
 * Asks every running peer for its key share and for the rebuilt record, each with the proof made for
 * it, and gives the distinct outcomes.
 */
export async function askAll(
  network: LocalNetwork,
  link: PeerLink,
  requestId: RequestId,
  prove: (peerId: string) => Promise<CollectProof>,
): Promise<readonly Outcome[]> {
  const running = network.peers.filter((peer) => peer.node !== null)
  const asked = await Promise.all(running.map((peer) => askPeer(network, link, peer, requestId, prove)))
  return [...new Set(asked.flat())].sort()
}

/** Asks one peer for its key share and for the rebuilt record. */
export async function askPeer(
  network: LocalNetwork,
  link: PeerLink,
  peer: TestPeer,
  requestId: RequestId,
  prove: (peerId: string) => Promise<CollectProof>,
): Promise<readonly Outcome[]> {
  const client = link.peer(await memberOf(network, peer))
  const proof = { ...(await prove(peer.keys.peerId)), requestId }
  const ending = new AbortController()
  try {
    const share = await outcomeOf(client.release(proof, { signal: ending.signal }))
    const record = await outcomeOf(client.collect(proof, { signal: ending.signal }))
    return [share, record]
  } finally {
    ending.abort()
  }
}

/** A member that runs no peer and keeps to no rule: registered keys, and a link that speaks as them. */
export interface Insider extends AsyncDisposable {
  readonly keys: NodeKeys
  readonly link: PeerLink
}

/** Has a dishonest member admitted, and waits until every running peer knows of it. */
export async function admitInsider(network: LocalNetwork): Promise<Insider> {
  const keys = await deriveNodeKeys(createNodeSecrets())
  const { operator, peerId, kemPublicKey } = keys
  await admitPeer(network.admin, network.deployment, { operator, peerId, kemPublicKey, addresses: [] })
  const link = await openPeerLink({ log: () => undefined, privateKey: keys.peerKey })
  await untilMembers(network, (await network.ledger.members()).filter((member) => member.isActive).length)
  return { keys, link, [Symbol.asyncDispose]: () => link[Symbol.asyncDispose]() }
}

/** Waits until every running peer counts so many active members. */
export async function untilMembers(network: LocalNetwork, active: number): Promise<void> {
  const running = network.peers.flatMap((peer) => (peer.node === null ? [] : [peer.node]))
  await until('all peers count the same members', async () => {
    const healths = await Promise.all(running.map((node) => node.health()))
    return healths.every((health) => health.peers.members === active)
  })
}

/** Asks, as a member, every other peer of a placement for its shard. */
export async function askShards(
  network: LocalNetwork,
  link: PeerLink,
  requestId: RequestId,
  shards: readonly { readonly peerId: string; readonly id: Uint8Array }[],
): Promise<readonly Outcome[]> {
  const members = await network.ledger.members()
  const ending = new AbortController()
  const asked = shards.map(({ peerId, id }) => {
    const holder = members.find((member) => member.peerId === peerId)
    if (holder === undefined) throw new Error('A holder is not in the registry.')
    const query = { requestId, id, fromUnit: 0 }
    return outcomeOf(link.peer(holder).readShard(query, { signal: ending.signal }))
  })
  try {
    return [...new Set(await Promise.all(asked))].sort()
  } finally {
    ending.abort()
  }
}

/** Waits for something that other parties of the test bring about. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = AbortSignal.timeout(30_000)
  while (!(await isTrue())) {
    if (deadline.aborted) throw new Error(`Not within 30 s: ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
