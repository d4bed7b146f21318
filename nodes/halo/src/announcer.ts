import { announceAddresses, openAccount } from '@halo/chain'
import type { Host } from '@halo/peers'
import type { Log } from '@halo/ports'
import { reasonOf } from '@halo/ports'
import type { NodeConfig } from './config.ts'
import type { MemberBook } from './member-book.ts'
import type { NodeKeys } from './node-keys.ts'

/** Keeps the addresses in the registry true, so that nobody has to publish them by hand. */
export interface Announcer {
  /** Announces this peer's addresses if the registry lists it with others; a failure is logged. */
  announce(): Promise<void>
}

/** An announcer for one node. */
export function createAnnouncer(
  config: NodeConfig,
  keys: NodeKeys,
  book: MemberBook,
  host: Host,
  log: Log,
): Announcer {
  const send = async (addresses: readonly string[]): Promise<void> => {
    await using account = await openAccount({ rpcUrl: config.chainUrl, signer: keys.operatorKey })
    const tx = await announceAddresses(account, config.deployment, addresses)
    log('info', 'addresses-announced', { count: addresses.length, gas: tx.gas })
  }
  return {
    async announce() {
      const registered = book.members().find((member) => member.peerId === host.peerId)
      if (registered?.isActive !== true) return log('warn', 'not-a-member', { peerId: host.peerId })
      const addresses = [...host.addresses].sort()
      if (addresses.join() === [...registered.addresses].sort().join()) return
      try {
        await send(addresses)
      } catch (error) {
        log('warn', 'addresses-not-announced', { reason: reasonOf(error, 'CHAIN_REFUSED') })
      }
    },
  }
}
