import type { CurlEngine } from './curl-engine.ts'
import { createScalarEngine } from './curl-scalar.ts'
import { createSimdEngine } from './curl-simd.ts'

/**
 * A module of one function that takes the lowest bit of every byte of a vector: valid where SIMD is.
 * (module (func (result i32) i32.const 0 i8x16.splat i8x16.bitmask))
 * @see https://webassembly.github.io/spec/core/binary/ for the format
 */
const SIMD_PROBE = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // magic, version 1
  ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7f], // types: () → i32
  ...[0x03, 0x02, 0x01, 0x00], // functions: one, of type 0
  ...[0x0a, 0x0a, 0x01, 0x08, 0x00], // code: one body of 8 bytes, no locals
  ...[0x41, 0x00, 0xfd, 0x0f, 0xfd, 0x64, 0x0b], // i32.const 0, i8x16.splat, i8x16.bitmask, end
)

/** The fastest engine that runs here: SIMD where WebAssembly has it and is allowed, else plain JavaScript. */
export function createCurlEngine(): CurlEngine {
  if (!mayUseSimd()) return createScalarEngine()
  try {
    return createSimdEngine()
  } catch {
    // A content security policy without 'wasm-unsafe-eval' validates modules and refuses to compile them.
    return createScalarEngine()
  }
}

function mayUseSimd(): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(SIMD_PROBE)
}
