import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { lockDataDir, openDataDir, writePrivateFile } from '@halo/node'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { declareSkip } from '../../../packages/records/test/shared-data.ts'
import { codeOf, messageOf, openScratchDir } from './scratch-dir.ts'

const test = suite('node/data-dir')

const NODE_OPTIONS = [
  '--conditions=@halo/source',
  '--disable-warning=ExperimentalWarning',
  '--input-type=module',
]

/** A process that asks for the lock of a directory when told to, and keeps what it gets until it ends. */
interface Rival extends AsyncDisposable {
  /** `won`, or the code it failed with. */
  ask(): Promise<string>
  /** What it says next. */
  answer(): Promise<string>
  /** SIGKILL, as a power cut would. */
  kill(): Promise<void>
}

/** @param as what the process does to itself before it asks */
function startRival(path: string, as = ''): Rival {
  const code = `
    const { lockDataDir } = await import('../src/data-dir.ts')
    ${as}
    await new Promise((resolve) => process.stdin.once('data', resolve))
    const lock = await lockDataDir(${JSON.stringify(path)}).catch((error) => String(error.code))
    process.stdout.write(typeof lock === 'string' ? lock : 'won')
    await new Promise((resolve) => process.stdin.once('end', resolve))
    process.exit(typeof lock === 'string' ? 1 : 0)`
  const child = spawn(process.execPath, [...NODE_OPTIONS, '-e', code], {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  const answer = async (): Promise<string> => String((await once(child.stdout, 'data'))[0])
  return {
    answer,
    ask() {
      child.stdin.write('go')
      return answer()
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

const lockOf = (path: string): string => join(path, 'lock.sqlite')

/** Has a lock waited for a thousand times as long as it would, and `asks` printed when the waiting begins. */
const PATIENTLY = `
  const { DatabaseSync } = await import('node:sqlite')
  const { writeSync } = await import('node:fs')
  const { exec } = DatabaseSync.prototype
  DatabaseSync.prototype.exec = function (sql) {
    if (sql.includes('BEGIN')) writeSync(1, 'asks')
    return exec.call(this, sql.replace(/busy_timeout = [0-9]+/, '$&000'))
  }`

/** The user `nobody`, whom file modes hold back as they do not hold back root. */
const NOBODY = 65534
const AS_NOBODY = `if (process.getuid() === 0) { process.setgroups([]); process.setgid(${NOBODY}); process.setuid(${NOBODY}) }`

/** Gives a path to who asks {@link AS_NOBODY}. */
async function giveAway(path: string): Promise<void> {
  if (process.getuid?.() === 0) await chown(path, NOBODY, NOBODY)
}

/** What a user whom modes hold back is told who asks for the lock: code and message. */
async function askAsNobody(path: string): Promise<{ readonly code: string; readonly message: string }> {
  const code = `
    const { lockDataDir } = await import('../src/data-dir.ts')
    ${AS_NOBODY}
    const told = await lockDataDir(${JSON.stringify(path)}).then(
      () => ({ code: 'won', message: '' }),
      ({ code, message }) => ({ code: String(code), message }),
    )
    process.stdout.write(JSON.stringify(told))
    process.exit()`
  const child = spawn(process.execPath, [...NODE_OPTIONS, '-e', code], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return JSON.parse(await text(child.stdout))
}

/** Why nobody here can be held back by a mode, or null. */
function whyNoModes(): string | null {
  if (process.getuid === undefined) return 'this system has no file modes'
  if (process.getuid() !== 0) return null
  const tried = spawnSync(process.execPath, ['-e', AS_NOBODY], { stdio: 'ignore' })
  return tried.status === 0 ? null : 'root may not become another user here'
}

/** A test of what a mode forbids. */
function testModes(title: string, run: () => Promise<void>): void {
  const reason = whyNoModes()
  if (reason === null) test(title, run)
  else declareSkip('node/data-dir', title, reason)
}

/** A message names the file, the remedy, and what the system said. */
function assertSaysHow(message: string, path: string, reason: string): void {
  assert.match(message, lockOf(path))
  assert.match(message, 'chown and chmod u+rw')
  assert.match(message, 'remove it')
  assert.match(message, reason)
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
  await using other = startRival(dir.path, `Object.defineProperty(process, 'pid', { value: ${process.pid} })`)
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

test('waits a moment for one who is about to leave', async () => {
  await using dir = await openScratchDir()
  const lock = await lockDataDir(dir.path)
  await using other = startRival(dir.path, PATIENTLY)
  assert.is(await other.ask(), 'asks')
  const answer = other.answer()
  // By the time that a process has started and was turned away, who does not wait has given up.
  await using impatient = startRival(dir.path)
  assert.is(await impatient.ask(), 'DATA_DIR_LOCKED')
  await lock[Symbol.asyncDispose]()
  assert.is(await answer, 'won')
})

testModes('lets nobody in with a lock that may not be written, since it holds nobody out', async () => {
  await using dir = await openScratchDir()
  await writeFile(lockOf(dir.path), '')
  await chmod(lockOf(dir.path), 0o400)
  await giveAway(lockOf(dir.path))
  await giveAway(dir.path)
  const { code, message } = await askAsNobody(dir.path)
  assert.is(code, 'DATA_DIR_UNUSABLE')
  assertSaysHow(message, dir.path, 'readonly database')
})

testModes("says what to do about another user's lock", async () => {
  await using dir = await openScratchDir()
  await writeFile(lockOf(dir.path), '', { mode: process.getuid?.() === 0 ? 0o600 : 0 })
  await giveAway(dir.path)
  const { code, message } = await askAsNobody(dir.path)
  assert.is(code, 'DATA_DIR_UNUSABLE')
  assertSaysHow(message, dir.path, 'unable to open')
})

testModes('says what to do about a directory in which no lock can be made', async () => {
  await using dir = await openScratchDir()
  await giveAway(dir.path)
  await chmod(dir.path, 0o500)
  const { code, message } = await askAsNobody(dir.path)
  assert.is(code, 'DATA_DIR_UNUSABLE')
  assertSaysHow(message, dir.path, 'EACCES')
})

test('says what to do about a file or a directory in place of the lock, and leaves it as it is', async () => {
  await using dir = await openScratchDir()
  const junk = 'not a lock. '.repeat(500)
  await writeFile(lockOf(dir.path), junk)
  assert.is(await codeOf(() => lockDataDir(dir.path)), 'DATA_DIR_UNUSABLE')
  assertSaysHow(await messageOf(() => lockDataDir(dir.path)), dir.path, 'not a database')
  assert.is(await readFile(lockOf(dir.path), 'utf8'), junk)
  const other = join(dir.path, 'other')
  await mkdir(lockOf(other), { recursive: true })
  assert.is(await codeOf(() => lockDataDir(other)), 'DATA_DIR_UNUSABLE')
  assertSaysHow(await messageOf(() => lockDataDir(other)), other, 'unable to open')
})

test('takes no file for a lock, only who holds it, and leaves nothing in it', async () => {
  await using dir = await openScratchDir()
  const file = lockOf(dir.path)
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
