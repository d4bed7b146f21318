import type { CallOptions, Ledger, Log, Member } from '@halo/ports'
import { reasonOf } from '@halo/ports'

/** The registry as this node last read it. */
export interface MemberBook {
  readonly members: () => readonly Member[]
  isMember(peerId: string): boolean
  /** Reads the registry again; keeps what it had when the chain cannot be reached. */
  refresh(options?: CallOptions): Promise<void>
}

/**
 * A book that starts empty: until the first `refresh` nobody is a member.
 * @param onLost told of every peer that is active no more, so that its connection is cut
 */
export function createMemberBook(ledger: Ledger, log: Log, onLost: (peerId: string) => void): MemberBook {
  let members: readonly Member[] = []
  let active: ReadonlySet<string> = new Set()
  return {
    members: () => members,
    isMember: (peerId) => active.has(peerId),
    async refresh(options) {
      try {
        members = await ledger.members(options)
        const now = new Set(members.filter((member) => member.isActive).map((member) => member.peerId))
        if (now.size !== active.size || [...now].some((peerId) => !active.has(peerId)))
          log('info', 'members-changed', { active: now.size, registered: members.length })
        const lost = [...active].filter((peerId) => !now.has(peerId))
        active = now
        for (const peerId of lost) onLost(peerId)
      } catch (error) {
        log('warn', 'members-unread', { reason: reasonOf(error, 'CHAIN_UNREACHABLE') })
      }
    },
  }
}
