import { execFileSync } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { kernelWasm } from '../src/kernel-wasm.ts'

const test = suite('mam/curl-kernel')

test('is what kernel/curl.ts compiles to, byte for byte', () => {
  const script = new URL('../scripts/build-kernel.ts', import.meta.url).pathname
  assert.not.throws(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' }))
})

test('is at most 4096 bytes, which the main thread of any browser compiles at once', () => {
  assert.ok(kernelWasm().length <= 4096)
})

test('asks for nothing from outside, and brings no data', () => {
  const module = new WebAssembly.Module(kernelWasm())
  assert.equal(WebAssembly.Module.imports(module), [])
  const { memory } = new WebAssembly.Instance(module).exports
  assert.ok(new Uint8Array((memory as WebAssembly.Memory).buffer).every((byte) => byte === 0))
})

test.run()
