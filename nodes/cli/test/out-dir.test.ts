import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findReplaced, markUnfinished, removeReplaced } from '../src/dev/out-dir.ts'
import { hashText, renderReport, sealReport } from '../src/dev/report-file.ts'
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
  const names = await readdir(dir)
  const marks = names.map(
    async (name) =>
      [
        name,
        name.endsWith('.part')
          ? await markUnfinished(join(dir, name))
          : hashText(await readFile(join(dir, name), 'utf8')),
      ] as const,
  )
  const files = Object.fromEntries(await Promise.all(marks))
  return renderReport(sealReport({ outcome: 'delivered', steps: [], files }))
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
  const names = await removeReplaced(place.dir, UNFORCED)
  assert.equal([...names].sort(), [...DELIVERED, 'report.json'].sort())
  assert.is(names.at(-1), 'report.json', 'it says of the others whose they are')
  assert.equal(await readdir(place.dir), ['notes.txt'])
})

test('refuses what was changed or added since, by name, until it is forced to', async () => {
  await using place = await openDir(['delivered.ndjson', 'manifest.json'])
  await place.write('report.json', await reportText(place.dir))
  await place.write('manifest.json', 'changed')
  await place.write('operators', 'my own')
  const { code, message } = await refusalOf(findReplaced(place.dir, UNFORCED))
  assert.is(code, 'FILE_EXISTS')
  assert.match(message, /changed since: manifest\.json, operators\. /)
  assert.is((await findReplaced(place.dir, { force: true })).length, 4)
})

test('removes nothing when one file was changed or came after it was asked first', async () => {
  await using place = await openDir(['delivered.ndjson', 'manifest.json'])
  await place.write('report.json', await reportText(place.dir))
  assert.is((await findReplaced(place.dir, UNFORCED)).length, 3)
  await place.write('delivered.ndjson.part', 'my own')
  const { code, message } = await refusalOf(removeReplaced(place.dir, UNFORCED))
  assert.is(code, 'FILE_EXISTS')
  assert.match(message, /changed since: delivered\.ndjson\.part\. /)
  assert.is((await readdir(place.dir)).length, 4)
})

test('replaces the record that a killed run left half written, and no other one of that name', async () => {
  await using place = await openDir(['delivered.ndjson.part'])
  await place.write('report.json', await reportText(place.dir))
  await place.write('delivered.ndjson.part', 'more of it')
  assert.is((await findReplaced(place.dir, UNFORCED)).length, 2)
  await copyFile(join(place.dir, 'delivered.ndjson.part'), join(place.dir, 'copy'))
  await rename(join(place.dir, 'copy'), join(place.dir, 'delivered.ndjson.part'))
  assert.is((await refusalOf(findReplaced(place.dir, UNFORCED))).code, 'FILE_EXISTS')
})

test('knows no report of its own in another JSON, in none, nor in one that was changed', async () => {
  const content = { outcome: 'delivered', steps: [], files: {} }
  const own = renderReport(sealReport(content))
  for (const text of [
    '',
    '[]',
    'null',
    '{"files":{}}',
    renderReport({ ...content, files: [] }),
    renderReport(content),
    own.replace('delivered', 'failed'),
    own.replace('"steps": []', '"steps": [], "note": "mine"'),
    own.trimEnd(),
    ` ${own}`,
  ]) {
    await using place = await openDir()
    await place.write('report.json', text)
    const { code, message } = await refusalOf(findReplaced(place.dir, UNFORCED))
    assert.is(code, 'FILE_EXISTS', text)
    assert.match(message, /: report\.json\. /)
  }
  await using place = await openDir()
  await place.write('report.json', own)
  assert.equal(await findReplaced(place.dir, UNFORCED), ['report.json'])
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
