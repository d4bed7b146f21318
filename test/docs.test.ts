import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { listFiles, problemOf, relativeLinks, sectionOf } from './docs/files.ts'
import { findForbidden } from './docs/secrets.ts'

const test = suite('test/docs')
const ROOT = new URL('..', import.meta.url).pathname
const files = listFiles(ROOT)
const readme = read('README.md')

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

test('README follows one record by ten links to files that exist', () => {
  const links = relativeLinks('README.md', sectionOf(readme, 'Follow one record'))
  assert.is(links.length, 10)
  assert.is(new Set(links.map(({ path }) => path)).size, 10, 'ten different files')
  assert.equal(problems(links), [])
})

test('every relative link of every document leads somewhere', () => {
  const links = files
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) => relativeLinks(path, read(path)))
  assert.ok(links.length > 15)
  assert.equal(problems(links), [])
})

test('a link to a missing file, line or heading is found', () => {
  const text = '[a](nowhere.md) [b](README.md#L99999) [c](#no-such-heading) [d](#layout) [e](https://x.org/)'
  assert.equal(problems(relativeLinks('README.md', text)), [
    'README.md: nowhere.md does not exist',
    'README.md: README.md has no line 99999',
    'README.md: README.md has no heading #no-such-heading',
  ])
})

test('the quick start has two commands, and CI runs its test command word for word', () => {
  const [, block = ''] = /```sh\n([\s\S]*?)```/.exec(sectionOf(readme, 'Quick start')) ?? []
  const commands = block.trim().split('\n')
  assert.equal(commands, [
    "npx -y -p node@24 -c 'npm ci && npm start'",
    "npx -y -p node@24 -c 'npm ci && npm test'",
  ])
  assert.ok(read('.ci/run').includes(`\n${commands[1]} `), 'CI runs the second one')
})

test('every npm script that README names exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const named = [...readme.matchAll(/\bnpm (?:run (\w+)|(start|test)\b)/g)].map(
    ([, run, short]) => run ?? short,
  )
  assert.equal(
    named.filter((name) => name === undefined || scripts[name] === undefined),
    [],
  )
})

test('every decision says context, choice, consequence and what would reverse it', () => {
  const decisions = files.filter((path) => path.startsWith('docs/decisions/'))
  assert.ok(decisions.length >= 5)
  for (const path of decisions) {
    for (const part of ['Context', 'Choice', 'Consequence', 'What would reverse it'])
      assert.ok(read(path).includes(`**${part}.**`), `${path} lacks ${part}`)
  }
})

const ATTACKS = globSync('test/attack/*.test.ts', { cwd: ROOT })
const ATTACK_TITLE = 'every attack that the threat model names has its test'
if (ATTACKS.length === 0) {
  process.stdout.write(`SKIP test/docs: ${ATTACK_TITLE}: there are no attack tests yet\n`)
} else {
  test(ATTACK_TITLE, () => {
    const named = read('docs/threat-model.md').match(/test\/attack\/[\w-]+\.test\.ts/g) ?? []
    assert.ok(named.length >= 10)
    assert.equal(
      named.filter((path) => !existsSync(join(ROOT, path))),
      [],
    )
  })
}

test('every network file has the fields of its schema, and no address is made up', () => {
  const networks = files.filter((path) => /^deploy\/networks\/(?!network\.schema)[\w.-]+\.json$/.test(path))
  const { required } = JSON.parse(read('deploy/networks/network.schema.json')) as { required: string[] }
  assert.ok(networks.length > 0)
  for (const path of networks) {
    const network = JSON.parse(read(path)) as Record<string, unknown>
    assert.equal(Object.keys(network), required, path)
    const addresses = required.slice(1).map((name) => network[name])
    const isExample = path.endsWith('.example.json')
    const pattern = isExample ? /^0x0{40}$/ : /^0x(?!0{40}$)[0-9a-fA-F]{40}$/
    for (const address of addresses) assert.match(String(address), pattern, path)
  }
})

test('no file names a machine, a registry or a secret', () => {
  const texts = files.filter((path) => !/\.(?:png|jpg|ico|wasm|bin|zip)$/.test(path))
  assert.equal(
    texts.flatMap((path) => findForbidden(path, read(path))),
    [],
  )
})

test('a machine path, a registry and a secret are found', () => {
  const samples = [
    ['', 'work', 'main', 'x.ts'].join('/'),
    ['', 'home', 'alice', 'x.ts'].join('/'),
    ['https://registry', 'example', 'com/left-pad'].join('.'),
    ['-----BEGIN EC PRIVATE', 'KEY-----'].join(' '),
    ['_auth', 'Token=x'].join(''),
    ['AKIA', 'A'.repeat(16)].join(''),
  ]
  for (const sample of samples) assert.is(findForbidden('a', sample).length, 1, sample)
  assert.equal(findForbidden('a', 'test/work/x, ../shared, https://example.com/root/x and /network/'), [])
})

function problems(links: ReturnType<typeof relativeLinks>): readonly string[] {
  return links.map((link) => problemOf(ROOT, link)).filter((problem) => problem !== null)
}

test.run()
