import { join } from 'node:path'
import type { SourceFile, Workspace } from './workspaces.ts'

/**
 * Layer of every workspace; an import points to a lower number only. The command line starts the
 * daemon, so it lies above it.
 */
const LAYERS: Readonly<Record<string, number>> = {
  '@halo/measures': 0,
  '@halo/records': 0,
  '@halo/consent': 0,
  '@halo/vault': 0,
  '@halo/proofs': 0,
  '@halo/mam': 0,
  '@halo/ports': 1,
  '@halo/ipfs': 2,
  '@halo/peers': 2,
  '@halo/chain': 2,
  '@halo/tangle': 2,
  '@halo/wallet': 3,
  '@halo/halo': 3,
  '@halo/research': 3,
  '@halo/node': 4,
  '@halo/verifier': 4,
  '@halo/cli': 5,
}

/** Beside layer 0, what has to run in a browser unchanged. */
const BROWSER_TOO = new Set(['@halo/wallet', '@halo/research', '@halo/ports'])

/** Every breach of the layer rules, one sentence each; empty when the house is in order. */
export function findBreaches(workspaces: readonly Workspace[]): readonly string[] {
  return workspaces.flatMap((workspace) => [
    ...breachesOfManifest(workspace, workspaces),
    ...workspace.sources.flatMap((source) => breachesOfSource(workspace, source)),
  ])
}

function breachesOfManifest(workspace: Workspace, all: readonly Workspace[]): string[] {
  const { name, dir, dependencies, references, sources } = workspace
  if (LAYERS[name] === undefined) return [`${dir}: ${name} has no layer`]
  const used = new Set(sources.flatMap(({ text }) => importsOf(text)).map(packageOf))
  const breaches: string[] = []
  for (const dependency of dependencies) {
    const target = all.find((other) => other.name === dependency)
    if (target !== undefined && !references.includes(target.dir))
      breaches.push(`${dir}: depends on ${dependency} without a tsconfig reference`)
    if (sources.length > 0 && !used.has(dependency))
      breaches.push(`${dir}: depends on ${dependency} without importing it`)
  }
  for (const reference of references) {
    const target = all.find((other) => other.dir === reference)
    if (target === undefined) breaches.push(`${dir}: tsconfig refers to ${reference}, which is no workspace`)
    else if (!dependencies.includes(target.name))
      breaches.push(`${dir}: tsconfig refers to ${reference} without depending on it`)
  }
  return breaches
}

function breachesOfSource(workspace: Workspace, source: SourceFile): string[] {
  const where = `${workspace.dir}/${source.path}`
  const breaches = importsOf(source.text).flatMap((specifier) =>
    breachesOfImport(workspace, source, specifier).map((breach) => `${where}: ${breach}`),
  )
  const code = withoutComments(source.text)
  if (/^export default\b/m.test(code)) breaches.push(`${where}: has a default export`)
  if (workspace.dir.startsWith('packages/') && /\bconsole\s*\./.test(code))
    breaches.push(`${where}: writes to the console`)
  if (isForBrowsers(workspace.name) && /(?<![\w.'"-])(?:process|Buffer)\s*[.(]/.test(code))
    breaches.push(`${where}: uses a global of Node, but has to run in a browser`)
  return breaches
}

function breachesOfImport(workspace: Workspace, source: SourceFile, specifier: string): string[] {
  if (specifier.startsWith('.')) return breachesOfRelative(source, specifier)
  if (specifier.startsWith('node:'))
    return isForBrowsers(workspace.name) ? [`imports ${specifier}, but has to run in a browser`] : []
  const target = packageOf(specifier)
  const breaches = workspace.dependencies.includes(target)
    ? []
    : [`imports ${target} without depending on it`]
  if (!target.startsWith('@halo/')) return breaches
  if (specifier !== target) breaches.push(`imports ${specifier}, more than a package's one entry`)
  if ((LAYERS[target] ?? Number.POSITIVE_INFINITY) >= (LAYERS[workspace.name] ?? -1))
    breaches.push(`imports ${target}, which is not in a lower layer`)
  return breaches
}

function breachesOfRelative(source: SourceFile, specifier: string): string[] {
  if (!join(source.path, '..', specifier).startsWith('src/')) return [`imports ${specifier} from outside src`]
  return /\.(ts|json)$/.test(specifier) ? [] : [`imports ${specifier} without its .ts`]
}

function isForBrowsers(name: string): boolean {
  return LAYERS[name] === 0 || BROWSER_TOO.has(name)
}

/** Specifiers of static, dynamic and type imports and of re-exports. */
function importsOf(text: string): string[] {
  const patterns = [
    /^(?:import|export)\b[^'"`;]*?\bfrom\s+['"]([^'"]+)['"]/gm,
    /^import\s+['"]([^'"]+)['"]/gm,
    /\bimport(?:\.meta\.resolve)?\(\s*['"]([^'"]+)['"]/g,
  ]
  const code = withoutComments(text)
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map(([, specifier = '']) => specifier))
}

/** `@scope/name` or `name` of a bare specifier. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

/** Good enough for what is looked for here: a `//` inside a text cuts that line short. */
function withoutComments(text: string): string {
  return text.replaceAll(/^\s*\/\*[\s\S]*?\*\//gm, '').replaceAll(/(?:^|\s)\/\/.*$/gm, '')
}
