/**
 * Compiles kernel/curl.ts and writes src/kernel-wasm.ts, so that tests and bundles need no compiler:
 * `node packages/mam/scripts/build-kernel.ts`; with `--check` it only compares, and fails when they differ.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { main } from 'assemblyscript/asc'

const TARGET = new URL('../src/kernel-wasm.ts', import.meta.url)

const OPTIONS = [
  ...['--runtime', 'stub', '--use', 'abort=', '--noAssert', '--enable', 'simd'],
  ...['--optimizeLevel', '3', '--shrinkLevel', '2', '--converge'],
  ...['--initialMemory', '1', '--maximumMemory', '1', '--noColors'],
]

async function compile(): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined
  const { error, stderr } = await main(['curl.ts', '--outFile', 'curl.wasm', ...OPTIONS], {
    readFile: (name) =>
      name === 'curl.ts' ? readFileSync(new URL('../kernel/curl.ts', import.meta.url), 'utf8') : null,
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') wasm = contents
    },
    listFiles: () => [],
  })
  if (error !== null || wasm === undefined)
    throw new Error(`kernel/curl.ts does not compile:\n${stderr.toString()}`)
  return wasm
}

function embed(wasm: Uint8Array): string {
  return `/*
Written by scripts/build-kernel.ts from kernel/curl.ts: do not edit. ${wasm.length} bytes.
*/
const BASE64 =
  '${Buffer.from(wasm).toString('base64')}'

/** The bytes of the Curl-P WebAssembly module, a fresh copy. */
export function kernelWasm(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(BASE64), (character) => character.charCodeAt(0))
}
`
}

const text = embed(await compile())
const isCurrent = existsSync(TARGET) && readFileSync(TARGET, 'utf8') === text
if (!isCurrent && process.argv.includes('--check')) {
  process.stderr.write(
    'src/kernel-wasm.ts is not what kernel/curl.ts compiles to: run scripts/build-kernel.ts\n',
  )
  process.exitCode = 1
} else if (!isCurrent) writeFileSync(TARGET, text)
