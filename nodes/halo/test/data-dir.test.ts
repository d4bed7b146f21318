import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lockDataDir, openDataDir, writePrivateFile } from '@halo/node'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf, messageOf, openScratchDir } from './scratch-dir.ts'

const test = suite('node/data-dir')

/** Id of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid
}

test('makes a directory that only its owner may enter', async () => {
  await using dir = await openScratchDir()
  const path = join(dir.path, 'a', 'b')
  await openDataDir(path)
  assert.is((await stat(path)).mode & 0o777, 0o700)
  await openDataDir(path)
})

test('refuses a directory that others may read, write or enter, and says how to close it', async () => {
  await using dir = await openScratchDir()
  const path = join(dir.path, 'open')
  await mkdir(path)
  for (const mode of [0o740, 0o704, 0o720, 0o701]) {
    await chmod(path, mode)
    assert.is(await codeOf(() => openDataDir(path)), 'DATA_DIR_OPEN')
    assert.match(await messageOf(() => openDataDir(path)), `chmod go= ${path}`)
  }
})

test('keeps a second process out while the first lives, and lets it in afterwards', async () => {
  await using dir = await openScratchDir()
  const other = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  const ended = once(other, 'exit')
  await writeFile(join(dir.path, 'lock'), String(other.pid))
  assert.is(await codeOf(() => lockDataDir(dir.path)), 'DATA_DIR_LOCKED')
  assert.match(await messageOf(() => lockDataDir(dir.path)), /Another process uses .*Stop it first/)
  other.stdin.end()
  await ended
  await using _lock = await lockDataDir(dir.path)
  assert.is(await readFile(join(dir.path, 'lock'), 'utf8'), String(process.pid))
})

test('takes over the lock of a process that is gone, and one that names nobody', async () => {
  await using dir = await openScratchDir()
  for (const stale of [String(deadPid()), '', 'nobody', '-1']) {
    await writeFile(join(dir.path, 'lock'), stale)
    await using _lock = await lockDataDir(dir.path)
    assert.is(await readFile(join(dir.path, 'lock'), 'utf8'), String(process.pid))
  }
})

test('leaves nothing in the directory once the lock is given back', async () => {
  await using dir = await openScratchDir()
  {
    await using _lock = await lockDataDir(dir.path)
    assert.equal(await readdir(dir.path), ['lock'])
  }
  assert.equal(await readdir(dir.path), [])
})

for (const [state, lock] of [
  ['a free directory', null],
  ['a directory with a stale lock', 'nobody'],
] as const)
  test(`of many processes that want ${state} at once, one gets it`, async () => {
    await using dir = await openScratchDir()
    if (lock !== null) await writeFile(join(dir.path, 'lock'), lock)
    const code = `
    import { lockDataDir } from '../src/data-dir.ts'
    await new Promise((resolve) => process.stdin.once('data', resolve))
    const won = await lockDataDir(${JSON.stringify(dir.path)}).then(() => 'won', (error) => error.code)
    process.stdout.write(won)
    await new Promise((resolve) => process.stdin.once('end', resolve))
    process.exit()`
    const args = ['--conditions=@halo/source', '--disable-warning=ExperimentalWarning', '--input-type=module']
    const rivals = Array.from({ length: 6 }, () =>
      spawn(process.execPath, [...args, '-e', code], {
        cwd: import.meta.dirname,
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    )
    const closed = rivals.map((rival) => once(rival, 'close'))
    for (const rival of rivals) rival.stdin.write('go')
    const answers = await Promise.all(
      rivals.map(async (rival) => String((await once(rival.stdout, 'data'))[0])),
    )
    for (const rival of rivals) rival.stdin.end()
    await Promise.all(closed)
    assert.equal(answers.sort(), [...Array(5).fill('DATA_DIR_LOCKED'), 'won'])
    assert.equal(await readdir(dir.path), ['lock'], 'no name of a loser is left')
  })

test('writes a file whole, for its owner alone, and leaves no part behind', async () => {
  await using dir = await openScratchDir()
  const path = join(dir.path, 'file')
  await writeFile(path, 'old', { mode: 0o644 })
  await writePrivateFile(path, 'new')
  assert.is(await readFile(path, 'utf8'), 'new')
  assert.is((await stat(path)).mode & 0o777, 0o600)
  assert.equal(await readdir(dir.path), ['file'])
})

test.run()
