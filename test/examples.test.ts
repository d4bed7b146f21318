import { globSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { execute } from './runner/execute.ts'

const test = suite('test/examples')
const ROOT = fileURLToPath(new URL('..', import.meta.url))

interface Example {
  /** Package and number, such as `consent-1`. */
  readonly name: string
  readonly code: string
}

function examplesOf(path: string): readonly Example[] {
  const name = path.split('/')[1] ?? ''
  const comments = readFileSync(join(ROOT, path), 'utf8').match(/\/\*\*[\s\S]*?\*\//g) ?? []
  return comments
    .map((comment) => comment.replaceAll(/^ ?\* ?/gm, ''))
    .flatMap((text) => [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)])
    .map(([, code = ''], index) => ({ name: `${name}-${index + 1}`, code }))
}

/** Scripts of the packages' READMEs: what imports something is whole. */
function scriptsOf(path: string): readonly Example[] {
  const name = `${path.split('/')[1]}-readme`
  return [...readFileSync(join(ROOT, path), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```/gm)]
    .map(([, code = '']) => code)
    .filter((code) => code.startsWith('import '))
    .map((code, index) => ({ name: `${name}-${index + 1}`, code }))
}

/** Inside the repository, so that `@halo/*` resolves as it does for any other source here. */
async function compile(examples: readonly Example[]): Promise<{ code: number | null; output: string }> {
  const parent = join(ROOT, 'out')
  await mkdir(parent, { recursive: true })
  const dir = await mkdtemp(join(parent, 'examples-'))
  try {
    for (const { name, code } of examples) await writeFile(join(dir, `${name}.ts`), code)
    const config = {
      extends: join(ROOT, 'test/tsconfig.json'),
      include: ['*.ts'],
      compilerOptions: { rootDir: ROOT },
    }
    await writeFile(join(dir, 'tsconfig.json'), JSON.stringify(config))
    const tsc = join(ROOT, 'node_modules/.bin/tsc')
    return await execute({ file: tsc, args: ['-p', dir], cwd: ROOT, timeoutMs: 120_000 })
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

const contracts = globSync('packages/*/src/index.ts', { cwd: ROOT }).sort()

test('every package has an example', () => {
  assert.ok(contracts.length > 0)
  assert.equal(
    contracts.filter((path) => examplesOf(path).length === 0),
    [],
  )
})

test('every example compiles, and every script of a README', async () => {
  const scripts = globSync('packages/*/README.md', { cwd: ROOT }).flatMap(scriptsOf)
  assert.ok(scripts.length > 1)
  const { code, output } = await compile([...contracts.flatMap(examplesOf), ...scripts])
  assert.is(code, 0, output)
})

test('an example that does not compile is found', async () => {
  const wrong = {
    name: 'wrong',
    code: `import { explainReason } from '@halo/consent'\nexplainReason('NO_SUCH')\n`,
  }
  const { code, output } = await compile([wrong])
  assert.is.not(code, 0)
  assert.match(output, /wrong\.ts/)
})

test.run()
