import { deriveAddress } from './address.ts'
import { createMessage } from './create-message.ts'
import type { CurlEngine } from './curl-engine.ts'
import type { MamEngine } from './engine.ts'
import { guardEngine } from './engine-guard.ts'
import { deriveTrees } from './one-time-tree.ts'
import { parseMessage } from './parse-message.ts'

/** The engine of this package over a given Curl-P-27. */
export function createEngine(curl: CurlEngine): MamEngine {
  return guardEngine({
    kind: 'simd',
    deriveKeys: (seed, from, count, security) =>
      deriveTrees(curl, seed, from, count, security).map((tree) => ({
        root: tree.root,
        createMessage: (parts) => createMessage(curl, { ...parts, tree }),
        wipe: tree.wipe,
      })),
    parseMessage: (payload, root, sideKey) => parseMessage(curl, payload, root, sideKey),
    addressOf: (root, mode) => deriveAddress(curl, root, mode),
  })
}
