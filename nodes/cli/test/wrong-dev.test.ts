import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openPlace } from '../../../test/story/halo-command.ts'
import { assertFails } from './failing.ts'

const test = suite('cli/wrong-dev')

const OLD = ['delivered.ndjson', 'manifest.json', 'report.json']

test('halo dev refuses wrong options before it starts anything or removes an earlier result', async () => {
  await using place = await openPlace()
  const out = place.path('out')
  await mkdir(out)
  for (const name of OLD) await writeFile(place.path('out', name), 'earlier')
  const wrong: readonly (readonly [args: readonly string[], exit: number, code: string, says: RegExp])[] = [
    [['--unit', 'foo'], 2, 'USAGE', /--unit takes/],
    [['--threshold', '9'], 2, 'USAGE', /--threshold takes/],
    [['--kill', '9'], 2, 'USAGE', /--kill takes/],
    [['--tz', 'Europe/Atlantis'], 3, 'TIME_ZONE_UNKNOWN', /--tz/],
    [['--file', place.path('none.csv')], 3, 'FILE_UNREADABLE', /none\.csv cannot be read/],
    [['--file', out], 3, 'FILE_UNREADABLE', /is not a file/],
    [['--data', out], 2, 'USAGE', /--data: .* is not empty/],
  ]
  for (const [args, exit, code, says] of wrong) {
    await assertFails(place, { exit, code, says }, 'dev', '--once', '--out', out, ...args)
    assert.equal((await readdir(out)).sort(), OLD)
    for (const name of OLD) assert.is(await readFile(place.path('out', name), 'utf8'), 'earlier')
    assert.equal(await readdir(place.temporary), [], 'nothing was started')
  }
})

test('halo dev refuses a directory with files of its names, before it starts anything', async () => {
  await using place = await openPlace()
  const out = place.path('out')
  await mkdir(out)
  await writeFile(place.path('out', 'operators'), 'my own')
  const names = /In .*out there is already: operators\. .*--force/
  const wanted = { exit: 3, code: 'FILE_EXISTS', says: names }
  await assertFails(place, wanted, 'dev', '--once', '--decline', '--out', out)
  assert.is(await readFile(place.path('out', 'operators'), 'utf8'), 'my own')
  const file = place.path('out', 'operators')
  await assertFails(
    place,
    { exit: 3, code: 'FILE_UNREADABLE', says: /directory .* cannot be made/ },
    ...['dev', '--once', '--out', file],
  )
  await assertFails(
    place,
    { exit: 2, code: 'USAGE', says: /--force goes with --out/ },
    ...['dev', '--once', '--force'],
  )
  assert.equal(await readdir(place.temporary), [], 'nothing was started')
})

test.run()
