import assert from 'node:assert/strict'
import { type MamEngine, MamError, openEngine, type SecurityLevel } from '@halo/mam'
import { MOST_TRYTES, makeLookalike } from '../../../packages/mam/test/lookalike.ts'
import type { BenchOptions, Row } from '../bench.ts'
import { SEED } from './subjects.ts'
import { medianMs } from './timing.ts'

const LEVELS = [1, 2, 3] as const
const LIMITS = { limitJunkMs: 50 } as const
const REPEATS = 15
const STOCK_REPEATS = 3

/** What it takes to refuse the longest junk: with the layout of a message all of it is hashed, else none. */
export async function measureJunk({ onProgress, signal }: BenchOptions): Promise<readonly Row[]> {
  onProgress('junk: 32 KB that anybody may have sent')
  const engines = { ours: await openEngine('simd'), stock: await openEngine('mam.js') }
  const rows: Row[] = []
  for (const security of LEVELS) {
    signal.throwIfAborted()
    rows.push(await measureRefusal(engines, `like a message, security ${security}`, shapeJunk(security)))
  }
  rows.push(await measureRefusal(engines, 'a number without end', `A${'N'.repeat(MOST_TRYTES - 1)}`))
  return rows
}

function shapeJunk(security: SecurityLevel): string {
  return makeLookalike(security, MOST_TRYTES)
}

async function measureRefusal(
  { ours, stock }: { readonly ours: MamEngine; readonly stock: MamEngine },
  name: string,
  payload: string,
): Promise<Row> {
  return {
    name: `junk of 32 KB refused: ${name}`,
    junkMs: await medianMs(REPEATS, () => ours, refuse(payload)),
    stockJunkMs: await medianMs(STOCK_REPEATS, () => stock, refuse(payload)),
    ...LIMITS,
  }
}

function refuse(payload: string): (engine: MamEngine) => void {
  return (engine) => assert.throws(() => engine.parseMessage(payload, SEED), MamError)
}
