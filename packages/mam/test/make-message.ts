import { createMessage } from '../src/create-message.ts'
import type { CurlEngine } from '../src/curl-engine.ts'
import type { MaskedMessage, UnmaskedMessage } from '../src/engine.ts'
import { MamError } from '../src/errors.ts'
import { deriveTree } from '../src/one-time-tree.ts'
import { parseMessage } from '../src/parse-message.ts'
import type { StockCase } from './stock-cases.ts'

/** The message of a case with its two trees derived anew, and the root it carries. */
export function makeMessage(
  curl: CurlEngine,
  given: StockCase,
): MaskedMessage & { readonly nextRoot: string } {
  const tree = deriveTree(curl, given.seed, given.index, given.security)
  const nextTree = deriveTree(curl, given.seed, given.index + 1, given.security)
  const { mode, sideKey, message } = given
  const made = createMessage(curl, { mode, sideKey, tree, nextTree, trytes: message })
  return { ...made, nextRoot: nextTree.root }
}

/** What is read, or the code it is refused with: an error with details would end the test without a word. */
export function readMessage(
  curl: CurlEngine,
  message: Pick<MaskedMessage, 'payload' | 'root'>,
  sideKey?: string,
): UnmaskedMessage | string {
  try {
    return parseMessage(curl, message.payload, message.root, sideKey)
  } catch (error) {
    if (error instanceof MamError) return error.code
    throw error
  }
}
