import { createChannel, createMessage, type IMamMessage } from '@iota/mam.js'
import type { StockCase } from './stock-cases.ts'

/** The message that the installed `@iota/mam.js` makes: the reference this package is held to. */
export function createStockMessage(given: StockCase): IMamMessage {
  const state = createChannel(given.seed, given.security, given.mode, given.sideKey)
  state.start = given.index
  return createMessage(state, given.message)
}
