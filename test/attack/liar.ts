import { join } from 'node:path'
import { openLedger, openWriter } from '@halo/chain'
import { signMessage } from '@halo/consent'
import { openHaloPeer } from '@halo/halo'
import { openHeliaBlockStore } from '@halo/ipfs'
import { openSqliteStore, openTileStore } from '@halo/node'
import { linkOver, openHost, seedOf, serveHalo, signReceipt } from '@halo/peers'
import type { BlockStore, Caller, HaloProtocols } from '@halo/ports'
import { logOf, systemClock } from '@halo/ports'
import { createNoteSigner, formatLogOrigin } from '@halo/proofs'
import { createWasmEngine } from '@halo/vault'
import { Wallet } from 'ethers'
import type { LocalNetwork, TestPeer } from '../fixture/local-network.ts'
import { memberOf } from './asking.ts'

/** What a real peer answers, for a liar to change. */
export type Service = HaloProtocols<Caller>

/** What a liar may also use of its own peer. */
export interface LiarParts {
  readonly blocks: BlockStore
}

const silent = (): void => undefined

/**
 * Stops a peer and puts a liar in its place: the same keys, data and addresses, a real peer inside, and
 * a service that changes what it answers.
 */
export async function replaceByLiar(
  network: LocalNetwork,
  peer: TestPeer,
  twist: (honest: Service, parts: LiarParts) => Partial<Service>,
): Promise<AsyncDisposable> {
  const member = await memberOf(network, peer)
  await peer.stop()
  await using opening = new AsyncDisposableStack()
  const { peerKey, kemSecretKey, operatorKey } = peer.keys
  const options = { rpcUrl: network.anvil.rpcUrl, deployment: network.deployment }
  const ledger = opening.use(await openLedger(options))
  const members = await ledger.members()
  const isMember = (peerId: string): boolean => members.some((other) => other.peerId === peerId)
  const store = opening.use(openSqliteStore(join(peer.dataDir, 'state.sqlite')))
  const listen = member.addresses.map((address) => address.replace(/\/p2p\/.*$/, ''))
  const host = opening.use(await openHost({ privateKey: peerKey, listen, isMember }))
  const blocks = opening.use(
    await openHeliaBlockStore({ dir: join(peer.dataDir, 'blocks'), libp2p: host.libp2p, log: silent }),
  )
  const operator = new Wallet(operatorKey)
  const origin = formatLogOrigin(logOf(ledger.deployment, member.operator))
  const inside = opening.use(
    openHaloPeer({
      peerId: host.peerId,
      blocks,
      store,
      tiles: openTileStore(join(peer.dataDir, 'log')),
      ledger,
      writer: await openWriter(ledger, operatorKey),
      link: opening.use(linkOver(host.libp2p, { log: silent })),
      members: () => members,
      keys: {
        kemSecretKey,
        logSigner: createNoteSigner(origin, seedOf(peerKey)),
        signReceipt: (fields) => signReceipt(peerKey, fields),
        signDelivery: (requestId) => signMessage(operator, 'Delivery', { requestId }, ledger.deployment),
      },
      erasure: await createWasmEngine(),
      clock: systemClock,
      log: silent,
    }),
  )
  const service = { ...inside.service, ...twist(inside.service, { blocks }) }
  opening.use(await serveHalo(host.libp2p, service, { isMember, log: silent }))
  const running = opening.move()
  return { [Symbol.asyncDispose]: () => running.disposeAsync() }
}
