import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import type { MerkleLog, TileStore } from '../src/index.ts'
import { buildTree, hashLeaf, openLog, verifyConsistency, verifyInclusion } from '../src/index.ts'
import { type Cut, createCutStore, createWatchedStore } from './faulty-store.ts'
import { countingEntries } from './reference.ts'

const test = suite('proofs/log-crash')
const CUTS: readonly Cut[] = ['prefix', 'old', 'nothing']
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

type Files = ReadonlyMap<string, Uint8Array>

const reference = new Map<string, string>()

/** Root of a tree of those entries, by another way than the log's. */
function rootOf(entries: readonly Uint8Array[]): string {
  const key = Buffer.concat(entries).toString('base64')
  const known = reference.get(key) ?? hex(buildTree(entries.map(hashLeaf)).root)
  reference.set(key, known)
  return known
}

async function fill(size: number): Promise<Files> {
  const store = createWatchedStore()
  await (await openLog(store)).append(countingEntries(size))
  return store.files
}

/** Whether the run got to its end, or the power went before. */
async function runUntilCut(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run()
    return true
  } catch (error) {
    assert.is((error as Error).message, 'power cut')
    return false
  }
}

async function readEntries(log: MerkleLog): Promise<readonly Uint8Array[]> {
  const entries: Uint8Array[] = []
  for (let index = 0; index < log.head.size; index++) entries.push(await log.entry(index))
  return entries
}

/** An append, what was there before, and what it writes in order. */
interface Step {
  readonly before: Files
  readonly committed: readonly Uint8Array[]
  readonly underWay: readonly Uint8Array[]
  readonly writes: readonly (readonly [path: string, bytes: Uint8Array])[]
}

async function recordStep(size: number, added: number): Promise<Step> {
  const before = await fill(size)
  const underWay = countingEntries(added, size)
  const writes: (readonly [string, Uint8Array])[] = []
  const files = createWatchedStore(before)
  const store: TileStore = {
    read: files.read,
    write: (path, bytes) => {
      writes.push([path, bytes.slice()])
      return files.write(path, bytes)
    },
  }
  await (await openLog(store)).append(underWay)
  return { before, committed: countingEntries(size), underWay, writes }
}

/** What a cut leaves: all writes before the one at `at`, and of that one what is handed in. */
function filesAfterCut({ before, writes }: Step, at: number, rest: Uint8Array | null): Files {
  const files = new Map([...before, ...writes.slice(0, at)])
  const path = writes[at]?.[0] ?? ''
  if (rest === null) files.delete(path)
  else files.set(path, rest)
  return files
}

/**
 * Cuts an append, and the opening before it, at every byte of everything that they write. Every time the log
 * is the committed one, or that and the append under way once its head is whole; in places, and for all bytes
 * of heads, it also goes on from there.
 */
async function cutEverywhere(size: number, added: number, stride = 1): Promise<number> {
  const step = await recordStep(size, added)
  const roots = [rootOf(step.committed), rootOf([...step.committed, ...step.underWay])]
  let cuts = 0
  for (const [at, [path, bytes]] of step.writes.entries()) {
    const isHead = path.startsWith('head/')
    const isLast = at === step.writes.length - 1
    const old = step.before.get(path) ?? null
    await checkRecovery(filesAfterCut(step, at, old), step)
    await checkRecovery(filesAfterCut(step, at, null), step)
    for (let length = 0; length <= bytes.length; length++) {
      const isNearEnd = isHead || length < 2 || length > bytes.length - 2
      if (!isNearEnd && length % stride !== 0) continue
      cuts++
      const files = filesAfterCut(step, at, bytes.subarray(0, length))
      const { head } = await openLog(createWatchedStore(files))
      assert.is(hex(head.root), roots[isLast && length === bytes.length ? 1 : 0], `${path} at ${length}`)
      if (isNearEnd || length % 997 === 0) await checkRecovery(files, step)
    }
  }
  return cuts
}

/** What was proven before a crash still is, and the log goes on with other entries than those it lost. */
async function checkRecovery(files: Files, { committed, underWay }: Step): Promise<void> {
  const log = await openLog(createWatchedStore(files))
  const found = log.head.size === committed.length ? committed : [...committed, ...underWay]
  const older = log.head
  assert.is(hex(older.root), rootOf(found))
  const other = underWay.map((_, i) => Uint8Array.of(0xee, i))
  await log.append(other)
  assert.is(hex(log.head.root), rootOf([...found, ...other]))
  assert.ok(verifyConsistency(await log.proveConsistency(older.size), older.root, log.head.root))
  const index = found.length - 1
  if (index < 0) return
  const inclusion = await log.proveInclusion(index)
  assert.ok(verifyInclusion(hashLeaf(found[index] as Uint8Array), inclusion, log.head.root))
}

test('recovers from a cut at every byte of the first append', async () => {
  assert.ok((await cutEverywhere(0, 1)) > 100)
  await cutEverywhere(0, 5)
})

test('recovers from a cut at every byte of an append inside a tile', async () => {
  assert.ok((await cutEverywhere(3, 2)) > 300)
  await cutEverywhere(7, 1)
})

test('recovers from a cut at every byte of an append that fills a tile and goes beyond it', async () => {
  assert.ok((await cutEverywhere(255, 3)) > 8192)
})

test('recovers from a cut of an append that ends with a full tile, here not at every byte of the tile', async () => {
  assert.ok((await cutEverywhere(255, 1, 61)) > 200)
  assert.ok((await cutEverywhere(511, 1, 61)) > 200)
})

test('recovers from a cut at every byte of an append after a full tile', async () => {
  assert.ok((await cutEverywhere(256, 3)) > 200)
})

test('recovers from crash after crash, at any byte of a longer history, with entries never the same again', async () => {
  const step = fc.record({
    count: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 200, max: 600 })),
    cut: fc.constantFrom(...CUTS),
    at: fc.double({ min: 0, max: 1.3, noNaN: true }),
  })
  let serial = 0
  await holds(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
      let files: Files = new Map()
      let committed: readonly Uint8Array[] = []
      for (const { count, cut, at } of steps) {
        serial += 1000
        const entries = countingEntries(count, serial)
        const probe = createCutStore(files, Number.POSITIVE_INFINITY, cut)
        await (await openLog(probe)).append(entries)
        const store = createCutStore(files, Math.floor(at * probe.askedBytes), cut)
        const isDone = await runUntilCut(async () => (await openLog(store)).append(entries))
        files = store.files
        const log = await openLog(createWatchedStore(files))
        const whole = [...committed, ...entries]
        assert.ok(!isDone || log.head.size === whole.length)
        committed = log.head.size === whole.length ? whole : committed
        assert.is(hex(log.head.root), rootOf(committed))
        assert.equal((await readEntries(log)).map(hex), committed.map(hex))
      }
    }),
    60,
  )
})

test('goes on after writes that failed, with nothing of them, whatever of them arrived', async () => {
  const failure = fc.record({ at: fc.nat(6), arrives: fc.constantFrom('all', 'half', 'none') })
  await holds(
    fc.asyncProperty(
      fc.array(failure, { minLength: 1, maxLength: 12 }),
      fc.boolean(),
      async (failures, late) => {
        const files = createWatchedStore()
        let countdown = -1
        let arrives = 'none'
        const store: TileStore = {
          read: files.read,
          write: async (path, bytes) => {
            if (countdown-- !== 0) return files.write(path, bytes)
            if (late) await new Promise((resolve) => setImmediate(resolve))
            if (arrives !== 'none')
              await files.write(path, arrives === 'all' ? bytes : bytes.slice(0, bytes.length / 2))
            throw new Error('power cut')
          },
        }
        const log = await openLog(store)
        let held: readonly Uint8Array[] = []
        /** What may be found after a crash instead: appends given up since the last that was held. */
        let given: readonly (readonly Uint8Array[])[] = []
        let serial = 0
        for (const each of [...failures, { at: -1, arrives: 'all' }]) {
          countdown = each.at
          arrives = each.arrives
          serial += 1000
          const entries = countingEntries(150, serial)
          const isDone = await runUntilCut(() => log.append(entries))
          given = isDone ? [] : [...given, [...held, ...entries]]
          if (isDone) held = [...held, ...entries]
          assert.is(hex(log.head.root), rootOf(held))
          const reopened = await openLog(createWatchedStore(files.files))
          assert.ok([held, ...given].map(rootOf).includes(hex(reopened.head.root)))
        }
        assert.is(hex((await openLog(createWatchedStore(files.files))).head.root), rootOf(held))
      },
    ),
    80,
  )
})

test('makes durable on opening what it found, so that a power cut after a crash cannot take it back', async () => {
  const store = createWatchedStore()
  await (await openLog(store)).append(countingEntries(3))
  const older = new Map(store.files)
  await (await openLog(store)).append(countingEntries(2, 3))
  const newest = [...store.files].find(
    ([path, bytes]) => path.startsWith('head/') && older.get(path) !== bytes,
  )
  assert.ok(newest)
  await openLog(store)
  const heads = [store.files.get('head/0'), store.files.get('head/1')].map((bytes) =>
    hex(bytes as Uint8Array),
  )
  assert.is(heads[0], heads[1])
  for (const slot of ['head/0', 'head/1']) {
    const files = new Map(store.files)
    files.set(slot, older.get(slot) ?? new Uint8Array(0))
    assert.is((await openLog(createWatchedStore(files))).head.size, 5)
  }
})

test.run()
