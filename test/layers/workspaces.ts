import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** One source file of a workspace. */
export interface SourceFile {
  /** From the workspace's directory, such as `src/index.ts`. */
  readonly path: string
  readonly text: string
}

/** One package or node, as far as the layer rules look at it. */
export interface Workspace {
  /** From the root, such as `packages/vault`. */
  readonly dir: string
  /** As in its package.json, such as `@halo/vault`. */
  readonly name: string
  readonly dependencies: readonly string[]
  /** Directories its tsconfig refers to, from the root. */
  readonly references: readonly string[]
  readonly sources: readonly SourceFile[]
}

/** Reads every package and node under a root. */
export function readWorkspaces(root: string): readonly Workspace[] {
  return globSync(['packages/*/package.json', 'nodes/*/package.json'], { cwd: root })
    .map((path) => readWorkspace(root, dirname(path)))
    .sort((a, b) => (a.dir < b.dir ? -1 : 1))
}

function readWorkspace(root: string, dir: string): Workspace {
  const manifest = readJson<{ name: string; dependencies?: Record<string, string> }>(
    join(root, dir, 'package.json'),
  )
  return {
    dir,
    name: manifest.name,
    dependencies: Object.keys(manifest.dependencies ?? {}),
    references: readReferences(root, dir),
    sources: globSync('src/**/*.ts', { cwd: join(root, dir) })
      .sort()
      .map((path) => ({ path, text: readFileSync(join(root, dir, path), 'utf8') })),
  }
}

function readReferences(root: string, dir: string): string[] {
  const path = join(root, dir, 'tsconfig.json')
  if (!existsSync(path)) return []
  const { references = [] } = readJson<{ references?: { path: string }[] }>(path)
  return references.map((reference) => join(dir, reference.path))
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T
}
