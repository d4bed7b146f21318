/**
 * Writes src/reed-solomon-wasm.ts from @subspace/reed-solomon-erasure.wasm. That package's own loader
 * asks for `fs` on import and for the network in a browser; embedded, the module needs neither.
 * Run after a change of that package's version: `node packages/vault/scripts/embed-wasm.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const PACKAGE = '@subspace/reed-solomon-erasure.wasm'
const read = (file: string): Buffer => readFileSync(new URL(import.meta.resolve(`${PACKAGE}/${file}`)))

const { version } = JSON.parse(read('package.json').toString('utf8'))
const license = read('license.txt').toString('utf8').trim()
const base64 = read('dist/reed_solomon_erasure_bg.wasm').toString('base64')

writeFileSync(
  new URL('../src/reed-solomon-wasm.ts', import.meta.url),
  `/*
Written by scripts/embed-wasm.ts: do not edit. The module of ${PACKAGE} ${version},
https://github.com/subspace/reed-solomon-erasure.wasm, under the MIT License:

${license}
*/
const BASE64 =
  '${base64}'

/** The bytes of the Reed–Solomon WebAssembly module, a fresh copy. */
export function reedSolomonWasm(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(BASE64), (character) => character.charCodeAt(0))
}
`,
)
