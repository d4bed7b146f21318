/**
 * Writes src/reed-solomon-wasm.ts from @subspace/reed-solomon-erasure.wasm. That package's own loader
 * asks for `fs` on import and for the network in a browser; embedded, the module needs neither.
 * Run after a change of that package's version: `node packages/vault/scripts/embed-wasm.ts`.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const read = (address: string): Buffer => readFileSync(new URL(address))

const manifest = read(import.meta.resolve('@subspace/reed-solomon-erasure.wasm/package.json'))
const { name, version } = JSON.parse(manifest.toString('utf8'))
const license = read(import.meta.resolve('@subspace/reed-solomon-erasure.wasm/license.txt'))
const wasm = read(
  import.meta.resolve('@subspace/reed-solomon-erasure.wasm/dist/reed_solomon_erasure_bg.wasm'),
)

writeFileSync(
  new URL('../src/reed-solomon-wasm.ts', import.meta.url),
  `/*
Written by scripts/embed-wasm.ts: do not edit. The module of ${name} ${version},
https://github.com/subspace/reed-solomon-erasure.wasm, under the MIT License:

${license.toString('utf8').trim()}
*/
const BASE64 =
  '${wasm.toString('base64')}'

/** The bytes of the Reed–Solomon WebAssembly module, a fresh copy. */
export function reedSolomonWasm(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(BASE64), (character) => character.charCodeAt(0))
}
`,
)
