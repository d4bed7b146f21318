/** Adds to package-lock.json what `npm ci` misses in it: `npm run lock`, after every `npm install`. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Lockfile } from './optional.ts'
import { missingPlatformEntries } from './optional.ts'

const path = new URL('../../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(path, 'utf8')) as Lockfile
const missing = missingPlatformEntries(lock)
const names = Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) => a.localeCompare(b, 'en'))
if (Object.keys(missing).length > 0)
  writeFileSync(path, `${JSON.stringify({ ...lock, packages: Object.fromEntries(names) }, null, 2)}\n`)
process.stdout.write(`${Object.keys(missing).length} platform packages added to package-lock.json\n`)
