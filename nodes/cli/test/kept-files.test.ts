import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openDeliveryDir } from '../src/delivery-dir.ts'
import type { KeptFiles } from '../src/dev/kept-files.ts'
import { keepFiles } from '../src/dev/kept-files.ts'
import { findReplaced, removeReplaced } from '../src/dev/out-dir.ts'
import { hashText, sealReport } from '../src/dev/report-file.ts'
import { refusalOf } from './kept-output.ts'

const test = suite('cli/kept-files')

const UNFORCED = { force: false }

/** A directory of a test's own into which a run writes. */
async function openRun(options = UNFORCED): Promise<
  {
    readonly dir: string
    readonly kept: KeptFiles
    path(name: string): string
    openRecord(): ReturnType<KeptFiles['openRecord']>
  } & AsyncDisposable
> {
  const dir = await mkdtemp(join(tmpdir(), 'halo-kept-'))
  const kept = keepFiles(dir, options)
  const { openSink } = await openDeliveryDir(dir, kept.write)
  return {
    dir,
    kept,
    path: (name) => join(dir, name),
    openRecord: () => kept.openRecord(openSink),
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  }
}

test('whenever a run is ended, the next one knows all that it left', async () => {
  await using run = await openRun()
  const sink = await run.openRecord()
  await sink.write(new TextEncoder().encode('half '))
  assert.equal(await findReplaced(run.dir, UNFORCED), ['delivered.ndjson.part', 'report.json'])
  await sink.write(new TextEncoder().encode('whole'))
  await sink.commit()
  assert.equal(await findReplaced(run.dir, UNFORCED), ['delivered.ndjson', 'report.json'])
  await run.kept.write(run.path('manifest.json'), 'text')
  assert.equal(run.kept.files(), {
    'delivered.ndjson': hashText('half whole'),
    'manifest.json': hashText('text'),
  })
  const { ok, outcome } = JSON.parse(await readFile(run.path('report.json'), 'utf8'))
  assert.equal([ok, outcome], [false, 'unfinished'])
  await run.kept.finish(sealReport({ ok: true, files: run.kept.files() }))
  assert.is((await removeReplaced(run.dir, UNFORCED)).length, 3)
  assert.equal(await readdir(run.dir), [])
})

test('a file is noted before it is in its place, where a run may be killed in between', async () => {
  await using run = await openRun()
  const noted = async (): Promise<unknown> =>
    JSON.parse(await readFile(run.path('report.json'), 'utf8')).files['delivered.ndjson']
  const { openSink } = await openDeliveryDir(run.dir)
  const seen: unknown[] = []
  const sink = await run.kept.openRecord(async () => {
    const inner = await openSink()
    return { ...inner, commit: async () => void seen.push(await noted()) }
  })
  seen.push(await noted())
  await sink.commit()
  await sink.discard()
  assert.equal(seen, [undefined, hashText('')])
  await refusalOf(run.kept.write(run.path('none/manifest.json'), 'text'))
  assert.is(run.kept.files()['manifest.json'], hashText('text'))
})

test('a record that is given up is noted no more', async () => {
  await using run = await openRun()
  const sink = await run.openRecord()
  await sink.discard()
  assert.equal(run.kept.files(), {})
  assert.equal(await readdir(run.dir), ['report.json'])
})

test('a run takes no file for its own that came from elsewhere, and writes over none', async () => {
  for (const name of ['delivered.ndjson', 'delivered.ndjson.part', 'report.json']) {
    await using run = await openRun()
    await writeFile(run.path(name), 'my own')
    assert.is((await refusalOf(run.openRecord())).code, 'FILE_EXISTS', name)
    assert.is(await readFile(run.path(name), 'utf8'), 'my own')
    assert.equal(await readdir(run.dir), [name], 'nothing else was left')
  }
  await using run = await openRun()
  const sink = await run.openRecord()
  await writeFile(run.path('delivered.ndjson'), 'my own')
  assert.is((await refusalOf(sink.commit())).code, 'FILE_EXISTS')
  await writeFile(run.path('operators'), 'my own')
  assert.is((await refusalOf(run.kept.write(run.path('operators'), 'text'))).code, 'FILE_EXISTS')
  await sink.discard()
  await writeFile(run.path('report.json'), 'my own')
  const { code, message } = await refusalOf(run.kept.finish(sealReport({})))
  assert.is(code, 'FILE_EXISTS')
  assert.match(message, /changed since: report\.json\. /)
  for (const name of ['delivered.ndjson', 'operators', 'report.json'])
    assert.is(await readFile(run.path(name), 'utf8'), 'my own')
})

test('a run that is forced to writes over files of its names', async () => {
  await using run = await openRun({ force: true })
  for (const name of ['manifest.json', 'report.json']) await writeFile(run.path(name), 'my own')
  await run.kept.write(run.path('manifest.json'), 'text')
  assert.is(await readFile(run.path('manifest.json'), 'utf8'), 'text')
  assert.is((await findReplaced(run.dir, UNFORCED)).length, 2)
})

test.run()
