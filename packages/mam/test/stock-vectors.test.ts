import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeMessage, readMessage } from './make-message.ts'
import { openCurl } from './open-curl.ts'
import { fingerprint, makeStockCase, type StockCase, VECTOR_COUNT } from './stock-cases.ts'

const test = suite('mam/stock-vectors')

interface WholeMessage extends StockCase {
  readonly root: string
  readonly nextRoot: string
  readonly address: string
  readonly payload: string
}

const fingerprints: readonly string[] = readVectors('stock-messages.json').fingerprints
const messages: readonly WholeMessage[] = readVectors('messages.json').messages

function readVectors(name: string) {
  const path = fileURLToPath(new URL(`../../../test/vectors/mam/${name}`, import.meta.url))
  return JSON.parse(readFileSync(path, 'utf8'))
}

test('makes and reads the messages that the vectors hold whole', () => {
  const curl = openCurl()
  assert.is(messages.length, 9)
  for (const { root, nextRoot, address, payload, ...given } of messages) {
    assert.equal(makeMessage(curl, given), { root, nextRoot, address, payload })
    const read = readMessage(curl, { payload, root }, given.sideKey)
    assert.equal(read, { nextRoot, trytes: given.message })
  }
})

test('makes the very bytes of 2 100 messages that @iota/mam.js made, and reads them', () => {
  const curl = openCurl()
  assert.is(fingerprints.length, VECTOR_COUNT)
  for (const [number, expected] of fingerprints.entries()) {
    const given = makeStockCase(number)
    const { nextRoot, ...made } = makeMessage(curl, given)
    assert.is(fingerprint(made), expected, `case ${number}`)
    const read = readMessage(curl, made, given.sideKey)
    assert.equal(read, { nextRoot, trytes: given.message }, `case ${number}`)
  }
})

test('covers every mode at every level, lengths up to 16 KiB and side keys of 1 to 81 trytes', () => {
  const cases = fingerprints.map((_, number) => makeStockCase(number))
  assert.is(new Set(cases.map(({ mode, security }) => `${mode} ${security}`)).size, 9)
  const lengths = cases.map(({ message }) => message.length)
  assert.equal([Math.min(...lengths), Math.max(...lengths)], [1, 27_595])
  const sideKeys = new Set(cases.map(({ sideKey }) => sideKey?.length ?? 0))
  assert.equal([Math.min(...sideKeys), Math.max(...sideKeys)], [0, 81])
})

test.run()
