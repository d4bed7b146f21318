import type { MessageParser } from './engine.ts'
import { MamError } from './errors.ts'
import { listenTo, type ParseAnswer, type ParseRequest, type ParserPort } from './parser-port.ts'

/**
 * Makes a worker read masked messages for {@link openParser}: `answerParsing(parentPort, engine)` in a worker
 * of Node, `answerParsing(self, engine)` in one of a browser.
 */
export function answerParsing(port: ParserPort, engine: MessageParser): void {
  listenTo(port, (message) => {
    void answer(engine, message as ParseRequest).then((given) => port.postMessage(given))
  })
  port.postMessage({ kind: 'ready', id: 0 } satisfies ParseAnswer)
}

/**
 * Only what a message can be refused for is an answer of its own. Anything else is said to have failed, so that
 * the other side ends the worker: thrown here, it would end one in Node, and go unnoticed in a browser.
 */
async function answer(
  engine: MessageParser,
  { id, payload, root, sideKey }: ParseRequest,
): Promise<ParseAnswer> {
  try {
    const { nextRoot, trytes } = await engine.parseMessage(payload, root, sideKey)
    return { kind: 'parsed', id, nextRoot, trytes }
  } catch (error) {
    if (error instanceof MamError) return { kind: 'refused', id, code: error.code, message: error.message }
    return { kind: 'failed', id }
  }
}
