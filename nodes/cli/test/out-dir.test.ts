import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openDeliveryDir } from '../src/delivery-dir.ts'
import { openOutDir, removeFiles } from '../src/out-dir.ts'
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

test('takes a directory in which nothing has a name of a result, and makes one where there is none', async () => {
  await using place = await openDir(['notes.txt', 'readings.csv'])
  await openOutDir(place.dir, NAMES, UNFORCED)
  await openOutDir(place.path('deep/in/it'), NAMES, UNFORCED)
  assert.equal(await readdir(place.path('deep/in/it')), [])
  assert.is((await refusalOf(openOutDir(place.path('notes.txt'), NAMES, FORCED))).code, 'FILE_UNREADABLE')
})

test('refuses files that are there by their names, until it is forced to', async () => {
  await using place = await openDir(['delivered.ndjson', 'report.json', 'notes.txt'])
  const { code, message } = await refusalOf(openOutDir(place.dir, NAMES, UNFORCED))
  assert.is(code, 'FILE_EXISTS')
  assert.match(message, /there is already: delivered\.ndjson, report\.json\. .*--force/)
  await openOutDir(place.dir, NAMES, FORCED)
  assert.is((await readdir(place.dir)).length, 3, 'nothing is removed by looking')
})

test('removes the files of its names and no others, and says which were there', async () => {
  await using place = await openDir(['delivered.ndjson', 'report.json', 'notes.txt'])
  assert.equal(await removeFiles(place.dir, NAMES), ['delivered.ndjson', 'report.json'])
  assert.equal(await readdir(place.dir), ['notes.txt'])
})

test('replaces no directory and no link, though it is forced to, and then removes nothing', async () => {
  await using place = await openDir(['delivered.ndjson'])
  for (const putThere of [
    () => mkdir(place.path('report.json')),
    () => symlink('/dev/null', place.path('report.json')),
  ]) {
    await putThere()
    assert.is((await refusalOf(openOutDir(place.dir, NAMES, FORCED))).code, 'FILE_UNREADABLE')
    assert.is((await refusalOf(removeFiles(place.dir, NAMES))).code, 'FILE_UNREADABLE')
    assert.equal((await readdir(place.dir)).sort(), ['delivered.ndjson', 'report.json'])
    await rm(place.path('report.json'), { recursive: true })
  }
})

test('a delivery that is forced replaces the earlier one when it is whole, and leaves it when it breaks off', async () => {
  await using place = await openDir(['delivered.ndjson', 'delivered.ndjson.part', 'manifest.json'])
  assert.is((await refusalOf(openDeliveryDir(place.dir, UNFORCED))).code, 'FILE_EXISTS')
  const { openSink } = await openDeliveryDir(place.dir, FORCED)
  const broken = await openSink()
  await broken.write(new TextEncoder().encode('half'))
  await broken.discard()
  assert.equal((await readdir(place.dir)).sort(), ['delivered.ndjson', 'manifest.json'])
  assert.is(await readFile(place.path('delivered.ndjson'), 'utf8'), 'my delivered.ndjson')
  const whole = await openSink()
  await whole.write(new TextEncoder().encode('whole'))
  await whole.commit()
  assert.equal(await readdir(place.dir), ['delivered.ndjson'], 'a manifest would be of another record')
  assert.is(await readFile(place.path('delivered.ndjson'), 'utf8'), 'whole')
})

test.run()
