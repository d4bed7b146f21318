import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lockDataDir, openDataDir, writePrivateFile } from '@halo/node'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf, messageOf, openScratchDir } from './scratch-dir.ts'

const test = suite('node/data-dir')

/** A process that asks for the lock of a directory when told to, and keeps what it gets until it ends. */
interface Rival extends AsyncDisposable {
  /** `won`, or the code it failed with. */
  ask(): Promise<string>
  /** SIGKILL, as a power cut would. */
  kill(): Promise<void>
}

/** @param pid what the process takes for its id, as one in another container may have ours */
function startRival(path: string, pid?: number): Rival {
  const code = `
    ${pid === undefined ? '' : `Object.defineProperty(process, 'pid', { value: ${pid} })`}
    const { lockDataDir } = await import('../src/data-dir.ts')
    await new Promise((resolve) => process.stdin.once('data', resolve))
    const lock = await lockDataDir(${JSON.stringify(path)}).catch((error) => error.code)
    process.stdout.write(typeof lock === 'string' ? lock : 'won')
    await new Promise((resolve) => process.stdin.once('end', resolve))
    process.exit(typeof lock === 'string' ? 1 : 0)`
  const args = ['--conditions=@halo/source', '--disable-warning=ExperimentalWarning', '--input-type=module']
  const child = spawn(process.execPath, [...args, '-e', code], {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  return {
    async ask() {
      child.stdin.write('go')
      return String((await once(child.stdout, 'data'))[0])
    },
    async kill() {
      child.kill('SIGKILL')
      await closed
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end()
      await closed
    },
  }
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

test('keeps everybody else out while one lives, and lets them in afterwards', async () => {
  await using dir = await openScratchDir()
  {
    await using other = startRival(dir.path)
    assert.is(await other.ask(), 'won')
    assert.is(await codeOf(() => lockDataDir(dir.path)), 'DATA_DIR_LOCKED')
    assert.match(await messageOf(() => lockDataDir(dir.path)), /Another process uses .*Stop it first/)
  }
  {
    await using _lock = await lockDataDir(dir.path)
    assert.is(await codeOf(() => lockDataDir(dir.path)), 'DATA_DIR_LOCKED', 'this process is no exception')
    await using other = startRival(dir.path)
    assert.is(await other.ask(), 'DATA_DIR_LOCKED', 'and its own failure to get in has given nothing back')
  }
  await using _again = await lockDataDir(dir.path)
})

test('keeps out a process of the same id, as the first of each container has it', async () => {
  await using dir = await openScratchDir()
  await using other = startRival(dir.path, process.pid)
  assert.is(await other.ask(), 'won')
  assert.is(await codeOf(() => lockDataDir(dir.path)), 'DATA_DIR_LOCKED')
})

test('lets the next one in when a process was killed that had the directory', async () => {
  await using dir = await openScratchDir()
  const other = startRival(dir.path)
  assert.is(await other.ask(), 'won')
  await other.kill()
  await using _lock = await lockDataDir(dir.path)
})

test('takes no file for a lock, only who holds it, and leaves nothing in it', async () => {
  await using dir = await openScratchDir()
  const file = join(dir.path, 'lock.sqlite')
  for (let times = 0; times < 2; times++) {
    await using _lock = await lockDataDir(dir.path)
    assert.equal(await readdir(dir.path), ['lock.sqlite'])
    assert.is((await stat(file)).mode & 0o777, 0o600)
  }
  assert.is((await stat(file)).size, 0)
})

for (const state of ['new', 'used before'])
  test(`of many processes that want a directory that is ${state} at once, one gets it`, async () => {
    await using dir = await openScratchDir()
    if (state !== 'new') await (await lockDataDir(dir.path))[Symbol.asyncDispose]()
    await using rivals = new AsyncDisposableStack()
    const asked = Array.from({ length: 6 }, () => rivals.use(startRival(dir.path))).map((rival) =>
      rival.ask(),
    )
    assert.equal((await Promise.all(asked)).sort(), [...Array(5).fill('DATA_DIR_LOCKED'), 'won'])
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

test('leaves no part of a file behind that could not be written', async () => {
  await using dir = await openScratchDir()
  const path = join(dir.path, 'taken')
  await mkdir(path)
  assert.is(await codeOf(() => writePrivateFile(path, 'new')), 'EISDIR')
  const tooMuch = Symbol('no bytes') as unknown as string
  assert.ok(await codeOf(() => writePrivateFile(join(dir.path, 'other'), tooMuch)))
  assert.equal(await readdir(dir.path), ['taken'])
})

test.run()
