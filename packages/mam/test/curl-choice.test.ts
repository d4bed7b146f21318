import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createCurlEngine } from '../src/curl-choice.ts'
import { withInstance } from './curl-watched.ts'

const test = suite('mam/curl-choice')

test('takes SIMD where WebAssembly has it', () => {
  assert.is(createCurlEngine().kind, 'simd')
})

test('takes plain JavaScript where WebAssembly has no SIMD, or is missing', () => {
  const { WebAssembly: whole } = globalThis
  const withoutSimd = Object.assign(Object.create(whole), { validate: () => false })
  for (const value of [withoutSimd, undefined]) {
    Reflect.set(globalThis, 'WebAssembly', value)
    try {
      assert.is(createCurlEngine().kind, 'scalar')
    } finally {
      Reflect.set(globalThis, 'WebAssembly', whole)
    }
  }
})

test('takes plain JavaScript where a policy refuses to compile', () => {
  const refuse = () => {
    throw new WebAssembly.CompileError('refused by policy')
  }
  assert.is(
    withInstance(refuse, () => createCurlEngine().kind),
    'scalar',
  )
})

test('asks for SIMD with a module that is valid only where its instructions are known', () => {
  const asked: Uint8Array[] = []
  const { validate } = WebAssembly
  WebAssembly.validate = (bytes) => {
    asked.push(bytes as Uint8Array)
    return validate(bytes)
  }
  try {
    createCurlEngine()
  } finally {
    WebAssembly.validate = validate
  }
  const probe = asked[0] ?? new Uint8Array()
  assert.ok(validate(probe as BufferSource))
  const withUnknown = probe.map((byte) => (byte === 0xfd ? 0xfa : byte))
  assert.not(validate(withUnknown as BufferSource))
})

test.run()
