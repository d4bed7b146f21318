/** Writes dist/verify.html: `node --conditions=@halo/source nodes/verifier/scripts/build-page.ts`. */
import { mkdir, writeFile } from 'node:fs/promises'
import { buildPage } from './page.ts'

const DIST = new URL('../dist/', import.meta.url)

await mkdir(DIST, { recursive: true })
await writeFile(new URL('verify.html', DIST), await buildPage())
