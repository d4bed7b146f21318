import assert from 'node:assert/strict'
import {
  encodeBytes,
  type MamEngine,
  type MamMode,
  type MaskedMessage,
  openEngine,
  type SecurityLevel,
} from '@halo/mam'
import type { BenchOptions, Row } from '../bench.ts'
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
const SEED = 'HALOBENCH'.repeat(9)

interface Subject {
  readonly mode: MamMode
  readonly security: SecurityLevel
  readonly sideKey: string | undefined
  readonly trytes: string
}

/** Every size, mode and level in both engines; that they make the same message is checked on the way. */
export async function measureMessages(options: BenchOptions): Promise<readonly Row[]> {
  const ours = await openEngine('simd')
  const stock = await openStock()
  const rows: Row[] = []
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

/** Until the compilers of the runtime have done with the code: a process makes many messages. */
function warmUp(engine: MamEngine): void {
  for (let time = 0; time < 30; time++)
    for (const security of LEVELS) {
      const subject = makeSubject(260, 'restricted', security)
      const { payload, root } = make(engine, subject, time)
      engine.parseMessage(payload, root, subject.sideKey)
    }
}

function measureMessage(ours: MamEngine, stock: StockMaker, sizeBytes: number, subject: Subject): Row {
  const stockRepeats = sizeBytes > LIMITED_BYTES ? 1 : STOCK_REPEATS
  const message = make(ours, subject, 0)
  const parse = (engine: MamEngine): unknown =>
    engine.parseMessage(message.payload, message.root, subject.sideKey)
  const stockCreateMs = medianMs(stockRepeats, nothing, () => assert.deepEqual(stock.make(subject), message))
  const stockParseMs = medianMs(stockRepeats, () => stock.engine, parse)
  const coldMs = medianMs(REPEATS, numbered, (index) => make(ours, subject, index))
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

function makeSubject(sizeBytes: number, mode: MamMode, security: SecurityLevel): Subject {
  const bytes = Uint8Array.from({ length: sizeBytes }, (_, at) => (at * 197 + sizeBytes) % 251)
  return {
    mode,
    security,
    sideKey: mode === 'restricted' ? 'SIDEKEY' : undefined,
    trytes: encodeBytes(bytes),
  }
}

/** A message with both of its trees derived for it. */
function make(engine: MamEngine, subject: Subject, index: number): MaskedMessage {
  return engine.createMessage(prepare(engine, subject, index))
}

function prepare(
  engine: MamEngine,
  subject: Subject,
  index: number,
): Parameters<MamEngine['createMessage']>[0] {
  return {
    ...subject,
    tree: engine.deriveTree(SEED, index, subject.security),
    nextTree: engine.deriveTree(SEED, index + 1, subject.security),
  }
}
