import { HaloError } from '@halo/ports'

/**
 * - `BLOCK_NOT_HELD`: the shard or unit is not stored here; ask whoever the manifest names.
 * - `BLOCK_DAMAGED`: bytes on disk no longer match their CID; delete the shard and have it repaired.
 * - `BAD_CID`: the text is not the CID of a shard root (CIDv1, dag-cbor, sha2-256); correct it.
 * - `BAD_UNIT`: a unit is empty or larger than 1 MiB; cut the shard differently.
 * - `BAD_SHARD`: a shard has no unit or too many, or its root is not in canonical form; refuse its sender.
 * - `SHARD_UNREACHABLE`: no connected member sent a block in time; connect to a holder and try again.
 * - `ERASE_INCOMPLETE`: a block was still there after its deletion; look at the file system.
 * - `STORE_CLOSED`: the store was closed; open it again.
 */
export type IpfsErrorCode =
  | 'BLOCK_NOT_HELD'
  | 'BLOCK_DAMAGED'
  | 'BAD_CID'
  | 'BAD_UNIT'
  | 'BAD_SHARD'
  | 'SHARD_UNREACHABLE'
  | 'ERASE_INCOMPLETE'
  | 'STORE_CLOSED'

/** What went wrong with a block or a shard; test `code`. */
export class IpfsError extends HaloError<IpfsErrorCode> {
  override readonly name = 'IpfsError'
}
