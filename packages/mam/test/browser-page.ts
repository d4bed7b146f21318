import type { MamEngineKind, MamMode, ParserWorker } from '../src/index.ts'
import { createReader, openChannel, openEngine, openParser } from '../src/index.ts'
import { bytesOf, optionsFor, PUBLISHER_KEY, textOf } from './channel-fixture.ts'
import { createMemoryState } from './memory-state.ts'
import { createMemoryTangle } from './memory-tangle.ts'

/** What the test calls in the page. */
export interface PageCalls {
  /** Publishes three texts, reads them through a worker, and gives back what was read. */
  roundTrip(kind: MamEngineKind, mode: MamMode): Promise<readonly string[]>
  /** The codes of what comes of a message that hangs the worker, of one that it fails at, and of the next. */
  hang(): Promise<readonly string[]>
}

/** Far above what anything takes on a busy machine. */
const AMPLE = { timeLimitMs: 60_000, startLimitMs: 60_000 } as const

const calls: PageCalls = {
  async roundTrip(kind, mode) {
    const engine = await openEngine(kind)
    const tangle = createMemoryTangle()
    const sideKey = mode === 'restricted' ? { sideKey: 'MADEUPSIDEKEY' } : {}
    const options = optionsFor({ mode, ...sideKey })
    await using channel = await openChannel({ engine, state: createMemoryState() }, options)
    const position = await channel.nextPosition()
    for (const text of ['5.1', 'grün 🩸\0', '']) {
      const { address, payload } = await channel.publish(bytesOf(text))
      tangle.attach(address, payload)
    }
    await using parser = await openParser(spawn, AMPLE)
    const { contentKeys = () => null } = options
    const reading = { position, mode, ...sideKey, publisherKey: PUBLISHER_KEY, contentKeys }
    const texts: string[] = []
    for await (const { content } of createReader({ engine, parser, lookup: tangle }, reading).readAll())
      texts.push(textOf(content))
    return texts
  },
  async hang() {
    await using parser = await openParser(spawn, { ...AMPLE, timeLimitMs: 5000 })
    const codes: string[] = []
    for (const payload of ['HANG', 'DEFECT', 'JUNK'])
      await parser.parseMessage(payload, 'A'.repeat(81)).catch(({ code }) => codes.push(code))
    return codes
  },
}

function spawn(): ParserWorker {
  return new Worker('/worker.js', { type: 'module' })
}

Object.assign(globalThis, { calls })
