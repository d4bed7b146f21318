import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The package of the whole repository, as seen from sources and from what is built of them. */
const ROOT_PACKAGE = fileURLToPath(new URL('../../../package.json', import.meta.url))

/**
 * `npm run halo` and `npm start` start commands in the root of the repository; names of files mean those of the directory in
 * which a person called it, which npm tells.
 */
export function startWhereCalled(): void {
  const dir = calledIn(process.env)
  if (dir !== null) process.chdir(dir)
}

/**
 * Where npm was called to run one of this repository's own two scripts; null when something else started the process, also
 * a script of these names in another package, which starts its commands where it wants them.
 */
export function calledIn(env: Readonly<Record<string, string | undefined>>): string | null {
  const isScript = ['halo', 'start'].includes(env['npm_lifecycle_event'] ?? '')
  return isScript && isRootPackage(env['npm_package_json']) ? (env['INIT_CWD'] ?? null) : null
}

function isRootPackage(path: string | undefined): boolean {
  if (path === undefined) return false
  try {
    return realpathSync(path) === realpathSync(ROOT_PACKAGE)
  } catch {
    return false
  }
}
