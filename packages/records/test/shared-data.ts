import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Path of a data file that lies next to the repository and is not part of it, or null when it is absent. */
export function findShared(name: string): string | null {
  const path = fileURLToPath(new URL(`../../../../shared/data/${name}`, import.meta.url))
  return existsSync(path) ? path : null
}

/** Says by name that a test does not run here. */
export function declareSkip(suite: string, title: string, reason: string): void {
  process.stdout.write(`SKIP ${suite}: ${title}: ${reason}\n`)
}
