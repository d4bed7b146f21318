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
  announce(options: { readonly signal: AbortSignal }): Promise<void>
}

/** One answer of the chain node: short, because nothing aborts the opening of an account. */
const RPC_TIMEOUT_MS = 5000

/** An announcer for one node. */
export function createAnnouncer(
  config: NodeConfig,
  keys: NodeKeys,
  book: MemberBook,
  host: Host,
  log: Log,
): Announcer {
  const send = async (
    addresses: readonly string[],
    options: { readonly signal: AbortSignal },
  ): Promise<void> => {
    await using account = await openAccount({
      rpcUrl: config.chainUrl,
      signer: keys.operatorKey,
      timeoutMs: RPC_TIMEOUT_MS,
    })
    const tx = await announceAddresses(account, config.deployment, addresses, options)
    log('info', 'addresses-announced', { count: addresses.length, gas: tx.gas })
  }
  return {
    async announce(options) {
      const registered = book.members().find((member) => member.peerId === host.peerId)
      if (registered?.isActive !== true) return log('warn', 'not-a-member', { peerId: host.peerId })
      const addresses = [...host.addresses].sort()
      if (addresses.join() === [...registered.addresses].sort().join())
        return log('info', 'addresses-current')
      try {
        await send(addresses, options)
      } catch (error) {
        log('warn', 'addresses-not-announced', { reason: reasonOf(error, 'CHAIN_REFUSED') })
      }
    },
  }
}
