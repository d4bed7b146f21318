import { createHash } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'

/** CIDv1 text of a dag-cbor block under SHA-256, whatever the block holds. */
export function cidOfRoot(root: Uint8Array): string {
  const digest = new Uint8Array(createHash('sha256').update(root).digest())
  return CID.createV1(0x71, create(0x12, digest)).toString()
}
