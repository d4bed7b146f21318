import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOfAsync } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import type { MerkleLog, TileStore } from '../src/index.ts'
import {
  buildTree,
  createMemoryStore,
  emptyRoot,
  formatTilePath,
  hashLeaf,
  openLog,
  verifyBatch,
  verifyConsistency,
  verifyInclusion,
} from '../src/index.ts'
import { createWatchedStore, type WatchedStore } from './faulty-store.ts'
import { countingEntries } from './reference.ts'

const test = suite('proofs/log')
const ENTRIES = countingEntries(70_000)
const LEAVES = ENTRIES.map(hashLeaf)
const LARGE = buildTree(LEAVES)
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const rootOf = (size: number): string => hex(buildTree(LEAVES.slice(0, size)).root)

async function openFilled(size: number): Promise<{ readonly store: WatchedStore; readonly log: MerkleLog }> {
  const store = createWatchedStore()
  const log = await openLog(store)
  await log.append(ENTRIES.slice(0, size))
  return { store, log }
}

const large = openFilled(70_000)

test('begins empty, and stays so when nothing is appended', async () => {
  const store = createWatchedStore()
  const log = await openLog(store)
  assert.equal(log.head, { size: 0, root: emptyRoot() })
  assert.equal(await log.append([]), { firstIndex: 0, size: 0, root: emptyRoot() })
  assert.is(store.files.size, 0)
})

test('names files as tlog-tiles does', () => {
  assert.is(formatTilePath(0, 0, 256), 'tile/0/000')
  assert.is(formatTilePath(3, 1_234_067, 256), 'tile/3/x001/x234/067')
  assert.is(formatTilePath('entries', 1000, 17), 'tile/entries/x001/000.p/17')
  assert.is(formatTilePath(0, 999, 1), 'tile/0/999.p/1')
})

test('has the files of the specification for 70 000 leaves', async () => {
  const { store } = await large
  const count = (pattern: RegExp) => [...store.files.keys()].filter((path) => pattern.test(path)).length
  assert.is(count(/^tile\/0\/\d{3}$/), 273)
  assert.is(store.files.get('tile/0/273.p/112')?.length, 112 * 32)
  assert.is(store.files.get('tile/1/000')?.length, 256 * 32)
  assert.is(store.files.get('tile/1/001.p/17')?.length, 17 * 32)
  assert.is(store.files.get('tile/2/000.p/1')?.length, 32)
  assert.is(count(/^tile\/entries\/\d{3}$/), 273)
  assert.is(store.files.get('tile/entries/273.p/112')?.length, 112 * (2 + 4))
  assert.is(count(/./), 273 + 1 + 1 + 1 + 1 + 273 + 1 + 1)
})

test('has the root of the tree of its leaves, and reopens, at every size up to 600', async () => {
  const store = createMemoryStore()
  for (let size = 0; size <= 600; size++) {
    const log = await openLog(store)
    assert.is(log.head.size, size)
    assert.is(hex(log.head.root), rootOf(size))
    const added = await log.append(ENTRIES.slice(size, size + 1))
    assert.equal([added.firstIndex, added.size], [size, size + 1])
    assert.is(hex(added.root), rootOf(size + 1))
  }
})

test('arrives at the same files whatever the appends it grew by, but for partial ones in between', async () => {
  await holds(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3000 }),
      fc.array(fc.nat(700), { maxLength: 12 }),
      fc.boolean(),
      async (size, steps, isReopened) => {
        const { store: wanted } = await openFilled(size)
        const store = createWatchedStore()
        let log = await openLog(store)
        for (const step of [...steps, size]) {
          const from = log.head.size
          await log.append(ENTRIES.slice(from, Math.min(size, from + step)))
          if (isReopened) log = await openLog(store)
        }
        for (const [path, bytes] of wanted.files) {
          if (path.startsWith('tile/')) assert.is(hex(store.files.get(path) ?? emptyRoot()), hex(bytes), path)
        }
        assert.is(hex(log.head.root), rootOf(size))
      },
    ),
    40,
  )
})

test('proves what it holds at any size it had', async () => {
  const { log } = await large
  await holds(
    fc.asyncProperty(fc.integer({ min: 1, max: 70_000 }), fc.nat(), fc.nat(), async (size, a, b) => {
      const [index, from] = [a % size, 1 + (b % size)]
      const root = await log.root(size)
      const inclusion = await log.proveInclusion(index, size)
      assert.ok(verifyInclusion(hashLeaf(await log.entry(index)), inclusion, root))
      assert.ok(verifyConsistency(await log.proveConsistency(from, size), await log.root(from), root))
      assert.ok(verifyConsistency(await log.proveConsistency(size), root, LARGE.root))
    }),
    60,
  )
})

test('makes the proofs of the tree in memory, for many leaves at once too', async () => {
  await holds(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 2000 }),
      fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 40 }),
      async (size, picks) => {
        const { log } = await openFilled(size)
        const tree = buildTree(LEAVES.slice(0, size))
        const indices = [...new Set(picks.map((pick) => pick % size))].sort((a, b) => a - b)
        const proof = await log.proveBatch(indices)
        assert.equal(proof, tree.proveBatch(indices))
        const leaves = indices.map((index) => LEAVES[index] as Uint8Array)
        assert.ok(verifyBatch(leaves, proof, log.head.root))
        const index = indices[0] as number
        assert.equal(await log.proveInclusion(index), tree.proveInclusion(index))
        assert.equal(await log.proveConsistency(index), tree.proveConsistency(index))
      },
    ),
    40,
  )
})

test('gives entries back as they came: none, long, equal ones', async () => {
  const entries = [new Uint8Array(0), new Uint8Array(0xffff).fill(7), Uint8Array.of(1), Uint8Array.of(1)]
  const store = createMemoryStore()
  await (await openLog(store)).append(entries)
  const log = await openLog(store)
  for (const [index, entry] of entries.entries()) assert.equal(await log.entry(index), entry)
})

test('copies what it is given and what it gives', async () => {
  const entry = Uint8Array.of(1, 2, 3)
  const log = await openLog(createMemoryStore())
  const appended = log.append([entry])
  entry.fill(9)
  const { root } = await appended
  assert.equal(await log.entry(0), Uint8Array.of(1, 2, 3))
  root.fill(0)
  log.head.root.fill(0)
  ;(await log.root()).fill(0)
  ;(await log.entry(0)).fill(0)
  assert.is(hex(log.head.root), hex(hashLeaf(Uint8Array.of(1, 2, 3))))
  assert.equal(await log.entry(0), Uint8Array.of(1, 2, 3))
})

test('copies a Buffer too, and one that the store gives', async () => {
  const store = createMemoryStore()
  const asBuffers: TileStore = {
    ...store,
    read: async (path) => {
      const bytes = await store.read(path)
      return bytes === null ? null : Buffer.from(bytes)
    },
  }
  const entry = Buffer.from('123')
  const appended = (await openLog(store)).append([entry])
  entry.fill(0)
  await appended
  const log = await openLog(asBuffers)
  ;(await log.entry(0)).fill(0)
  assert.is(Buffer.from(await log.entry(0)).toString(), '123')
  const bytes = Buffer.from('123')
  const written = store.write('tile/0/000', bytes)
  bytes.fill(0)
  await written
  assert.is(Buffer.from((await store.read('tile/0/000')) ?? []).toString(), '123')
})

test('refuses a list of entries with a hole, and adds none of them', async () => {
  const log = await openLog(createMemoryStore())
  const entries: readonly Uint8Array[] = Object.assign([Uint8Array.of(1)], { length: 2 })
  assert.is(await codeOfAsync(() => log.append(entries)), 'RANGE_INVALID')
  assert.is(log.head.size, 0)
})

test('lets appends wait for each other, each in one commit', async () => {
  const store = createWatchedStore()
  const log = await openLog(store)
  const results = await Promise.all(
    [0, 300, 301, 900].map((at, i, all) => log.append(ENTRIES.slice(at, all[i + 1] ?? 1000))),
  )
  assert.equal(
    results.map(({ firstIndex }) => firstIndex),
    [0, 300, 301, 900],
  )
  assert.is(hex(log.head.root), rootOf(1000))
  assert.is(hex((await openLog(store)).head.root), rootOf(1000))
})

test('begins no append before every write of one that failed has ended', async () => {
  const files = createWatchedStore()
  const asked: string[] = []
  let endLateWrite = (): void => undefined
  const lateWrite = new Promise<void>((resolve) => {
    endLateWrite = resolve
  })
  const store: TileStore = {
    read: files.read,
    write: async (path, bytes) => {
      asked.push(path)
      if (asked.length === 1) throw new Error('disk full')
      if (asked.length === 2) await lateWrite
      await files.write(path, bytes)
    },
  }
  const log = await openLog(store)
  const failed = log.append(ENTRIES.slice(0, 2)).catch((error: Error) => error.message)
  const next = log.append(ENTRIES.slice(0, 3))
  // One turn of the event loop is later than every step that waits for no write.
  await new Promise((resolve) => setImmediate(resolve))
  assert.is(asked.length, 2, 'only the tile and the entries of the first append')
  endLateWrite()
  assert.is(await failed, 'disk full')
  assert.is((await next).size, 3)
  assert.is(hex((await openLog(files)).head.root), rootOf(3))
})

test('reads the state before an append while the append is under way', async () => {
  const files = createWatchedStore()
  let release = (): void => undefined
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  const store: TileStore = {
    read: files.read,
    write: async (path, bytes) => {
      if (files.files.has('head/0')) await gate
      await files.write(path, bytes)
    },
  }
  const log = await openLog(store)
  await log.append(ENTRIES.slice(0, 300))
  const appended = log.append(ENTRIES.slice(300, 600))
  assert.ok(verifyInclusion(LEAVES[299] as Uint8Array, await log.proveInclusion(299), log.head.root))
  assert.is(log.head.size, 300)
  release()
  assert.is((await appended).size, 600)
})

test('never writes a file of a committed size again', async () => {
  const store = createWatchedStore()
  const log = await openLog(store)
  const committed = new Set<string>()
  for (let size = 0; size < 1200; size += 1 + (size % 37)) {
    store.written.clear()
    await log.append(ENTRIES.slice(log.head.size, size))
    for (const path of store.written.keys()) {
      assert.not.ok(committed.has(path), path)
      if (path.startsWith('tile/')) committed.add(path)
    }
  }
  assert.ok(committed.size > 100)
})

test('keeps no more tiles than it is told to, and reads a tile again that it dropped', async () => {
  const { store } = await large
  const copy = createWatchedStore(store.files)
  const log = await openLog(copy, { maxCachedTiles: 2 })
  const readTiles = async (index: number) => {
    copy.reads.length = 0
    await log.proveInclusion(index)
    return copy.reads
  }
  assert.equal(await readTiles(0), ['tile/0/000', 'tile/1/000'])
  assert.equal(await readTiles(1), [])
  assert.equal(await readTiles(256), ['tile/0/001'])
  assert.equal(await readTiles(512), ['tile/0/002'])
  assert.equal(await readTiles(0), ['tile/0/000'])
})

test('works without partial files that were tidied away once the full ones were there', async () => {
  const { store, log } = await openFilled(200)
  const before = new Map(store.files)
  await log.append(ENTRIES.slice(200, 300))
  const files = new Map([...store.files].filter(([path]) => !path.includes('000.p/')))
  files.set('head/0', before.get('head/0') as Uint8Array)
  files.delete('head/1')
  for (const [path, bytes] of before) if (path.startsWith('head')) files.set(path, bytes)
  const reopened = await openLog(createWatchedStore(files))
  assert.is(reopened.head.size, 200)
  assert.equal(await reopened.entry(199), ENTRIES[199])
})

test('says when any file it needs is damaged, cut or gone', async () => {
  const { store } = await openFilled(700)
  for (const [path, bytes] of store.files) {
    for (const damage of [null, bytes.slice(0, -1), flip(bytes, 3), flip(bytes, bytes.length - 1)]) {
      const copy = createWatchedStore(store.files)
      if (damage === null) copy.files.delete(path)
      else copy.files.set(path, damage)
      if (path.startsWith('head/') && (damage?.length ?? 0) < bytes.length) continue
      assert.is(await codeOfAsync(() => readAll(copy)), 'STORE_DAMAGED', `${path} ${damage?.length}`)
    }
  }
  assert.is(await codeOfAsync(() => readAll(createWatchedStore(store.files))), 'none')
})

test('says so on opening already when the right edge is damaged, on any level', async () => {
  const { store } = await large
  for (const path of ['tile/0/273.p/112', 'tile/1/001.p/17', 'tile/2/000.p/1', 'tile/entries/273.p/112']) {
    const copy = createWatchedStore(store.files)
    copy.files.set(path, flip(store.files.get(path) as Uint8Array, 5))
    assert.is(await codeOfAsync(() => openLog(copy)), 'STORE_DAMAGED', path)
  }
})

test('tells a head that was cut from one that was damaged', async () => {
  const { store, log } = await openFilled(3)
  await log.append(ENTRIES.slice(3, 5))
  const [older, newer] = ['head/0', 'head/1'].map((path) => store.files.get(path)) as [Uint8Array, Uint8Array]
  const { store: fork } = await openFilled(0)
  await (await openLog(fork)).append(ENTRIES.slice(10, 15))
  const other = fork.files.get('head/0') as Uint8Array
  const zeros = new Uint8Array(newer.length)
  const cases: readonly (readonly [Uint8Array | null, Uint8Array | null, number | string])[] = [
    [older, newer, 5],
    [newer, older, 5],
    [newer, newer, 5],
    [older, newer.subarray(0, 20), 3],
    [older, zeros, 3],
    [older, new Uint8Array(0), 3],
    [older, null, 3],
    [null, newer, 5],
    [new Uint8Array(0), newer, 5],
    [newer.subarray(0, 20), null, 0],
    [null, null, 0],
    [older, flip(newer, 20), 'STORE_DAMAGED'],
    [flip(older, 0), newer, 'STORE_DAMAGED'],
    [older, Uint8Array.of(...newer, 10), 'STORE_DAMAGED'],
    [newer, other, 'STORE_DAMAGED'],
    [older.subarray(0, 20), newer.subarray(0, 20), 'STORE_DAMAGED'],
    [null, zeros, 'STORE_DAMAGED'],
  ]
  for (const [first, second, expected] of cases) {
    const copy = createWatchedStore(store.files)
    copy.files.delete('head/0')
    copy.files.delete('head/1')
    if (first !== null) copy.files.set('head/0', first)
    if (second !== null) copy.files.set('head/1', second)
    let size = -1
    const code = await codeOfAsync(async () => {
      size = (await openLog(copy)).head.size
    })
    assert.is(code === 'none' ? size : code, expected, `${first?.length} ${second?.length}`)
  }
})

async function readAll(store: TileStore): Promise<void> {
  const log = await openLog(store)
  for (let index = 0; index < log.head.size; index += 50) {
    await log.entry(index)
    await log.proveInclusion(index)
  }
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const flipped = bytes.slice()
  flipped[at] = (flipped[at] as number) ^ 1
  return flipped
}

test('finds a tile that was swapped for another valid one', async () => {
  const { store } = await openFilled(700)
  const copy = createWatchedStore(store.files)
  copy.files.set('tile/0/000', store.files.get('tile/0/001') as Uint8Array)
  const log = await openLog(copy)
  assert.is(await codeOfAsync(() => log.proveInclusion(0)), 'STORE_DAMAGED')
  assert.is(await codeOfAsync(() => log.proveInclusion(650)), 'none')
})

test('finds a store that was rolled back, or has another history, by its last checkpoint', async () => {
  const { store, log } = await openFilled(500)
  const older = new Map(store.files)
  await log.append(ENTRIES.slice(500, 600))
  const lastCheckpoint = log.head
  const open = (files: ReadonlyMap<string, Uint8Array>, last: typeof lastCheckpoint) =>
    codeOfAsync(() => openLog(createWatchedStore(files), { lastCheckpoint: last }))
  assert.is(await open(store.files, lastCheckpoint), 'none')
  assert.is(await open(older, lastCheckpoint), 'STORE_BEHIND')
  assert.is(await open(new Map(), lastCheckpoint), 'STORE_BEHIND')
  assert.is(await open(store.files, { size: 500, root: await log.root(500) }), 'none')
  assert.is(await open(store.files, { size: 500, root: await log.root(499) }), 'STORE_DAMAGED')
  assert.is(await open(store.files, { size: 0, root: emptyRoot() }), 'none')
  assert.is(await open(store.files, { size: 5, root: new Uint8Array(3) }), 'HASH_INVALID')
  assert.is(await open(store.files, { size: -5, root: emptyRoot() }), 'RANGE_INVALID')
})

test('names the field when asked for what it cannot have', async () => {
  const { log } = await openFilled(10)
  const cases: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['LEAF_UNKNOWN', () => log.proveInclusion(10)],
    ['LEAF_UNKNOWN', () => log.proveInclusion(5, 5)],
    ['LEAF_UNKNOWN', () => log.entry(10)],
    ['LEAF_UNKNOWN', () => log.proveBatch([3, 10])],
    ['RANGE_INVALID', () => log.proveInclusion(0, 11)],
    ['RANGE_INVALID', () => log.proveInclusion(Number.NaN)],
    ['RANGE_INVALID', () => log.entry(-1)],
    ['RANGE_INVALID', () => log.entry(0.5)],
    ['RANGE_INVALID', () => log.root(11)],
    ['RANGE_INVALID', () => log.root(-1)],
    ['RANGE_INVALID', () => log.proveConsistency(6, 5)],
    ['RANGE_INVALID', () => log.proveConsistency(5, 11)],
    ['RANGE_INVALID', () => log.proveBatch([])],
    ['RANGE_INVALID', () => log.proveBatch([3, 3])],
    ['RANGE_INVALID', () => log.proveBatch([4, 3])],
    ['RANGE_INVALID', () => log.append([new Uint8Array(0x10000)])],
    ['RANGE_INVALID', () => log.append(['text' as unknown as Uint8Array])],
    ['RANGE_INVALID', () => openLog(createMemoryStore(), { maxCachedTiles: -1 })],
  ]
  for (const [code, run] of cases) assert.is(await codeOfAsync(run), code, String(run))
  assert.is(log.head.size, 10)
})

test.run()
