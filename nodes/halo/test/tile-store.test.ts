import { spawn } from 'node:child_process'
import { once } from 'node:events'
import promises, { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { openTileStore } from '@halo/node'
import { openLog } from '@halo/proofs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openScratchDir } from './scratch-dir.ts'

const test = suite('node/tile-store')

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

test('gives back the bytes that were written last, whole, and null for none', async () => {
  await using dir = await openScratchDir()
  const store = openTileStore(join(dir.path, 'log'))
  assert.is(await store.read('tile/0/x001/234'), null)
  await store.write('tile/0/x001/234', bytes('one, the longer'))
  await store.write('tile/0/x001/234', bytes('two'))
  await store.write('head', new Uint8Array())
  assert.equal(await store.read('tile/0/x001/234'), bytes('two'))
  assert.equal(await openTileStore(join(dir.path, 'log')).read('head'), new Uint8Array())
})

test('is open to its owner alone, files and directories, and leaves no parts behind', async () => {
  await using dir = await openScratchDir()
  const log = await openLog(openTileStore(join(dir.path, 'log')))
  await log.append([bytes('entry')])
  const found = await readdir(dir.path, { recursive: true, withFileTypes: true })
  assert.ok(found.length > 3)
  for (const entry of found) {
    const { mode } = await stat(join(entry.parentPath, entry.name))
    assert.is(mode & 0o777, entry.isDirectory() ? 0o700 : 0o600, entry.name)
    assert.not.match(entry.name, /part$/)
  }
})

test('passes on what else goes wrong: a directory is no missing file', async () => {
  await using dir = await openScratchDir()
  const store = openTileStore(dir.path)
  await store.write('tile/0/000', bytes('x'))
  const error = await store.read('tile/0').catch((caught: unknown) => caught)
  assert.is((error as { readonly code?: unknown }).code, 'EISDIR')
})

test('syncs each directory once, also one that a process made and was killed before it could', async () => {
  await using dir = await openScratchDir()
  const root = join(dir.path, 'log')
  await mkdir(join(root, 'tile', '0'), { recursive: true, mode: 0o700 })
  await using watched = watchSyncs()
  const store = openTileStore(root)
  await store.write('tile/0/000', bytes('x'))
  for (const above of [dir.path, root, join(root, 'tile')]) assert.is(watched.countOf(above), 1, above)
  await store.write('tile/0/001', bytes('y'))
  await store.write('tile/1/000', bytes('z'))
  assert.equal([dir.path, root, join(root, 'tile')].map(watched.countOf), [1, 1, 2])
})

test('begins again at the bottom with a write of which a directory could not be synced, however far up', async () => {
  await using dir = await openScratchDir()
  const root = join(dir.path, 'peer', 'log')
  const all = [dir.path, join(dir.path, 'peer'), root, join(root, 'tile')]
  for (const failing of all) {
    await rm(join(dir.path, 'peer'), { recursive: true, force: true })
    const store = openTileStore(root)
    {
      await using _ = watchSyncs(failing)
      const error = await store.write('tile/0/000', bytes('x')).catch((caught: unknown) => caught)
      assert.is((error as { readonly code?: unknown } | undefined)?.code, 'EIO')
    }
    await using watched = watchSyncs()
    await store.write('tile/0/000', bytes('x'))
    assert.equal(all.map(watched.countOf), [1, 1, 1, 1], failing)
  }
})

/** Counts how often a path is synced until disposed; one of them cannot be. */
function watchSyncs(failing?: string): AsyncDisposable & { readonly countOf: (path: string) => number } {
  const { open } = promises
  const synced: string[] = []
  promises.open = async (path, ...rest) => {
    const file = await open(path, ...rest)
    const { sync } = file
    file.sync = async () => {
      if (path === failing) throw Object.assign(new Error('i/o error'), { code: 'EIO' })
      synced.push(String(path))
      await sync.call(file)
    }
    return file
  }
  syncBuiltinESMExports()
  return {
    countOf: (path) => synced.filter((one) => one === path).length,
    async [Symbol.asyncDispose]() {
      promises.open = open
      syncBuiltinESMExports()
    },
  }
}

test('keeps a log whose process is killed at whatever moment: all that was acknowledged, nothing else', async () => {
  await using dir = await openScratchDir()
  const path = join(dir.path, 'log')
  const code = `
    import { openTileStore } from '@halo/node'
    import { openLog } from '@halo/proofs'
    const log = await openLog(openTileStore(${JSON.stringify(path)}))
    const entry = (n) => { const data = new Uint8Array(32); new DataView(data.buffer).setUint32(0, n); return data }
    for (;;) {
      const { size } = log.head
      await log.append([entry(size), entry(size + 1), entry(size + 2)])
      process.stdout.write(log.head.size + '\\n')
    }`
  const args = ['--conditions=@halo/source', '--disable-warning=ExperimentalWarning', '--input-type=module']
  for (const [run, appends] of [1, 5, 20].entries()) {
    const child = spawn(process.execPath, [...args, '-e', code], { cwd: import.meta.dirname })
    let printed = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk
      if (printed.split('\n').length > appends) child.kill('SIGKILL')
    })
    await once(child, 'close')
    const acknowledged = Number(printed.trimEnd().split('\n').at(-1))
    assert.ok(acknowledged > run)
    const log = await openLog(openTileStore(path))
    const { size } = log.head
    assert.ok(size === acknowledged || size === acknowledged + 3, `${size} kept of ${acknowledged}`)
    const last = await log.entry(size - 1)
    assert.is(new DataView(last.buffer, last.byteOffset).getUint32(0), size - 1)
  }
})

test.run()
