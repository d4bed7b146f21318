/**
 * Writes test/vectors/mam/stock-messages.json with the installed `@iota/mam.js`, which takes half an hour:
 * `node --conditions=@halo/source packages/mam/scripts/make-mam-vectors.ts [count]`. What is in the file is
 * kept, so that an interrupted run goes on where it stopped.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fingerprint, makeStockCase } from '../test/stock-cases.ts'
import { createStockMessage } from '../test/stock-library.ts'

const PATH = fileURLToPath(new URL('../../../test/vectors/mam/stock-messages.json', import.meta.url))
const ABOUT =
  'Line n of fingerprints belongs to case n of packages/mam/test/stock-cases.ts: 128 bits of SHA-256 over ' +
  'payload, root and address, with one space between, of the message @iota/mam.js 1.6.3 makes from it.'
const SAVE_EVERY = 25

const count = Number(process.argv[2] ?? 2100)
const kept: readonly string[] = existsSync(PATH) ? JSON.parse(readFileSync(PATH, 'utf8')).fingerprints : []
const fingerprints = [...kept]
while (fingerprints.length < count) {
  fingerprints.push(fingerprint(createStockMessage(makeStockCase(fingerprints.length))))
  if (fingerprints.length % SAVE_EVERY === 0 || fingerprints.length === count) save()
}

function save(): void {
  writeFileSync(PATH, `${JSON.stringify({ about: ABOUT, fingerprints }, null, 1)}\n`)
}
