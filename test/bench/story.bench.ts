import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NATIVE_COIN, roundCount } from '@halo/consent'
import { readPassphrase } from '@halo/node'
import { generateGlucoseCsv, importGlucose } from '@halo/records'
import type { RecordSink } from '@halo/research'
import type { LocalHalo } from '../../nodes/cli/src/dev/local-halo.ts'
import { startLocalHalo } from '../../nodes/cli/src/dev/local-halo.ts'
import { createSteps } from '../../nodes/cli/src/dev/steps.ts'
import { createOutput } from '../../nodes/cli/src/output.ts'
import { openResearchSession, openWalletSession } from '../../nodes/cli/src/sessions.ts'
import type { Bench, BenchOptions, Row } from './bench.ts'

const MIB = 1 << 20
/** What paper 001 moved for a quarter of readings. */
const BULK_BYTES = 93 * MIB
const PIECE_BYTES = 256 * 1024

/** Time per step of one record on a local Halo of five peer processes, beside what the bare work costs. */
export const bench: Bench = {
  name: 'story',
  description:
    'one record from device to researcher on five local peer processes; baselines on the same bytes in the same run: bare AES-256-GCM and SHA-256, and writing them to disk with fsync',
  async rows(options) {
    const dataDir = await mkdtemp(join(tmpdir(), 'halo-bench-'))
    try {
      options.onProgress('starting a local Halo')
      const steps = createSteps(createOutput({ isJson: true }), options.signal)
      await using halo = await startLocalHalo(
        { dataDir, peers: 5, threshold: 3, signal: options.signal },
        steps,
      )
      const rows: Row[] = []
      for (const input of INPUTS) {
        options.onProgress(input.name)
        rows.push(...(await measure(halo, input, options)))
      }
      return rows
    } finally {
      await rm(dataDir, { recursive: true, force: true })
    }
  },
}

interface Prepared {
  /** Whether the bytes are the same at every call; noise is not, and is sealed as it comes. */
  readonly isRepeatable: boolean
  readonly bytes: () => AsyncIterable<Uint8Array>
  readonly sizeBytes: number
  readonly readings: number
}

interface Input {
  readonly name: string
  prepare(): Promise<Prepared>
}

const INPUTS: readonly Input[] = [
  { name: '14 days', prepare: () => prepareCsv(generateGlucoseCsv()) },
  { name: 'quarter', prepare: () => prepareCsv(generateGlucoseCsv({ days: 91, hasGaps: false })) },
  {
    name: '93 MiB',
    prepare: async () => ({ isRepeatable: false, bytes: bulk, sizeBytes: BULK_BYTES, readings: 0 }),
  },
]

async function prepareCsv(csv: string): Promise<Prepared> {
  const { record } = await importGlucose(new Blob([csv]).stream())
  const { sizeBytes, readings } = record.metadata
  return { isRepeatable: true, bytes: () => record.bytes(), sizeBytes, readings }
}

async function* bulk(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < BULK_BYTES; at += PIECE_BYTES) yield randomBytes(PIECE_BYTES)
}

async function measure(halo: LocalHalo, input: Input, options: BenchOptions): Promise<readonly Row[]> {
  const timed: { name: string; ms: number }[] = []
  const time = async <Result>(name: string, act: () => Promise<Result>): Promise<Result> => {
    options.signal.throwIfAborted()
    const startedMs = performance.now()
    const result = await act()
    timed.push({ name, ms: performance.now() - startedMs })
    return result
  }
  const prepared = await time('import', () => input.prepare())
  await using patient = await openWalletSession(
    halo.walletDir,
    await readPassphrase(halo.walletDir, undefined),
  )
  await using researcher = await openResearchSession(
    halo.researchDir,
    await readPassphrase(halo.researchDir, undefined),
  )
  const published = await patient.wallet.publish({
    record: prepared.isRepeatable ? prepared.bytes : prepared.bytes(),
    recordBytes: prepared.sizeBytes,
    metadata: new TextEncoder().encode('{}'),
    descriptor: {
      kind: 'bench',
      format: 'bytes',
      readingsAbout: roundCount(prepared.readings),
      days: 0,
      price: 1n,
      currency: NATIVE_COIN,
      terms: 'Measurements only.',
    },
  })
  timed.push(...published.steps)
  const terms = { purpose: 'HRESCH', organisation: 'Bench', project: 'Measurements.' }
  const { dataset } = published.holding
  const { request } = await time('request', () => researcher.research.request({ dataset, terms }))
  await time('consent', () => patient.wallet.approve(request.id))
  await time('rebuild, open, verify', () => researcher.research.collect(request.id, discard))
  await time('settle', () => researcher.research.confirm(request.id))
  return toRows(input.name, prepared, timed, await baselines(prepared))
}

async function discard(): Promise<RecordSink> {
  return { write: async () => undefined, commit: async () => undefined, discard: async () => undefined }
}

async function baselines(prepared: Prepared): Promise<readonly { name: string; ms: number }[]> {
  return [
    { name: 'baseline: AES-256-GCM and SHA-256 only', ms: await timeBareCrypto(prepared) },
    { name: 'baseline: write to disk, fsync', ms: await timeDisk(prepared) },
  ]
}

async function timeBareCrypto(prepared: Prepared): Promise<number> {
  const cipher = createCipheriv('aes-256-gcm', randomBytes(32), randomBytes(12))
  const hash = createHash('sha256')
  let ms = 0
  for await (const piece of prepared.bytes()) {
    const startedMs = performance.now()
    hash.update(cipher.update(piece))
    ms += performance.now() - startedMs
  }
  return ms
}

async function timeDisk(prepared: Prepared): Promise<number> {
  const dir = await mkdtemp(join(tmpdir(), 'halo-bench-'))
  const file = await open(join(dir, 'bytes'), 'w')
  let ms = 0
  const timed = async (act: () => Promise<unknown>): Promise<void> => {
    const startedMs = performance.now()
    await act()
    ms += performance.now() - startedMs
  }
  try {
    for await (const piece of prepared.bytes()) await timed(() => file.writeFile(piece))
    await timed(() => file.sync())
  } finally {
    await file.close()
    await rm(dir, { recursive: true })
  }
  return ms
}

function toRows(
  input: string,
  prepared: Prepared,
  steps: readonly { name: string; ms: number }[],
  baseline: readonly { name: string; ms: number }[],
): readonly Row[] {
  const totalMs = steps.reduce((sum, step) => sum + step.ms, 0)
  const sizeMiB = prepared.sizeBytes / MIB
  const row = (name: string, ms: number): Row => ({
    name: `${input}: ${name}`,
    ms: round(ms, 1),
    sharePercent: round((ms / totalMs) * 100, 1),
    sizeMiB: round(sizeMiB, 2),
    throughputMiBps: ms === 0 ? 0 : round(sizeMiB / (ms / 1000), 1),
  })
  return [...steps, { name: 'all steps', ms: totalMs }, ...baseline].map((step) => row(step.name, step.ms))
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
