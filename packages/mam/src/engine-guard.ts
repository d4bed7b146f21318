import type { SecurityLevel } from './curl-engine.ts'
import type { MamEngine, MamTree, MaskedMessage } from './engine.ts'
import {
  checkContent,
  checkIndices,
  checkMode,
  checkPayload,
  checkSecurity,
  checkSeed,
} from './engine-checks.ts'
import type { EngineCore, MessageKey, MessageParts } from './engine-core.ts'
import { deriveChannelId } from './envelope-keys.ts'
import { MamError } from './errors.ts'
import { checkSideKey, requireSideKey } from './side-key.ts'
import { requireHash } from './trytes.ts'

/** What is known of a tree apart from what it shows. */
interface Origin {
  /** Null once it has signed, or was wiped. */
  key: MessageKey | null
  /** The id of the channel of its seed, which is public. */
  readonly channel: string
}

/**
 * An engine that checks all it is given, in one way and with one set of errors, before any key is used, and
 * whose trees sign once. It knows the trees it made: a copy of one, or one of another engine, is refused.
 */
export function guardEngine(core: EngineCore): MamEngine {
  const origins = new WeakMap<MamTree, Origin>()

  function deriveTrees(seed: string, from: number, count: number, security: SecurityLevel): MamTree[] {
    checkSeed(seed)
    checkSecurity(security)
    checkIndices(from, count)
    const channel = deriveChannelId(seed).join()
    return core.deriveKeys(seed, from, count, security).map((key, at) => {
      const origin: Origin = { key, channel }
      const tree = Object.freeze({ index: from + at, security, root: key.root, wipe: () => wipe(origin) })
      origins.set(tree, origin)
      return tree
    })
  }

  function originOf(tree: MamTree): Origin {
    const origin = origins.get(tree)
    if (origin !== undefined) return origin
    throw new MamError('TREE_INVALID', 'The tree is not of this engine; derive it with the engine in use.')
  }

  return {
    kind: core.kind,
    deriveTrees,
    deriveTree: (seed, index, security) => deriveTrees(seed, index, 1, security)[0] as MamTree,
    createMessage({ mode, sideKey, tree, nextTree, trytes }) {
      checkSideKey(mode, sideKey)
      const origin = originOf(tree)
      const isOfSeed = originOf(nextTree).channel === origin.channel
      if (!isOfSeed || nextTree.index !== tree.index + 1 || nextTree.security !== tree.security)
        throw new MamError('TREE_INVALID', 'nextTree is not of the next index, the same seed and level.')
      checkContent(trytes, tree.security)
      return useKey(origin, { mode, sideKey, nextRoot: nextTree.root, trytes })
    },
    parseMessage(payload, root, sideKey) {
      requireHash(root, 'root')
      requireSideKey(sideKey)
      checkPayload(payload)
      return core.parseMessage(payload, root, sideKey)
    },
    addressOf(root, mode) {
      requireHash(root, 'root')
      checkMode(mode)
      return core.addressOf(root, mode)
    },
  }
}

function useKey(origin: Origin, parts: MessageParts): MaskedMessage {
  const { key } = origin
  if (key === null) throw new MamError('TREE_USED', 'The tree has signed, or was wiped; derive the next.')
  origin.key = null
  try {
    return key.createMessage(parts)
  } finally {
    key.wipe()
  }
}

function wipe(origin: Origin): void {
  origin.key?.wipe()
  origin.key = null
}
