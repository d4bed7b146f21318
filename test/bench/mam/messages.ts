import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { type MamEngine, type MaskedMessage, openEngine } from '@halo/mam'
import { createStockMessage } from '../../../packages/mam/test/stock-library.ts'
import type { BenchOptions, Row } from '../bench.ts'
import { makeMessage, makeSubject, prepare, SEED, type Subject } from './subjects.ts'
import { measureTimes, medianMs } from './timing.ts'

/** As in the papers, and the most that is promised; limits hold up to 857 B. */
const SIZES_BYTES = [29, 260, 570, 857, 16_384]
const LIMITED_BYTES = 857
const MODES = ['public', 'private', 'restricted'] as const
const LEVELS = [1, 2, 3] as const
const LIMITS = { limitColdMs: 5, minCreateTimes: 60, minParseTimes: 15 } as const
const REPEATS = 25
/** The baseline takes up to a second each time. */
const STOCK_REPEATS = 3
const FIRST_REPEATS = 5

/** Every size, mode and level in both engines; that they make the same message is checked on the way. */
export async function measureMessages(options: BenchOptions): Promise<readonly Row[]> {
  const ours = await openEngine('simd')
  const stock = await openEngine('mam.js')
  const rows: Row[] = [measureFirst()]
  warmUp(ours)
  for (const sizeBytes of SIZES_BYTES) {
    options.onProgress(`messages: ${sizeBytes} B`)
    for (const mode of MODES)
      for (const security of LEVELS) {
        options.signal.throwIfAborted()
        rows.push(await measureMessage(ours, stock, sizeBytes, makeSubject(sizeBytes, mode, security)))
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

async function measureMessage(
  ours: MamEngine,
  stock: MamEngine,
  sizeBytes: number,
  subject: Subject,
): Promise<Row> {
  const stockRepeats = sizeBytes > LIMITED_BYTES ? 1 : STOCK_REPEATS
  const message = makeMessage(ours, subject, 0)
  const parse = (engine: MamEngine): unknown =>
    engine.parseMessage(message.payload, message.root, subject.sideKey)
  const stockCreateMs = await medianMs(stockRepeats, nothing, () =>
    assert.deepEqual(makeByStock(subject), message),
  )
  const stockParseMs = await medianMs(stockRepeats, () => stock, parse)
  const cold = await measureTimes(REPEATS, numbered, (index) => makeMessage(ours, subject, index))
  const parseMs = await medianMs(REPEATS, () => ours, parse)
  const { mode, security } = subject
  return {
    name: `${mode}, security ${security}, ${sizeBytes} B`,
    coldMs: cold.medianMs,
    coldQuarterMs: cold.quarterMs,
    preparedMs: await medianMs(REPEATS, (index) => prepare(ours, subject, index), ours.createMessage),
    parseMs,
    stockCreateMs,
    stockParseMs,
    createTimes: stockCreateMs / cold.medianMs,
    parseTimes: stockParseMs / parseMs,
    ...(sizeBytes > LIMITED_BYTES ? {} : LIMITS),
  }
}

/** What `@iota/mam.js` makes of the same, by itself: it derives both trees anew for every message. */
function makeByStock({ trytes, ...subject }: Subject): MaskedMessage {
  return createStockMessage({ ...subject, seed: SEED, index: 0, message: trytes })
}

function nothing(): void {}

function numbered(time: number): number {
  return time
}
