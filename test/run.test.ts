import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { execute } from './runner/execute.ts'

const test = suite('test/run')

const RUNNER = fileURLToPath(new URL('run.ts', import.meta.url))
const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url))
/** Written in two parts, or this file would itself be refused for a left-in call. */
const ONLY = ['on', 'ly('].join('')
const SKIP = ['sk', 'ip('].join('')

/** Runs the real runner over test files written for the purpose; returns its output and exit code. */
async function runFixtures(
  files: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<{ readonly code: number | null; readonly output: string; readonly last: string }> {
  const root = await mkdtemp(join(tmpdir(), 'halo-runner-'))
  try {
    await symlink(MODULES, join(root, 'node_modules'))
    await writeFile(
      join(root, 'package.json'),
      '{"type":"module","name":"fixtures","workspaces":["contracts"]}',
    )
    for (const [name, body] of Object.entries(files)) {
      const path = join(root, name.includes('/') ? name : `test/${name}.test.ts`)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, name.includes('/') ? body : `${HEAD}${body}`)
    }
    const { code, output } = await execute({
      file: process.execPath,
      args: [RUNNER, '--root', root, ...args],
      cwd: root,
      timeoutMs: 50_000,
    })
    return { code, output, last: output.trimEnd().split('\n').at(-1) ?? '' }
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

const HEAD = `import { suite } from 'uvu'\nconst test = suite('fixture')\n`
const GREEN = `test('holds', () => {})\ntest.run()\n`

test('passes green files and counts tests, not files', async () => {
  const run = await runFixtures({ a: GREEN, b: `test('one', () => {})\n${GREEN}` })
  assert.is(run.code, 0)
  assert.is(run.last, '3 passed, 0 failed')
})

test('fails when no test ran', async () => {
  const run = await runFixtures({ a: GREEN }, ['no-such-file'])
  assert.is(run.code, 1)
  assert.is(run.last, '0 passed, 0 failed')
})

test('runs only the files that a filter names', async () => {
  const run = await runFixtures({ wanted: GREEN, other: `throw new Error('must not run')` }, ['wanted'])
  assert.is(run.code, 0)
  assert.is(run.last, '1 passed, 0 failed')
})

test('lists files without running them', async () => {
  const run = await runFixtures({ a: `throw new Error('must not run')` }, ['--list'])
  assert.is(run.code, 0)
  assert.is(run.output, 'test/a.test.ts\n')
})

const TRAPS = {
  'a failing test': `test('fails', () => { throw new Error('x') })\n${GREEN}`,
  'a failing before hook': `test.before(() => { throw new Error('x') })\n${GREEN}`,
  'a failing after hook': `test.after(() => { throw new Error('x') })\n${GREEN}`,
  'a forgotten run': `test('holds', () => {})\n`,
  'a second suite that is never run': `const more = suite('more')\nmore('lost', () => {})\n${GREEN}`,
  'a left-in only': `test.${ONLY}'alone', () => {})\n${GREEN}`,
  'a left-in only in a file with no other test': `test.${ONLY}'alone', () => {})\ntest.run()\n`,
  'an undeclared skip': `test.${SKIP}'left out', () => {})\n${GREEN}`,
  'a thrown string': `test('throws a string', () => { throw 'x' })\n${GREEN}`,
  'a suite with no tests': `test.run()\n`,
  'an exit in the middle': `test('leaves', () => process.exit(0))\n${GREEN}`,
  'a crash before the tests': `throw new Error('x')\n`,
  'a crash after the tests': `${GREEN}setTimeout(() => { throw new Error('late') }, 50)\n`,
  'a rejection nobody handles': `test('drops it', () => { Promise.reject(new Error('x')) })\n${GREEN}`,
  'a skip that gives no reason': `process.stdout.write('SKIP fixture: title\\n')\n${GREEN}`,
}

test('fails every file that bare uvu would let pass', async () => {
  const names = Object.keys(TRAPS)
  const run = await runFixtures(
    Object.fromEntries(Object.values(TRAPS).map((body, i) => [`trap-${i}`, body])),
  )
  for (const [i, name] of names.entries())
    assert.ok(run.output.includes(`FAIL  test/trap-${i}.test.ts`), `${name}\n${run.output}`)
  assert.is(run.code, 1)
  const failed = Number(/ (\d+) failed$/.exec(run.last)?.[1])
  assert.ok(failed >= names.length, `every trap counts: ${run.last}`)
})

test('kills a file that hangs on a leaked socket, and what it started', async () => {
  const leak = `import { createServer } from 'node:net'
import { spawn } from 'node:child_process'
test('leaks', async () => {
  await new Promise((done) => createServer().listen(0, '127.0.0.1', () => done(undefined)))
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })
  process.stdout.write('pid ' + child.pid + '\\n')
})
test.run()\n`
  const run = await runFixtures({ leak, green: GREEN }, ['--timeout-ms', '3000'])
  assert.is(run.code, 1)
  assert.match(run.output, /FAIL {2}test\/leak\.test\.ts {2}did not end within 3 s and was killed/)
  const pid = Number(/pid (\d+)/.exec(run.output)?.[1])
  assert.ok(pid > 0)
  assert.not.ok(await isRunning(pid), 'the process that the test started still runs')
})

test('shows the whole output of a failing file', async () => {
  const run = await runFixtures({ a: `process.stdout.write('a clue\\n')\nthrow new Error('the cause')` })
  assert.match(run.output, /a clue/)
  assert.match(run.output, /the cause/)
})

test('allows a skip that is declared with its reason, and shows it', async () => {
  const run = await runFixtures({
    a: `process.stdout.write('SKIP fixture: reads data: no data here\\n')\n${GREEN}`,
  })
  assert.is(run.code, 0)
  assert.match(run.output, /1 declared skips\nskip {2}fixture: reads data: no data here/)
  assert.is(run.last, '1 passed, 0 failed')
})

test("adds up Hardhat's and uvu's counts of the contracts command", async () => {
  const run = await runFixtures({
    a: GREEN,
    'contracts/package.json': JSON.stringify({
      name: 'contracts',
      scripts: {
        test: `printf '\\n\\n  12 passing\\n'; printf '  Total:     3\\n  Passed:    3\\n  Skipped:   0\\n'`,
      },
    }),
  })
  assert.is(run.code, 0, run.output)
  assert.is(run.last, '16 passed, 0 failed')
})

test('fails a contracts command that leaves out one of its test files', async () => {
  const run = await runFixtures({
    'contracts/package.json': JSON.stringify({
      name: 'contracts',
      scripts: { test: `printf '  12 passing\\n'` },
    }),
    'contracts/test/flows.test.ts': 'test.run()',
  })
  assert.is(run.code, 1, run.output)
  assert.match(run.output, /only 0 of 1 files closed with a summary/)
})

test('fails a contracts command with a failing or a skipped Solidity test', async () => {
  for (const line of ['1 failing', '1 skipped']) {
    const run = await runFixtures({
      'contracts/package.json': JSON.stringify({
        name: 'contracts',
        scripts: { test: `printf '  12 passing\\n  ${line}\\n'` },
      }),
    })
    assert.is(run.code, 1, run.output)
    assert.is(run.last, '12 passed, 1 failed')
  }
})

/** Whether a process does anything; one that is dead and only not yet reaped does not. */
async function isRunning(pid: number): Promise<boolean> {
  const ps = await execute({ file: 'ps', args: ['-o', 'stat=', '-p', `${pid}`], cwd: '/', timeoutMs: 5_000 })
  const state = ps.output.trim()
  return state !== '' && !state.startsWith('Z')
}

test.run()
