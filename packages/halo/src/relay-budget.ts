import type { Clock } from '@halo/ports'
import { RefusedError } from '@halo/ports'

/** How many transactions a peer still pays for by itself, or listings it still takes. */
export interface RelayBudget {
  /** @throws RefusedError `BUSY` when this hour's are used up */
  spend(): void
  /** Takes one back that was spent for something that did not come about. */
  giveBack(): void
}

const HOUR_MS = 3_600_000

/** A bucket that refills evenly over an hour. */
export function createRelayBudget(clock: Clock, perHour: number): RelayBudget {
  let left = perHour
  let lastMs = clock.nowMs()
  return {
    spend() {
      const now = clock.nowMs()
      // A clock that was set back takes nothing away.
      left = Math.min(perHour, left + (Math.max(0, now - lastMs) / HOUR_MS) * perHour)
      lastMs = now
      if (left < 1) throw new RefusedError('BUSY')
      left -= 1
    },
    giveBack() {
      left = Math.min(perHour, left + 1)
    },
  }
}
