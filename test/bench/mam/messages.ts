import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { type MamEngine, type MaskedMessage, openEngine } from '@halo/mam'
import type { BenchOptions, Row } from '../bench.ts'
import { makeMessage, makeSubject, prepare, SEED, type Subject } from './subjects.ts'
import { medianMs } from './timing.ts'

/** As in the papers, and the most that is promised; limits hold up to 857 B. */
const SIZES_BYTES = [29, 260, 570, 857, 16_384]
const LIMITED_BYTES = 857
const MODES = ['public', 'private', 'restricted'] as const
const LEVELS = [1, 2, 3] as const
const LIMITS = { limitColdMs: 5, minCreateTimes: 60, minParseTimes: 15 } as const
const REPEATS = 15
/** The baseline takes up to a second each time. */
const STOCK_REPEATS = 3
const FIRST_REPEATS = 5

/** Every size, mode and level in both engines; that they make the same message is checked on the way. */
export async function measureMessages(options: BenchOptions): Promise<readonly Row[]> {
  const ours = await openEngine('simd')
  const stock = await openStock()
  const rows: Row[] = [measureFirst()]
  warmUp(ours)
  for (const sizeBytes of SIZES_BYTES) {
    options.onProgress(`messages: ${sizeBytes} B`)
    for (const mode of MODES)
      for (const security of LEVELS) {
        options.signal.throwIfAborted()
        rows.push(measureMessage(ours, stock, sizeBytes, makeSubject(sizeBytes, mode, security)))
      }
  }
  return rows
}

/** What a command waits that makes one message: the runtime has compiled nothing yet. */
function measureFirst(): Row {
  const script = new URL('first.ts', import.meta.url).pathname
  const runs = Array.from({ length: FIRST_REPEATS }, () =>
    JSON.parse(execFileSync(process.execPath, [...process.execArgv, script], { encoding: 'utf8' })),
  ).sort((a, b) => a.coldMs - b.coldMs)
  return { name: 'the first of a process: public, security 3, 570 B', ...runs[FIRST_REPEATS >> 1] }
}

/** Until the compilers of the runtime have done with the code: a process makes many messages. */
function warmUp(engine: MamEngine): void {
  for (let time = 0; time < 30; time++)
    for (const security of LEVELS) {
      const subject = makeSubject(260, 'restricted', security)
      const { payload, root } = makeMessage(engine, subject, time)
      engine.parseMessage(payload, root, subject.sideKey)
    }
}

function measureMessage(ours: MamEngine, stock: StockMaker, sizeBytes: number, subject: Subject): Row {
  const stockRepeats = sizeBytes > LIMITED_BYTES ? 1 : STOCK_REPEATS
  const message = makeMessage(ours, subject, 0)
  const parse = (engine: MamEngine): unknown =>
    engine.parseMessage(message.payload, message.root, subject.sideKey)
  const stockCreateMs = medianMs(stockRepeats, nothing, () => assert.deepEqual(stock.make(subject), message))
  const stockParseMs = medianMs(stockRepeats, () => stock.engine, parse)
  const coldMs = medianMs(REPEATS, numbered, (index) => makeMessage(ours, subject, index))
  const parseMs = medianMs(REPEATS, () => ours, parse)
  const { mode, security } = subject
  return {
    name: `${mode}, security ${security}, ${sizeBytes} B`,
    coldMs,
    preparedMs: medianMs(REPEATS, (index) => prepare(ours, subject, index), ours.createMessage),
    parseMs,
    stockCreateMs,
    stockParseMs,
    createTimes: stockCreateMs / coldMs,
    parseTimes: stockParseMs / parseMs,
    ...(sizeBytes > LIMITED_BYTES ? {} : LIMITS),
  }
}

/** The baseline's trees are descriptions, which it derives anew for every message: one of each level is enough. */
interface StockMaker {
  readonly engine: MamEngine
  make(subject: Subject): MaskedMessage
}

async function openStock(): Promise<StockMaker> {
  const engine = await openEngine('mam.js')
  const trees = new Map(
    LEVELS.map((security) => [security, [0, 1].map((index) => engine.deriveTree(SEED, index, security))]),
  )
  const make = (subject: Subject): MaskedMessage => {
    const [tree, nextTree] = trees.get(subject.security) ?? []
    assert.ok(tree !== undefined && nextTree !== undefined)
    return engine.createMessage({ ...subject, tree, nextTree })
  }
  return { engine, make }
}

function nothing(): void {}

function numbered(time: number): number {
  return time
}
