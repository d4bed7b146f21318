import type { MamEngine, MamMode, MessageParser } from './engine.ts'
import { MamError } from './errors.ts'
import { askNode, type TangleLookup } from './read-lookup.ts'
import { sortPayloads, yieldToEvents } from './read-payloads.ts'

/** What a node returns at most; beyond it nobody can tell what else lies at an address. */
const MAX_FOUND = 1000

/** Where a channel would publish next. */
export interface NextPlace {
  /** 81 trytes. */
  readonly root: string
  readonly sequence: number
  readonly mode: MamMode
  readonly sideKey: string | undefined
}

/** What a lookup is worked through with. */
export interface AddressCheckParts {
  readonly engine: MamEngine
  readonly parser: MessageParser
  readonly lookup: TangleLookup
  /** Without it the lookup alone speaks for a state, and what it cannot tell speaks against it. */
  readonly hasWitness: boolean
}

/**
 * Refuses to go on where the next address holds a message that its one-time key has signed: then more was
 * published than the state knows, whichever line of messages it was, whoever is its publisher by now. As the
 * key has signed nothing yet, nobody else makes such a message without finding preimages for Curl-P-27. What
 * others put there does not count.
 * @throws MamError `STATE_ROLLED_BACK`, `NODE_UNREACHABLE`; without a witness also `PARSE_TIMEOUT` and
 * `PARSER_DIED`; the signal's reason
 */
export async function assertUnused(
  parts: AddressCheckParts,
  place: NextPlace,
  signal: AbortSignal,
): Promise<void> {
  const address = parts.engine.addressOf(place.root, place.mode)
  const found = await askNode(parts.lookup, address, signal)
  if (found.length >= MAX_FOUND && !parts.hasWitness) throw tooFull()
  for (const payload of sortPayloads(found).shaped.slice(0, MAX_FOUND)) {
    const isUsed = await isSignedForUse(parts, payload, place)
    await yieldToEvents()
    signal.throwIfAborted()
    if (isUsed) throw inUse(place.sequence)
  }
}

/** Whether the one-time key of a place has signed, or may have. */
async function isSignedForUse(
  { parser, hasWitness }: AddressCheckParts,
  payload: string,
  { root, mode, sideKey }: NextPlace,
): Promise<boolean> {
  try {
    await parser.parseMessage(payload, root, sideKey)
    return true
  } catch (error) {
    switch (error instanceof MamError ? error.code : null) {
      case 'NOT_FOR_KEY':
        // With a witness no side key can have been forgotten; without, it may be under a later one.
        return mode === 'restricted' && !hasWitness
      case 'MESSAGE_MALFORMED':
      case 'MESSAGE_FORGED':
      case 'TRYTES_INVALID':
        return false
      case 'PARSE_TIMEOUT':
      case 'PARSER_DIED':
        if (hasWitness) return false
    }
    throw error
  }
}

function inUse(sequence: number): MamError {
  return new MamError(
    'STATE_ROLLED_BACK',
    'The next address is in use already, so the state is old; start a new channel from a new seed.',
    { details: { sequence } },
  )
}

function tooFull(): MamError {
  return new MamError(
    'NODE_UNREACHABLE',
    'The node finds more at the next address than it can list; ask another, or keep a witness.',
  )
}
