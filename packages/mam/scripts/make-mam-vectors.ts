/**
 * Writes test/vectors/mam/messages.json, and stock-messages.json, with the installed `@iota/mam.js`, which
 * takes half an hour: `node --conditions=@halo/source packages/mam/scripts/make-mam-vectors.ts [count]`. What
 * is in stock-messages.json is kept, so that an interrupted run goes on where it stopped.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseMessage } from '@iota/mam.js'
import { fingerprint, makeStockCase, VECTOR_COUNT, WHOLE_CASES } from '../test/stock-cases.ts'
import { createStockMessage } from '../test/stock-library.ts'

const DIRECTORY = new URL('../../../test/vectors/mam/', import.meta.url)
const FINGERPRINTS = new URL('stock-messages.json', DIRECTORY)
const ABOUT =
  'Line n of fingerprints belongs to case n of packages/mam/test/stock-cases.ts: 128 bits of SHA-256 over ' +
  'payload, root and address, with one space between, of the message @iota/mam.js 1.6.3 makes from it.'
const ABOUT_WHOLE =
  'Messages that @iota/mam.js 1.6.3 makes with count 1 from seed, index, mode, side key, level and content.'
const SAVE_EVERY = 25

const messages = WHOLE_CASES.map((number) => {
  const given = makeStockCase(number)
  const { payload, root, address } = createStockMessage(given)
  const { nextRoot } = parseMessage(payload, root, given.sideKey)
  return { ...given, root, nextRoot, address, payload }
})
writeJson(new URL('messages.json', DIRECTORY), { about: ABOUT_WHOLE, messages })

const count = Number(process.argv[2] ?? VECTOR_COUNT)
const fingerprints: string[] = existsSync(FINGERPRINTS)
  ? JSON.parse(readFileSync(FINGERPRINTS, 'utf8')).fingerprints
  : []
while (fingerprints.length < count) {
  fingerprints.push(fingerprint(createStockMessage(makeStockCase(fingerprints.length))))
  const isDue = fingerprints.length % SAVE_EVERY === 0 || fingerprints.length === count
  if (isDue) writeJson(FINGERPRINTS, { about: ABOUT, fingerprints })
}

function writeJson(to: URL, content: object): void {
  writeFileSync(to, `${JSON.stringify(content, null, 1)}\n`)
}
