import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { findBreaches } from './layers/rules.ts'
import type { Workspace } from './layers/workspaces.ts'
import { readWorkspaces } from './layers/workspaces.ts'

const test = suite('test/layers')
const ROOT = new URL('..', import.meta.url).pathname

/** A workspace that breaks no rule, with one source, to be broken in one way at a time. */
function workspaceOf(name: string, text: string, changes: Partial<Workspace> = {}): Workspace {
  const dir = `packages/${name}`
  const sources = [{ path: 'src/index.ts', text }]
  return { dir, name: `@halo/${name}`, dependencies: [], references: [], sources, ...changes }
}

const CONSENT = workspaceOf('consent', 'export const a = 1\n')
const ON_CONSENT = { dependencies: ['@halo/consent'], references: ['packages/consent'] }

test('finds no breach in this repository', () => {
  const workspaces = readWorkspaces(ROOT)
  assert.ok(workspaces.length >= 13, 'all workspaces were read')
  assert.is(findBreaches(workspaces).join('\n'), '')
})

test('allows an import that points down', () => {
  const ports = workspaceOf('ports', `import type {\n  A,\n} from '@halo/consent'\n`, ON_CONSENT)
  assert.equal(findBreaches([CONSENT, ports]), [])
})

test('ignores imports and words in comments', () => {
  const text = `/**\n * import { x } from '@halo/wallet'\n * console.log(1)\n */\n// export default 1\nexport const a = 1\n`
  assert.equal(findBreaches([workspaceOf('vault', text)]), [])
})

const BREACHES: readonly (readonly [string, Workspace, RegExp])[] = [
  [
    'an import upwards',
    workspaceOf('ports', `import { a } from '@halo/wallet'\n`, { dependencies: ['@halo/wallet'] }),
    /imports @halo\/wallet, which is not in a lower layer/,
  ],
  [
    'an import within a layer',
    workspaceOf('vault', `export { a } from '@halo/consent'\n`, ON_CONSENT),
    /imports @halo\/consent, which is not in a lower layer/,
  ],
  [
    'a dynamic import upwards',
    workspaceOf('ports', `const a = await import('@halo/wallet')\n`, { dependencies: ['@halo/wallet'] }),
    /not in a lower layer/,
  ],
  [
    'an import of more than the entry',
    workspaceOf('ports', `import { a } from '@halo/consent/src/reasons.ts'\n`, ON_CONSENT),
    /more than a package's one entry/,
  ],
  [
    'an import that is no dependency',
    workspaceOf('ports', `import { a } from 'left-pad'\n`),
    /imports left-pad without depending on it/,
  ],
  [
    'a dependency that is not imported',
    workspaceOf('ports', 'export const a = 1\n', { dependencies: ['left-pad'] }),
    /depends on left-pad without importing it/,
  ],
  [
    'a dependency without a reference',
    workspaceOf('ports', `import { a } from '@halo/consent'\n`, { dependencies: ['@halo/consent'] }),
    /without a tsconfig reference/,
  ],
  [
    'a reference without a dependency',
    workspaceOf('ports', 'export const a = 1\n', { references: ['packages/consent'] }),
    /refers to packages\/consent without depending on it/,
  ],
  [
    'Node in a package that runs in browsers',
    workspaceOf('wallet', `import { readFile } from 'node:fs/promises'\n`),
    /imports node:fs\/promises, but has to run in a browser/,
  ],
  ['a global of Node', workspaceOf('vault', `export const a = Buffer.from('x')\n`), /uses a global of Node/],
  ['the console', workspaceOf('chain', `console.log('x')\n`), /writes to the console/],
  ['a default export', workspaceOf('chain', 'export default 1\n'), /has a default export/],
  ['an import without .ts', workspaceOf('chain', `import { a } from './a'\n`), /without its \.ts/],
  [
    'an import from outside',
    workspaceOf('chain', `import { a } from '../../vault/src/a.ts'\n`),
    /outside src/,
  ],
  ['a workspace that has no layer', workspaceOf('novel', 'export const a = 1\n'), /has no layer/],
]

for (const [name, workspace, breach] of BREACHES) {
  test(`reports ${name}`, () => {
    assert.match(findBreaches([CONSENT, workspace]).join('\n'), breach)
  })
}

test.run()
