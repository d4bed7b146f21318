import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MerkleLog, TileStore } from '@halo/proofs'
import {
  createCompactRange,
  createMemoryStore,
  hashLeaf,
  openLog,
  verifyConsistency,
  verifyInclusion,
} from '@halo/proofs'
import type { BenchOptions, Row } from '../bench.ts'
import { recordsOf } from './figures.ts'
import { fileStore } from './file-store.ts'

const ENTRIES = 1_000_000
/** Entries of one append; what a peer gathers while an anchor is under way is far less. */
const GROUP = 1000
const PROOFS = 1000
/** A stride that comes by all tiles before it comes back: a prime that shares no factor with the size. */
const STRIDE = 611_953

type Options = Pick<BenchOptions, 'onProgress' | 'signal'>

/** Appends and proofs at a million entries, in memory and on files; what a compact range keeps. */
export async function measureLogs(options: Options): Promise<readonly Row[]> {
  const entries = recordsOf(ENTRIES)
  const dir = await mkdtemp(join(tmpdir(), 'halo-bench-log-'))
  try {
    const files = fileStore(dir)
    const onFiles = await measureLog('files, each synced', files, entries, options)
    return [
      ...(await measureLog('memory', createMemoryStore(), entries, options)),
      ...onFiles,
      {
        name: `log of ${ENTRIES} on files: what was written`,
        files: files.counts.files,
        bytesPerEntry: files.counts.bytes / ENTRIES,
      },
      measureRange(entries),
    ]
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function measureLog(
  where: string,
  store: TileStore,
  entries: readonly Uint8Array[],
  { onProgress, signal }: Options,
): Promise<readonly Row[]> {
  onProgress(`log: ${ENTRIES} entries in ${where}`)
  const log = await openLog(store)
  const appendMs = await timed(async () => {
    for (let at = 0; at < entries.length; at += GROUP) {
      signal.throwIfAborted()
      await log.append(entries.slice(at, at + GROUP))
    }
  })
  const name = (what: string): string => `log of ${ENTRIES} in ${where}: ${what}`
  const reopened = await openLog(store)
  const inclusionMs = await timed(() => proveAll(reopened, entries))
  const consistencyMs = await timed(() => joinAll(reopened))
  const singleMs = await timed(async () => {
    for (const entry of entries.slice(0, 100)) await reopened.append([entry])
  })
  return [
    { name: name(`append, ${GROUP} at once`), appendsPerSec: Math.round(ENTRIES / (appendMs / 1000)) },
    { name: name('append, one at once'), appendsPerSec: Math.round(100 / (singleMs / 1000)) },
    { name: name('prove and verify inclusion'), proofMs: inclusionMs / PROOFS },
    { name: name('prove and verify consistency'), proofMs: consistencyMs / PROOFS },
  ]
}

async function proveAll(log: MerkleLog, entries: readonly Uint8Array[]): Promise<void> {
  const { size, root } = log.head
  for (let i = 0; i < PROOFS; i++) {
    const index = (i * STRIDE) % size
    const proof = await log.proveInclusion(index)
    if (!verifyInclusion(hashLeaf(entries[index] as Uint8Array), proof, root)) throw new Error('not included')
  }
}

async function joinAll(log: MerkleLog): Promise<void> {
  const { size, root } = log.head
  for (let i = 0; i < PROOFS; i++) {
    const from = 1 + ((i * STRIDE) % size)
    const older = await log.root(from)
    if (!verifyConsistency(await log.proveConsistency(from), older, root)) throw new Error('not consistent')
  }
}

/** The most hashes it ever held, and how fast it takes leaves; a tree held whole keeps two for each entry. */
function measureRange(entries: readonly Uint8Array[]): Row {
  const range = createCompactRange()
  let most = 0
  const from = performance.now()
  for (const entry of entries) {
    range.append(hashLeaf(entry))
    most = Math.max(most, range.peaks.length)
  }
  range.root()
  const tookMs = performance.now() - from
  return {
    name: `compact range of ${ENTRIES}`,
    appendsPerSec: Math.round(ENTRIES / (tookMs / 1000)),
    heldHashBytes: most * 32,
    wholeTreeHashBytes: 2 * ENTRIES * 32,
  }
}

async function timed(act: () => Promise<void>): Promise<number> {
  const from = performance.now()
  await act()
  return performance.now() - from
}
