import { createMessage } from '../src/create-message.ts'
import type { CurlEngine } from '../src/curl-engine.ts'
import type { MaskedMessage, UnmaskedMessage } from '../src/engine.ts'
import { createEngine } from '../src/engine-simd.ts'
import { MamError } from '../src/errors.ts'
import { deriveTrees } from '../src/one-time-tree.ts'
import type { StockCase } from './stock-cases.ts'

/** The message of a case with its two trees derived anew, and the root it carries. */
export function makeMessage(
  curl: CurlEngine,
  given: StockCase,
): MaskedMessage & { readonly nextRoot: string } {
  const engine = createEngine(curl)
  const { mode, sideKey, security, message: trytes } = given
  const [tree, nextTree] = engine.deriveTrees(given.seed, given.index, 2, security)
  if (tree === undefined || nextTree === undefined) throw new Error('two trees were asked for')
  return { ...engine.createMessage({ mode, sideKey, tree, nextTree, trytes }), nextRoot: nextTree.root }
}

/** What somebody makes for a root whose key belongs to another: masked right, and signed with the seed's key. */
export function forgeMessage(curl: CurlEngine, given: StockCase, root: string): MaskedMessage {
  const { mode, sideKey, message: trytes } = given
  const [own, next] = deriveTrees(curl, given.seed, given.index, 2, given.security)
  if (own === undefined || next === undefined) throw new Error('two trees were asked for')
  return createMessage(curl, { mode, sideKey, tree: { ...own, root }, nextRoot: next.root, trytes })
}

/** What is read, or the code it is refused with: an error with details would end the test without a word. */
export function readMessage(
  curl: CurlEngine,
  message: Pick<MaskedMessage, 'payload' | 'root'>,
  sideKey?: string,
): UnmaskedMessage | string {
  try {
    return createEngine(curl).parseMessage(message.payload, message.root, sideKey)
  } catch (error) {
    if (error instanceof MamError) return error.code
    throw error
  }
}
