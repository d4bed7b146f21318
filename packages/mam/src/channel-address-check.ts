import { decodeBytes } from './byte-codec.ts'
import type { MamEngine, MamMode, MessageParser } from './engine.ts'
import { type EnvelopeContext, isSignedBy } from './envelope.ts'
import { MamError } from './errors.ts'
import { askNode, type TangleLookup } from './read-lookup.ts'

/** What a node returns at most; beyond it nobody can tell what else lies at an address. */
const MAX_FOUND = 1000

/** The message that a channel would publish next. */
export interface NextPlace extends Omit<EnvelopeContext, 'nextRoot'> {
  readonly mode: MamMode
  readonly sideKey: string | undefined
  /** Ed25519 public key, 32 bytes. */
  readonly publisherKey: Uint8Array
}

/**
 * Refuses to go on where the next address holds a message of this publisher already: then more was published
 * than the state knows. What others put there does not count, or any reader could stop a channel.
 * @param isUnreadableOurs whether a message that does not open counts: it may be one of ours under a side key
 * that the state has forgotten
 * @throws MamError `STATE_ROLLED_BACK`, `NODE_UNREACHABLE`; the signal's reason
 */
export async function assertUnused(
  parts: { readonly engine: MamEngine; readonly parser: MessageParser; readonly lookup: TangleLookup },
  place: NextPlace,
  isUnreadableOurs: boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  const address = parts.engine.addressOf(place.root, place.mode)
  for (const payload of await findAll(parts.lookup, address, signal)) {
    if (await isOurs(parts.parser, payload, place, isUnreadableOurs))
      throw new MamError(
        'STATE_ROLLED_BACK',
        'The next address is in use already, so the state is old; start a new channel from a new seed.',
        { details: { sequence: place.sequence } },
      )
  }
}

async function findAll(
  lookup: TangleLookup,
  address: string,
  signal: AbortSignal | undefined,
): Promise<ReadonlySet<string>> {
  const found = await askNode(lookup, address, signal)
  if (found.length < MAX_FOUND) return new Set(found)
  throw new MamError(
    'NODE_UNREACHABLE',
    'The node finds more at the next address than it can list; ask another.',
  )
}

async function isOurs(
  parser: MessageParser,
  payload: string,
  place: NextPlace,
  isUnreadableOurs: boolean,
): Promise<boolean> {
  try {
    const { nextRoot, trytes } = await parser.parseMessage(payload, place.root, place.sideKey)
    return isSignedBy(place.publisherKey, decodeBytes(trytes), { ...place, nextRoot })
  } catch (error) {
    const code = error instanceof MamError ? error.code : null
    if (code === 'NOT_FOR_KEY') return isUnreadableOurs
    if (code === 'MESSAGE_MALFORMED' || code === 'MESSAGE_FORGED' || code === 'TRYTES_INVALID') return false
    throw error
  }
}
