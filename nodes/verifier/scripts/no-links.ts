/**
 * Stands in the page for `multiformats/cid`, a tenth of its size: dag-cbor asks it for links between blocks.
 * Receipts have none, so that nothing is a link here and bytes that say they are one are refused, as
 * `decodeReceipt` refuses them anyway.
 */
export const CID = {
  asCID: (): null => null,
  decode: (): never => {
    throw new Error('A receipt holds no links.')
  },
} as const
