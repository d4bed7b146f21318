import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openPlace } from '../../../test/story/halo-command.ts'
import { calledIn } from '../src/start-dir.ts'
import { assertFails } from './failing.ts'

const test = suite('cli/start-dir')

const ROOT = fileURLToPath(new URL('../../../package.json', import.meta.url))

test('names of files mean those of where npm was called, and only for halo', () => {
  const called = { npm_package_json: ROOT, INIT_CWD: '/elsewhere' }
  assert.is(calledIn({ ...called, npm_lifecycle_event: 'halo' }), '/elsewhere')
  assert.is(calledIn({ ...called, npm_lifecycle_event: 'start' }), '/elsewhere')
  assert.is(calledIn({ ...called, npm_lifecycle_event: 'test' }), null)
  assert.is(calledIn(called), null)
})

test('a script of the same name in another package starts halo where it wants it', async () => {
  await using place = await openPlace()
  await writeFile(place.path('package.json'), '{"name":"halo"}')
  const foreign = { npm_lifecycle_event: 'start', npm_package_name: 'halo', INIT_CWD: '/elsewhere' }
  for (const path of [place.path('package.json'), place.path('none.json'), undefined])
    assert.is(calledIn({ ...foreign, npm_package_json: path }), null)
})

test('every command takes names of files from where npm was called', async () => {
  await using called = await openPlace()
  await mkdir(called.path('out'))
  await writeFile(called.path('out', 'operators'), 'my own')
  for (const script of ['halo', 'start']) {
    const env = { npm_lifecycle_event: script, npm_package_json: ROOT, INIT_CWD: called.dir }
    await using place = await openPlace(env)
    const exists = { exit: 3, code: 'FILE_EXISTS', says: new RegExp(`In ${called.path('out')} there is`) }
    await assertFails(place, exists, 'dev', '--once', '--out', 'out')
    const missing = { exit: 8, code: 'DATA_DIR_MISSING', says: new RegExp(called.path('wallet')) }
    await assertFails(place, missing, 'wallet', 'list', '--data', 'wallet')
  }
})

test.run()
