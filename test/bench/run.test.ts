import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { describeMachine, toJson, toTable } from './report.ts'

const test = suite('test/bench')
const RUN = fileURLToPath(new URL('run.ts', import.meta.url))

function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--conditions=@halo/source', '--disable-warning=ExperimentalWarning', RUN, ...args],
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    )
  })
}

test('answers an unknown name with the names there are and exit code 2', async () => {
  const { code, stdout, stderr } = await run('no-such-bench', '--json')
  assert.is(code, 2)
  assert.is(stdout, '')
  assert.match(stderr, /No benchmark is called no-such-bench[\s\S]*one of: /)
})

test('refuses an unknown option, and a missing name', async () => {
  assert.is((await run('--fast')).code, 2)
  assert.is((await run()).code, 2)
  assert.is((await run('fuzz', '--minutes', 'long')).code, 2)
})

test('runs a benchmark: a table for people, and nothing but one object with --json', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'halo-bench-'))
  try {
    const body = `export const bench = { name: 'tiny', description: 'Nothing.', rows: async (options) => {
      options.onProgress('half way')
      return [{ name: 'first', sealMs: 1.5 }]
    } }`
    await writeFile(join(dir, 'tiny.bench.ts'), body)
    const table = await run('tiny', '--dir', dir)
    assert.is(table.code, 0, table.stderr)
    assert.match(table.stdout, /name {3}sealMs\nfirst {4}1\.50\n$/)
    const json = await run('tiny', '--json', '--dir', dir)
    assert.is(json.stderr, 'half way\n')
    const { bench, rows } = JSON.parse(json.stdout)
    assert.equal([bench, rows], ['tiny', [{ name: 'first', sealMs: 1.5 }]])
  } finally {
    await rm(dir, { recursive: true })
  }
})

test('refuses a part that there is not, naming those there are', async () => {
  const fuzz = await run('fuzz', '--only', 'nonsense')
  assert.equal([fuzz.code, fuzz.stdout], [2, ''])
  assert.match(fuzz.stderr, /--only takes one of: .*libreview/)
  const records = await run('records', '--only', 'sizes', '--only', 'nonsense')
  assert.is(records.code, 2)
  assert.match(records.stderr, /one of: glucose, validate, apple, sizes/)
})

test('refuses to draw where nothing is drawn, before anything is measured', async () => {
  const { code, stdout, stderr } = await run('fuzz', '--plot', 'fuzz.svg')
  assert.equal([code, stdout], [2, ''])
  assert.match(stderr, /fuzz draws nothing/)
})

test('hands the file for the picture to a benchmark that draws one', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'halo-bench-'))
  try {
    const body = `export const bench = { name: 'drawn', description: 'Nothing.', hasPlot: true,
      rows: async ({ plotPath }) => [{ name: String(plotPath) }] }`
    await writeFile(join(dir, 'drawn.bench.ts'), body)
    assert.match((await run('drawn', '--dir', dir, '--plot', 'a.svg')).stdout, /a\.svg\n$/)
    assert.match((await run('drawn', '--dir', dir)).stdout, /null\n$/)
  } finally {
    await rm(dir, { recursive: true })
  }
})

test('fails when a row breaks a limit, and says which one, after it has printed all of them', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'halo-bench-'))
  try {
    const body = `export const bench = { name: 'bad', description: 'Nothing.', limits: [['defects', 'limit'], ['least', 'speed']],
      rows: async () => [{ name: 'sound', defects: 0, limit: 0 }, { name: 'broken', defects: 1, limit: 0, least: 60, speed: 59.5 }, { name: 'other', defects: 9 }] }`
    await writeFile(join(dir, 'bad.bench.ts'), body)
    const { code, stdout, stderr } = await run('bad', '--json', '--dir', dir)
    assert.equal(
      [code, stderr, JSON.parse(stdout).rows.length],
      [1, 'Failed: broken: defects 1 is above limit 0\nFailed: broken: least 60 is above speed 59.5\n', 3],
    )
    const part = await run('bad', '--only', 'half', '--dir', dir)
    assert.is(part.code, 2)
    assert.match(part.stderr, /has no parts/)
  } finally {
    await rm(dir, { recursive: true })
  }
})

test('explains itself', async () => {
  const { code, stdout } = await run('--help')
  assert.is(code, 0)
  assert.match(stdout, /--json/)
})

test('lines up figures and leaves out what a row does not have', () => {
  const table = toTable([
    { name: 'seal', sealMs: 1.25, shards: 5 },
    { name: 'baseline', sealMs: 1234.5 },
  ])
  assert.is(table, 'name      sealMs  shards\nseal        1.25       5\nbaseline    1235')
})

test('draws a table for each kind of row, and gives no column to a kind that has nothing there', () => {
  const table = toTable([
    { name: 'seal', sealMs: 1.5 },
    { name: 'log', writes: 7 },
    { name: 'baseline', sealMs: 2.5, limitMs: 3 },
  ])
  assert.is(
    table,
    'name      sealMs  limitMs\nseal        1.50\nbaseline    2.50        3\n\nname  writes\nlog        7',
  )
})

test('joins kinds that a later row has both figures of', () => {
  const table = toTable([
    { name: 'a', x: 1 },
    { name: 'b', y: 2 },
    { name: 'c', y: 3, x: 4 },
  ])
  assert.is(table, 'name  x  y\na     1\nb        2\nc     4  3')
})

test('stays within a terminal: what is too wide goes on below, with the rows that have something there', () => {
  const figures = Array.from({ length: 40 }, (_, i) => [`figureNumber${i}Ms`, i] as const)
  const table = toTable([
    { name: 'many', ...Object.fromEntries(figures) },
    { name: 'few', figureNumber0Ms: 1 },
  ])
  const lines = table.split('\n')
  assert.ok(lines.every((line) => line.length <= 100))
  for (const [figure] of figures) assert.is(table.split(new RegExp(`\\b${figure}\\b`)).length, 2, figure)
  assert.is(lines.filter((line) => line.startsWith('few')).length, 1)
  assert.is(lines.filter((line) => line.startsWith('many')).length, 8)
})

test('prints one object with machine and rows', () => {
  const value = JSON.parse(toJson('seal', describeMachine(), [{ name: 'seal', sealMs: 1.5 }]))
  assert.equal(Object.keys(value), ['bench', 'machine', 'rows'])
  assert.equal(Object.keys(value.machine), ['cpu', 'cores', 'memoryGiB', 'node', 'platform'])
  assert.equal(value.rows, [{ name: 'seal', sealMs: 1.5 }])
})

test.run()
