/** One source under mutated files, in a thread of its own that may be killed. */
import { parentPort, workerData } from 'node:worker_threads'
import type { SourceKind } from '@halo/records'
import fc from 'fast-check'
import { seedsOf, survive } from '../../../packages/records/test/survive.ts'
import type { Mutant } from './mutation.ts'
import { mutantsOf } from './mutation.ts'

/** What the thread is told. */
export interface FuzzTask {
  readonly kind: SourceKind
  readonly seed: number
  readonly durationMs: number
}

/** What the thread says: before each file what it is about to read, in the end what it found. */
export type FuzzMessage =
  | { readonly type: 'reading'; readonly mutant: Mutant }
  | { readonly type: 'done'; readonly summary: FuzzSummary }

export interface FuzzSummary {
  readonly files: number
  readonly read: number
  readonly refusals: Readonly<Record<string, number>>
  readonly slowestMs: number
  /** The smallest file that shows a defect, and what it did. */
  readonly defect: { readonly mutant: Mutant; readonly message: string } | null
}

const task = workerData as FuzzTask
const refusals: Record<string, number> = {}
let files = 0
let read = 0
let slowestMs = 0

async function attempt(mutant: Mutant): Promise<void> {
  post({ type: 'reading', mutant })
  const from = performance.now()
  const outcome = await survive({ kind: task.kind, ...mutant }, mutant.cutAt)
  slowestMs = Math.max(slowestMs, performance.now() - from)
  files += 1
  if ('lines' in outcome) read += 1
  else refusals[outcome.refused] = (refusals[outcome.refused] ?? 0) + 1
}

function post(message: FuzzMessage): void {
  parentPort?.postMessage(message)
}

const details = await fc.check(fc.asyncProperty(mutantsOf(seedsOf(task.kind)), attempt), {
  seed: task.seed,
  numRuns: Number.MAX_SAFE_INTEGER,
  interruptAfterTimeLimit: task.durationMs,
  markInterruptAsFailure: false,
})
const mutant = details.counterexample?.[0]
const message = String(details.errorInstance ?? details.counterexample)
post({
  type: 'done',
  summary: { files, read, refusals, slowestMs, defect: mutant === undefined ? null : { mutant, message } },
})
