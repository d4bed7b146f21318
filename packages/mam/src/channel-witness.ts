import { sha256 } from '@noble/hashes/sha2.js'
import { MamError } from './errors.ts'
import type { ChannelWitness, WitnessMark } from './state-port.ts'

const STATE_HASH_BYTES = 32

/** What a witness knows of one channel. Without a witness, nothing speaks against any state. */
export interface ChannelWatch {
  /** @throws MamError `WITNESS_MALFORMED`; whatever the witness throws */
  newest(): Promise<WitnessMark | null>
  /**
   * Remembers a state before anything is signed from it.
   * @returns false where another state of this number, or a later one, is remembered
   */
  remember(mark: WitnessMark): Promise<boolean>
}

/** Asks a witness about one channel, and takes no nonsense from it. */
export function watchChannel(witness: ChannelWitness | undefined, channelId: Uint8Array): ChannelWatch {
  async function newest(): Promise<WitnessMark | null> {
    const mark = (await witness?.highestSeen(channelId)) ?? null
    if (mark === null || isMark(mark)) return mark
    throw new MamError('WITNESS_MALFORMED', 'The witness gave no mark of a state; repair the witness.')
  }

  return {
    newest,
    async remember(mark) {
      if (witness === undefined || (await witness.raise(channelId, mark))) return true
      // It may have been remembered all the same, by a call that seemed to fail.
      const known = await newest()
      return known !== null && known.counter === mark.counter && !isOlder(mark, known)
    },
  }
}

/** The mark of a state as it is stored. */
export function markOf(counter: number, stored: Uint8Array): WitnessMark {
  return { counter, stateHash: sha256(stored) }
}

/** Whether a state is behind what a witness knows, or is another one of the same number. */
export function isOlder(mark: WitnessMark, known: WitnessMark | null): boolean {
  if (known === null || known.counter !== mark.counter) return known !== null && known.counter > mark.counter
  return !known.stateHash.every((byte, at) => byte === mark.stateHash[at])
}

function isMark({ counter, stateHash }: WitnessMark): boolean {
  const isCounter = Number.isSafeInteger(counter) && counter > 0
  return isCounter && stateHash instanceof Uint8Array && stateHash.length === STATE_HASH_BYTES
}
