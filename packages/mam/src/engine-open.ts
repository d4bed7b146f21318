import { createCurlEngine } from './curl-choice.ts'
import type { MamEngine, MamEngineKind } from './engine.ts'
import { guardEngine } from './engine-guard.ts'
import { createEngine } from './engine-simd.ts'
import { MamError } from './errors.ts'
import { openStockCore } from './stock-engine.ts'

/**
 * Opens an implementation. `simd` is this package's own, in plain JavaScript where WebAssembly SIMD is
 * missing; `mam.js` is `@iota/mam.js`, which is loaded only when asked for, and is slow. Both take and refuse
 * the same, with the same codes, but for what {@link MamEngine.parseMessage} says of altered signatures.
 * @throws MamError `ENGINE_MISSING`
 */
export async function openEngine(kind: MamEngineKind): Promise<MamEngine> {
  switch (kind) {
    case 'simd':
      return createEngine(createCurlEngine())
    case 'mam.js':
      return guardEngine(await openStockCore())
    default:
      throw new MamError('ENGINE_MISSING', 'The engine must be simd or mam.js; choose one of them.')
  }
}
