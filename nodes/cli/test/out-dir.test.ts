import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openOutDir } from '../src/out-dir.ts'
import { refusalOf } from './kept-output.ts'

const test = suite('cli/out-dir')

const NAMES = ['delivered.ndjson', 'manifest.json', 'report.json']
const UNFORCED = { force: false }
const FORCED = { force: true }

/** A directory of a test's own, with these files. */
async function openDir(
  names: readonly string[] = [],
): Promise<{ readonly dir: string; path(name: string): string } & AsyncDisposable> {
  const dir = await mkdtemp(join(tmpdir(), 'halo-out-'))
  for (const name of names) await writeFile(join(dir, name), `my ${name}`)
  return {
    dir,
    path: (name) => join(dir, name),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  }
}

/** What is in a directory, by name. */
async function contentOf(dir: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(dir)).sort()
  const texts = names.map(async (name) => [name, await readFile(join(dir, name), 'utf8')] as const)
  return Object.fromEntries(await Promise.all(texts))
}

test('puts all files in their place at once, in a directory that it makes if need be', async () => {
  await using place = await openDir(['notes.txt'])
  for (const dir of [place.dir, place.path('deep/in/it')]) {
    await using out = await openOutDir(dir, NAMES, UNFORCED)
    for (const name of ['delivered.ndjson', 'manifest.json'])
      await writeFile(join(out.staging, name), `new ${name}`)
    assert.not.ok((await readdir(dir)).includes('manifest.json'))
    assert.is((await stat(out.staging)).mode & 0o777, 0o700)
    assert.equal(await out.commit(), [])
    assert.not.ok((await readdir(dir)).some((name) => name.startsWith('unfinished-')))
  }
  assert.is((await stat(place.path('deep/in'))).mode & 0o777, 0o700)
  const made = { 'delivered.ndjson': 'new delivered.ndjson', 'manifest.json': 'new manifest.json' }
  assert.equal(await contentOf(place.path('deep/in/it')), made)
  await rm(place.path('deep'), { recursive: true })
  assert.equal(await contentOf(place.dir), { ...made, 'notes.txt': 'my notes.txt' })
})

test('leaves nothing behind of what was not put in place, not even directories', async () => {
  await using place = await openDir(['notes.txt'])
  for (const dir of [place.dir, place.path('new'), place.path('n1/n2/n3')]) {
    await using out = await openOutDir(dir, NAMES, UNFORCED)
    await writeFile(join(out.staging, 'report.json'), 'half')
  }
  assert.equal(await readdir(place.dir), ['notes.txt'])
})

test('refuses files that are there by their names, until it is forced to', async () => {
  await using place = await openDir(['delivered.ndjson', 'report.json', 'notes.txt'])
  const { code, message } = await refusalOf(openOutDir(place.dir, NAMES, UNFORCED))
  assert.is(code, 'FILE_EXISTS')
  assert.match(message, /there is already: delivered\.ndjson, report\.json\. .*--force/)
  await using out = await openOutDir(place.dir, NAMES, FORCED)
  await writeFile(join(out.staging, 'report.json'), 'new')
  assert.is(await readFile(place.path('report.json'), 'utf8'), 'my report.json')
  assert.equal(await out.commit(), ['delivered.ndjson', 'report.json'])
  await out[Symbol.asyncDispose]()
  assert.equal(await contentOf(place.dir), { 'notes.txt': 'my notes.txt', 'report.json': 'new' })
})

test('keeps an earlier result whole when a new one that may replace it breaks off', async () => {
  await using place = await openDir(['delivered.ndjson', 'manifest.json'])
  const before = await contentOf(place.dir)
  const out = await openOutDir(place.dir, NAMES, FORCED)
  await writeFile(join(out.staging, 'delivered.ndjson'), 'half')
  await out[Symbol.asyncDispose]()
  assert.equal(await contentOf(place.dir), before)
})

test('of two that fill one directory the second is refused, and mixes nothing into the first', async () => {
  await using place = await openDir()
  await using first = await openOutDir(place.dir, NAMES, UNFORCED)
  await using second = await openOutDir(place.dir, NAMES, UNFORCED)
  for (const [at, { staging }] of [first, second].entries())
    await writeFile(join(staging, 'delivered.ndjson'), `of ${at}`)
  await writeFile(join(second.staging, 'manifest.json'), 'of 1')
  await first.commit()
  assert.is((await refusalOf(second.commit())).code, 'FILE_EXISTS')
  for (const { [Symbol.asyncDispose]: dispose } of [first, second]) await dispose()
  assert.equal(await contentOf(place.dir), { 'delivered.ndjson': 'of 0' })
})

test('of two that put their files in place in one moment one does at a time, and all of them', async () => {
  for (const options of [UNFORCED, FORCED])
    for (let round = 0; round < 20; round++) {
      await using place = await openDir(options.force ? NAMES : [])
      const outs = await Promise.all([1, 2].map(() => openOutDir(place.dir, NAMES, options)))
      for (const [at, { staging }] of outs.entries())
        for (const name of NAMES) await writeFile(join(staging, name), `of ${at}`)
      const ends = await Promise.allSettled(outs.map((out) => out.commit()))
      for (const out of outs) await out[Symbol.asyncDispose]()
      const winners = ends.flatMap(({ status }, at) => (status === 'fulfilled' ? [`of ${at}`] : []))
      const texts = Object.values(await contentOf(place.dir))
      assert.is(texts.length, 3)
      assert.ok(winners.includes(texts[0] ?? ''), JSON.stringify([winners, texts]))
      assert.is(new Set(texts).size, 1, 'nothing is mixed')
      if (!options.force) assert.is(winners.length, 1)
    }
})

test('refuses when another command is putting its files there, and says what to do when there is none', async () => {
  await using place = await openDir()
  await using out = await openOutDir(place.dir, NAMES, UNFORCED)
  await mkdir(place.path('unfinished-turn'))
  const { code, message } = await refusalOf(out.commit())
  assert.is(code, 'FILE_EXISTS')
  assert.match(message, /Try again; if there is none, remove .*unfinished-turn first\./)
  await rmdir(place.path('unfinished-turn'))
  assert.equal(await out.commit(), [])
})

test('puts back what it has moved when a file cannot be put in its place', async () => {
  await using place = await openDir(['delivered.ndjson', 'manifest.json'])
  const before = await contentOf(place.dir)
  await using out = await openOutDir(place.dir, NAMES, FORCED)
  await writeFile(join(out.staging, 'delivered.ndjson'), 'new')
  // A directory can be linked and copied nowhere.
  await mkdir(join(out.staging, 'zzz'))
  assert.is((await refusalOf(out.commit())).code, 'FILE_UNREADABLE')
  await out[Symbol.asyncDispose]()
  assert.equal(await contentOf(place.dir), before)
})

test('keeps aside, and says where, what it can put back no more', async () => {
  await using place = await openDir(['delivered.ndjson', 'manifest.json'])
  const out = await openOutDir(place.dir, NAMES, FORCED)
  // A directory cannot be put in place, and what comes out of it meanwhile is not ours to remove.
  await mkdir(join(out.staging, 'zzz'))
  const foreign = join(dirname(out.staging), 'old', 'manifest.json')
  await mkdir(foreign)
  const { code, message } = await refusalOf(out.commit())
  assert.is(code, 'FILE_UNREADABLE')
  await out[Symbol.asyncDispose]()
  assert.match(message, /whose files are in .*unfinished-.*old\)/)
  const names = (await readdir(place.dir)).filter((name) => !name.startsWith('unfinished-'))
  assert.equal(names.sort(), ['delivered.ndjson', 'manifest.json'])
  assert.ok((await stat(foreign)).isDirectory(), 'nothing that is aside is removed')
})

test('replaces no directory and no link, though it is forced to', async () => {
  await using place = await openDir(['delivered.ndjson'])
  for (const putThere of [
    () => mkdir(place.path('report.json')),
    () => symlink('/dev/null', place.path('report.json')),
    () => symlink(place.path('delivered.ndjson'), place.path('report.json')),
    () => symlink(place.path('nowhere'), place.path('report.json')),
  ]) {
    await using out = await openOutDir(place.dir, NAMES, FORCED)
    await writeFile(join(out.staging, 'delivered.ndjson'), 'new')
    await putThere()
    assert.is((await refusalOf(out.commit())).code, 'FILE_UNREADABLE')
    assert.is((await refusalOf(openOutDir(place.dir, NAMES, FORCED))).code, 'FILE_UNREADABLE')
    assert.is(await readFile(place.path('delivered.ndjson'), 'utf8'), 'my delivered.ndjson')
    await rm(place.path('report.json'), { recursive: true })
  }
})

test('says before anything is done where nothing can be written', async () => {
  await using place = await openDir(['notes.txt'])
  await symlink(place.path('nowhere'), place.path('dangling'))
  for (const [dir, says] of [
    [place.path('notes.txt'), /^The directory .* cannot be made: /],
    [place.path('notes.txt/deep'), /^The directory .* cannot be made: /],
    [place.path('dangling'), /^The directory .* cannot be made: /],
    ['/proc', /^The directory \/proc cannot be written: no right to, or no space\./],
  ] as const) {
    const { code, message } = await refusalOf(openOutDir(dir, NAMES, FORCED))
    assert.is(code, 'FILE_UNREADABLE', dir)
    assert.match(message, says)
  }
  assert.is((await refusalOf(openOutDir('', NAMES, FORCED))).code, 'USAGE')
})

test.run()
