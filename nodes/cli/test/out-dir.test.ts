import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findReplaced, hashResults, removeReplaced } from '../src/dev/out-dir.ts'
import { refusalOf } from './kept-output.ts'

const test = suite('cli/out-dir')

const DELIVERED = ['delivered.ndjson', 'manifest.json', 'proof.halo-proof.json', 'operators', 'network.json']

/** A directory of a test's own, with these files. */
async function openDir(
  names: readonly string[] = [],
): Promise<{ readonly dir: string; write(name: string, text: string): Promise<void> } & AsyncDisposable> {
  const dir = await mkdtemp(join(tmpdir(), 'halo-out-'))
  const write = (name: string, text: string): Promise<void> => writeFile(join(dir, name), text)
  for (const name of names) await write(name, `content of ${name}`)
  return { dir, write, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) }
}

/** A report as a run ends with, for whatever lies there now. */
async function reportText(dir: string): Promise<string> {
  return JSON.stringify({ outcome: 'delivered', steps: [], files: await hashResults(dir) })
}

const UNFORCED = { force: false }

test('takes a directory in which nothing has a name of a result', async () => {
  await using place = await openDir(['notes.txt', 'readings.csv'])
  assert.equal(await findReplaced(place.dir, UNFORCED), [])
  assert.equal(await findReplaced(join(place.dir, 'none'), UNFORCED), [])
})

test('replaces what an earlier run wrote, and leaves all other files', async () => {
  await using place = await openDir([...DELIVERED, 'notes.txt'])
  await place.write('report.json', await reportText(place.dir))
  const names = await findReplaced(place.dir, UNFORCED)
  assert.equal([...names].sort(), [...DELIVERED, 'report.json'].sort())
  await removeReplaced(place.dir, names)
  assert.equal(await readdir(place.dir), ['notes.txt'])
})

test('refuses what was changed or added since, by name, until it is forced to', async () => {
  await using place = await openDir(['delivered.ndjson', 'manifest.json'])
  await place.write('report.json', await reportText(place.dir))
  await place.write('manifest.json', 'changed')
  await place.write('operators', 'my own')
  const { code, message } = await refusalOf(findReplaced(place.dir, UNFORCED))
  assert.is(code, 'FILE_EXISTS')
  assert.match(message, /as it is: manifest\.json, operators\. /)
  assert.is((await findReplaced(place.dir, { force: true })).length, 4)
})

test('knows no report of its own in another JSON, in none, nor in one without hashes', async () => {
  for (const text of ['', '[]', 'null', '{"files":{}}', '{"outcome":"delivered","steps":[],"files":null}']) {
    await using place = await openDir()
    await place.write('report.json', text)
    const { code, message } = await refusalOf(findReplaced(place.dir, UNFORCED))
    assert.is(code, 'FILE_EXISTS', text)
    assert.match(message, /: report\.json\. /)
  }
})

test('replaces no directory and no link, though it is forced to', async () => {
  await using place = await openDir()
  await mkdir(join(place.dir, 'operators'))
  assert.is((await refusalOf(findReplaced(place.dir, { force: true }))).code, 'FILE_UNREADABLE')
  await rm(join(place.dir, 'operators'), { recursive: true })
  await symlink('/dev/null', join(place.dir, 'manifest.json'))
  assert.is((await refusalOf(findReplaced(place.dir, { force: true }))).code, 'FILE_UNREADABLE')
})

test.run()
