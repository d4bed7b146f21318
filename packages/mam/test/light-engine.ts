import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { decodeBytes, encodeBytes } from '../src/byte-codec.ts'
import type { SecurityLevel } from '../src/curl-engine.ts'
import type { MamEngine, MamTree } from '../src/engine.ts'
import { MamError } from '../src/errors.ts'
import { shapeMessage, textOfShaped } from './shaped-message.ts'

/** What every one-time key was used for: by root, the different messages it signed. */
export type KeyUses = Map<string, Set<string>>

/**
 * An engine without cryptography, thousands of times as fast, that writes down what each one-time key signs.
 * It refuses what a real one refuses: another root, another side key, bytes that are no message. Its messages
 * have the layout of real ones, unmasked and unsigned: whoever has an engine signs with any key.
 */
export function createLightEngine(uses: KeyUses = new Map()): MamEngine {
  const deriveTree = (seed: string, index: number, security: SecurityLevel): MamTree => ({
    index,
    security,
    root: trytesOf(`root ${seed} ${index} ${security}`),
    wipe: () => {},
  })
  return {
    kind: 'simd',
    deriveTree,
    deriveTrees: (seed, from, count, security) =>
      Array.from({ length: count }, (_, at) => deriveTree(seed, from + at, security)),
    createMessage({ mode, sideKey = '', tree, nextTree, trytes }) {
      const signed = JSON.stringify({ root: tree.root, sideKey, nextRoot: nextTree.root, trytes })
      uses.set(tree.root, (uses.get(tree.root) ?? new Set()).add(signed))
      const address = mode === 'public' ? tree.root : trytesOf(`address ${tree.root}`)
      return { address, root: tree.root, payload: shapeMessage(encodeBytes(utf8ToBytes(signed))) }
    },
    parseMessage(payload, root, sideKey = '') {
      const message = read(payload)
      if (message.root !== root || message.sideKey !== sideKey)
        throw new MamError('NOT_FOR_KEY', 'Other keys.')
      return { nextRoot: message.nextRoot, trytes: message.trytes }
    },
    addressOf: (root, mode) => (mode === 'public' ? root : trytesOf(`address ${root}`)),
  }
}

interface Signed {
  readonly root: string
  readonly sideKey: string
  readonly nextRoot: string
  readonly trytes: string
}

function read(payload: string): Signed {
  try {
    return JSON.parse(new TextDecoder().decode(decodeBytes(textOfShaped(payload)))) as Signed
  } catch (cause) {
    throw new MamError('MESSAGE_MALFORMED', 'No message.', { cause })
  }
}

/** 81 trytes that stand for a text. */
function trytesOf(text: string): string {
  return `${encodeBytes(sha256(utf8ToBytes(text)))}${'9'.repeat(81)}`.slice(0, 81)
}
