import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
    assert.equal(await out.commit(), [])
  }
  const made = { 'delivered.ndjson': 'new delivered.ndjson', 'manifest.json': 'new manifest.json' }
  assert.equal(await contentOf(place.path('deep/in/it')), made)
  await rm(place.path('deep'), { recursive: true })
  assert.equal(await contentOf(place.dir), { ...made, 'notes.txt': 'my notes.txt' })
})

test('leaves nothing behind of what was not put in place, not even the directory', async () => {
  await using place = await openDir(['notes.txt'])
  for (const dir of [place.dir, place.path('new')]) {
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

test('of two that write into one directory at once the second is refused, and mixes nothing into the first', async () => {
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

test('replaces no directory and no link, though it is forced to', async () => {
  await using place = await openDir(['delivered.ndjson'])
  for (const putThere of [
    () => mkdir(place.path('report.json')),
    () => symlink('/dev/null', place.path('report.json')),
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
  for (const dir of [place.path('notes.txt'), place.path('notes.txt/deep'), '/proc']) {
    const { code, message } = await refusalOf(openOutDir(dir, NAMES, FORCED))
    assert.is(code, 'FILE_UNREADABLE', dir)
    assert.match(message, /^The directory .* cannot be written: no right to, or no space\./)
  }
})

test.run()
