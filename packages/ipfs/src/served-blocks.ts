import type { CID } from 'multiformats/cid'

/** Whether a block, by its CID as it was asked for, may go to any member who asks now. */
export type IsServing = (cid: string) => boolean | Promise<boolean>

/** What bitswap reads a block from before it sends it. */
interface ReadableBlocks<Options> {
  has(cid: CID, options?: Options): boolean | Promise<boolean>
  get(cid: CID, options?: Options): Iterable<Uint8Array> | AsyncIterable<Uint8Array>
}

/**
 * The same blocks, of which only those show that may be served. Bitswap knows no requests and no
 * consents, so what it may read has to be decided here. Everything else is inherited.
 */
export function showServed<Options extends object, Blocks extends ReadableBlocks<Options>>(
  blocks: Blocks,
  isServing: IsServing,
): Blocks {
  const maySee = async (cid: CID): Promise<boolean> => {
    try {
      return await isServing(cid.toString())
    } catch {
      // A rule that cannot be read does not allow anything.
      return false
    }
  }
  const has = async (cid: CID, options?: Options): Promise<boolean> =>
    (await maySee(cid)) && (await blocks.has(cid, options))
  const get = async function* (cid: CID, options?: Options): AsyncGenerator<Uint8Array> {
    if (!(await blocks.has(cid, options)) || !(await maySee(cid))) throw notFound()
    yield* blocks.get(cid, options)
  }
  return Object.create(blocks, { has: { value: has }, get: { value: get } })
}

/** Named as bitswap expects it of a store that lacks a block. */
function notFound(): Error {
  return Object.assign(new Error('This block is not served.'), { name: 'NotFoundError' })
}
