import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { SourceKind } from '@halo/records'
import { SOURCE_KINDS } from '@halo/records'
import { CORPUS } from '../../packages/records/test/survive.ts'
import type { Bench, BenchOptions, Row } from './bench.ts'
import type { Mutant } from './fuzz/mutation.ts'
import type { FuzzMessage, FuzzSummary, FuzzTask } from './fuzz/worker.ts'

const DEFAULT_MINUTES = 10
/** No file of a few hundred kilobytes may take longer, on the slowest machine. */
const HANG_MS = 30_000
/** A thread that needs more for files of a few hundred kilobytes has lost a bound. */
const HEAP_MIB = 512

/** Mutated files for every source of records; what breaks one is kept in packages/records/test/corpus. */
export const bench: Bench = {
  name: 'fuzz',
  description: `mutated files for each source of records (--minutes each, ${DEFAULT_MINUTES} by default; --only KIND): no crash, no line that is no resource, no file slower than ${HANG_MS / 1000} s, no thread beyond ${HEAP_MIB} MiB of heap`,
  parts: SOURCE_KINDS,
  limits: [['defects', 'limitDefects']],
  async rows(options) {
    const kinds = SOURCE_KINDS.filter((kind) => options.only.length === 0 || options.only.includes(kind))
    const rows: Row[] = []
    for (const kind of kinds) {
      if (options.signal.aborted) break
      rows.push(await fuzzKind(kind, options))
    }
    return rows
  },
}

async function fuzzKind(kind: SourceKind, options: BenchOptions): Promise<Row> {
  const durationMs = (options.minutes ?? DEFAULT_MINUTES) * 60_000
  const seed = Math.floor(Math.random() * 2 ** 31)
  options.onProgress(`${kind}, seed ${seed}`)
  const found = await runWorker({ kind, seed, durationMs }, options.signal)
  const kept = found.defect === null ? '' : await keep(kind, found.defect.mutant, found.defect.message)
  if (kept !== '') options.onProgress(`${kind}: ${kept}: ${found.defect?.message}`)
  return {
    name: kind,
    files: found.files,
    becameResources: found.read,
    refusedBy: Object.keys(found.refusals).sort().join(' ') || '–',
    slowestMs: found.slowestMs,
    defects: found.defect === null ? 0 : 1,
    limitDefects: 0,
    kept,
  }
}

/** Runs one thread; a file it does not come back from is a defect. */
function runWorker(task: FuzzTask, signal: AbortSignal): Promise<FuzzSummary> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL('fuzz/worker.ts', import.meta.url), {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB },
    })
    let last: Mutant = { bytes: new Uint8Array(), cutAt: 0, options: {} }
    let files = 0
    let watch = setTimeout(() => undefined)
    const finish = (summary: FuzzSummary): void => {
      clearTimeout(watch)
      signal.removeEventListener('abort', stop)
      void worker.terminate()
      resolve(summary)
    }
    const blame = (message: string | null): void =>
      finish({
        files,
        read: 0,
        refusals: {},
        slowestMs: 0,
        defect: message === null ? null : { mutant: last, message },
      })
    const stop = (): void => blame(null)
    signal.addEventListener('abort', stop)
    worker.on('error', (error) => blame(String(error)))
    worker.on('message', (message: FuzzMessage) => {
      if (message.type === 'done') return finish(message.summary)
      last = message.mutant
      files += 1
      clearTimeout(watch)
      watch = setTimeout(() => blame(`not read within ${HANG_MS} ms`), HANG_MS)
    })
  })
}

async function keep(kind: SourceKind, { bytes, options }: Mutant, message: string): Promise<string> {
  const name = `${kind}-${createHash('sha256').update(bytes).digest('hex').slice(0, 8)}.json`
  await mkdir(CORPUS, { recursive: true })
  const entry = { kind, found: message.slice(0, 200), options, base64: Buffer.from(bytes).toString('base64') }
  await writeFile(join(CORPUS, name), `${JSON.stringify(entry, null, 2)}\n`)
  return name
}
