import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { link, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { generateGlucoseCsv, headOf } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Place } from '../../../test/story/halo-command.ts'
import { assertPlain, openPlace } from '../../../test/story/halo-command.ts'
import { assertFails } from './failing.ts'

const test = suite('cli/records-windows')

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** Converted glucose of five days. */
async function writeResources(place: Place): Promise<string> {
  const csv = place.path('cgm.csv')
  await writeFile(csv, generateGlucoseCsv({ days: 5, intervalMin: 60, hasGaps: false }))
  const all = place.path('all.ndjson')
  assert.is((await place.json('records', 'convert', csv, '--from', 'glucose-csv', '--out', all)).code, 0)
  return all
}

/** Five windows, and what `windows.json` says of them. */
async function makeWindows(place: Place) {
  const all = await writeResources(place)
  const dir = place.path('windows')
  const made = await place.json('records', 'aggregate', all, '--window', 'day', '--out', dir)
  assert.is(made.value.windows.length, 5)
  const file = place.path('windows', 'windows.json')
  return {
    dir,
    index: JSON.parse(await readFile(file, 'utf8')),
    writeIndex: (value: unknown) => writeFile(file, JSON.stringify(value)),
  }
}

/** Runs a command from a shell, which sets the limits of its files. */
async function shell(place: Place, script: string, ...args: readonly string[]) {
  const node = [process.execPath, '--conditions=@halo/source', '--disable-warning=ExperimentalWarning', MAIN]
  const child = spawn('sh', ['-c', script, 'sh', ...node, ...args], {
    env: { ...process.env, HALO_HOME: place.path('home') },
  })
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      printed[name] += chunk
    })
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, ...printed }
}

test('does not call a set whole that was cut, with its own head or another, or says nothing of its files', async () => {
  await using place = await openPlace()
  const { dir, index, writeIndex } = await makeWindows(place)
  const wanted = { exit: 3, code: 'WINDOW_INVALID' }
  const windows = index.windows.slice(0, 2)
  const head = headOf(windows[1].header)
  const verify = ['records', 'verify', dir] as const
  await writeIndex({ head, windows })
  await assertFails(place, { ...wanted, says: /does not name: 3\./ }, ...verify)
  await writeIndex({ head, windows: [] })
  await assertFails(place, { ...wanted, says: /names no window/ }, ...verify)
  for (const { file } of index.windows.slice(2)) await rm(place.path('windows', file))
  await writeIndex({ head: index.head, windows })
  await assertFails(place, { ...wanted, says: /Window 2 is missing.*head is not/ }, ...verify)
  await writeIndex({ windows })
  await assertFails(place, { exit: 3, code: 'FILE_UNREADABLE', says: /no readable windows\.json/ }, ...verify)
  await writeIndex({ head, windows })
  await assertFails(place, { ...wanted, says: /head is not the one given/ }, ...verify, '--head', index.head)
  assert.is((await place.json(...verify, '--head', head.toUpperCase())).value.windows, 2)
  for (const bad of ['', 'abc', `${head}0`])
    await assertFails(place, { exit: 2, code: 'USAGE', says: /64 hex digits/ }, ...verify, '--head', bad)
})

test('reads windows from files alone, and as much as their headers say', async () => {
  await using place = await openPlace()
  const { dir, index, writeIndex } = await makeWindows(place)
  const file = place.path('windows', index.windows[1].file)
  const whole = await readFile(file)
  const missing = { exit: 3, code: 'FILE_UNREADABLE', says: /is missing, or no file/ }
  await rm(file)
  await symlink('/dev/zero', file)
  await assertFails(place, missing, 'records', 'verify', dir)
  await rm(file)
  assert.is((await shell(place, `exec mkfifo '${file}'`)).code, 0)
  await assertFails(place, missing, 'records', 'verify', dir)
  await rm(file)
  await writeFile(file, new Uint8Array([...whole, 10]))
  const altered = { exit: 3, code: 'WINDOW_INVALID', says: /Window 1 was altered/ }
  await assertFails(place, altered, 'records', 'verify', dir)
  await writeFile(file, whole)
  assert.is((await place.json('records', 'verify', dir)).value.windows, 5)
  for (const header of [null, 7, {}, { ...index.windows[1].header, sequence: { toString: 1 } }]) {
    await writeIndex({ ...index, windows: index.windows.with(1, { ...index.windows[1], header }) })
    await assertFails(place, { ...altered, says: /Window 1 / }, 'records', 'verify', dir)
  }
  for (const windows of [null, [null], [{}], [{ ...index.windows[0], file: '../all.ndjson' }]]) {
    await writeIndex({ ...index, windows })
    const unreadable = { exit: 3, code: 'FILE_UNREADABLE', says: /no readable windows\.json/ }
    await assertFails(place, unreadable, 'records', 'verify', dir)
  }
})

test('makes a directory for windows once there are some, for its owner alone', async () => {
  await using place = await openPlace()
  const out = place.path('new', 'windows')
  const args = ['--window', 'day', '--out', out]
  await writeFile(place.path('broken.ndjson'), '{"resourceType":"constructor"}\n')
  const wrong = { exit: 3, says: /Name|Line|Check/ }
  await assertFails(
    place,
    { ...wrong, code: 'FILE_UNREADABLE' },
    'records',
    'aggregate',
    place.path('none'),
    ...args,
  )
  await assertFails(
    place,
    { ...wrong, code: 'RESOURCE_UNSUPPORTED' },
    'records',
    'aggregate',
    place.path('broken.ndjson'),
    ...args,
  )
  assert.not.ok((await readdir(place.dir)).includes('new'))
  assert.is((await place.json('records', 'aggregate', await writeResources(place), ...args)).code, 0)
  assert.is((await stat(place.path('new'))).mode & 0o777, 0o700)
  assert.is((await stat(out)).mode & 0o777, 0o700)
})

test('leaves a file beside its own as it is, and makes directories for their owner alone', async () => {
  await using place = await openPlace()
  const all = await writeResources(place)
  const convert = ['records', 'convert', all, '--from', 'fhir', '--out'] as const
  await mkdir(place.path('old'))
  await writeFile(place.path('old', 'out.ndjson.part'), 'mine')
  const made = await place.json(...convert, place.path('old', 'out.ndjson'))
  assert.is(made.code, 0, JSON.stringify(made.value))
  assert.is(await readFile(place.path('old', 'out.ndjson.part'), 'utf8'), 'mine')
  assert.equal((await readdir(place.path('old'))).sort(), ['out.ndjson', 'out.ndjson.part'])
  await place.json(...convert, place.path('a', 'b', 'out.ndjson'))
  for (const dir of ['a', 'a/b']) assert.is((await stat(place.path(dir))).mode & 0o777, 0o700)
})

test('replaces neither what it reads, by whatever name, nor what is no file', async () => {
  await using place = await openPlace()
  const all = await writeResources(place)
  const before = await readFile(all)
  await link(all, place.path('hard'))
  await symlink(all, place.path('soft'))
  await symlink(place.path('nowhere'), place.path('loose'))
  const convert = ['records', 'convert', all, '--from', 'fhir', '--force', '--out'] as const
  for (const out of [all, place.path('hard'), place.path('soft')])
    await assertFails(place, { exit: 2, code: 'USAGE', says: /is read by this command/ }, ...convert, out)
  for (const out of [place.path('loose'), place.dir])
    await assertFails(
      place,
      { exit: 3, code: 'FILE_UNREADABLE', says: /is not a file|is a directory/ },
      ...convert,
      out,
    )
  const [secret, words] = [place.path('secret'), 'correct horse battery staple 0123456789']
  await writeFile(secret, words, { mode: 0o600 })
  await assertFails(
    place,
    { exit: 2, code: 'USAGE', says: /is read by this command/ },
    ...['records', 'deidentify', all, '--profile', 'strict', '--recipient', 'lab'],
    ...['--secret-file', secret, '--force', '--out', secret],
  )
  assert.equal(await readFile(all), before)
  assert.is(await readFile(secret, 'utf8'), words)
})

test('writes to standard output for a dash', async () => {
  await using place = await openPlace()
  const all = await writeResources(place)
  const convert = ['records', 'convert', all, '--from', 'fhir'] as const
  const dashed = await place.halo(...convert, '--out', '-')
  assert.is(dashed.stdout, (await place.halo(...convert)).stdout)
  assert.is(dashed.stdout.split('\n').length, 121)
  const { code, value } = await place.json(...convert, '--out', '-')
  assert.equal([code, value.error.code], [2, 'USAGE'])
})

test('says that there is no space, for a file and for standard output, and leaves nothing behind', async () => {
  await using place = await openPlace()
  const all = await writeResources(place)
  const convert = ['records', 'convert', all, '--from', 'fhir'] as const
  const out = place.path('full.ndjson')
  const full = place.path('full.txt')
  for (const ended of [
    await shell(place, 'ulimit -f 1; exec "$@"', ...convert, '--out', out),
    await shell(place, `ulimit -f 1; exec "$@" > '${full}'`, ...convert),
  ]) {
    assert.equal([ended.code, ended.signal], [3, null], ended.stderr)
    assert.match(ended.stderr, /cannot be written.* \(FILE_UNREADABLE\)\n$/)
    assertPlain(ended)
  }
  assert.equal(
    (await readdir(place.dir)).filter((name) => name.startsWith('full')),
    ['full.txt'],
  )
})

test.run()
