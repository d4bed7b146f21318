import { deriveAddress } from './address.ts'
import { createMessage } from './create-message.ts'
import { createCurlEngine } from './curl-choice.ts'
import type { CurlEngine } from './curl-engine.ts'
import type { MamEngine, MamEngineKind } from './engine.ts'
import { MamError } from './errors.ts'
import type { OneTimeTree } from './one-time-tree.ts'
import { deriveTree } from './one-time-tree.ts'
import { parseMessage } from './parse-message.ts'
import { openStockEngine } from './stock-engine.ts'

/**
 * Opens an implementation. `simd` is this package's own, in plain JavaScript where WebAssembly SIMD is
 * missing; `mam.js` is `@iota/mam.js`, which is loaded only when asked for, and is slow.
 * @throws MamError `ENGINE_MISSING`
 */
export async function openEngine(kind: MamEngineKind): Promise<MamEngine> {
  switch (kind) {
    case 'simd':
      return createEngine(createCurlEngine())
    case 'mam.js':
      return await openStockEngine()
    default:
      throw new MamError('ENGINE_MISSING', 'The engine must be simd or mam.js; choose one of them.')
  }
}

/** The engine of this package over a given Curl-P-27. Its trees sign once: a second message needs a new tree. */
function createEngine(curl: CurlEngine): MamEngine {
  return {
    kind: 'simd',
    deriveTree: (seed, index, security) => deriveTree(curl, seed, index, security),
    createMessage: ({ mode, sideKey, tree, nextTree, trytes }) =>
      createMessage(curl, {
        mode,
        sideKey,
        tree: tree as OneTimeTree,
        nextTree: nextTree as OneTimeTree,
        trytes,
      }),
    parseMessage: (payload, root, sideKey) => parseMessage(curl, payload, root, sideKey),
    addressOf: (root, mode) => deriveAddress(curl, root, mode),
  }
}
