import { HaloError } from '@halo/ports'

/**
 * - `CONFIG_INVALID`: a setting is missing, unknown or out of range; the message names it and where it came from.
 * - `DATA_DIR_USED`: the data directory already holds a node or wallet; choose another, or use it as it is.
 * - `DATA_DIR_MISSING`: there is nothing in the data directory yet; run `init` first.
 * - `DATA_DIR_LOCKED`: another process uses the data directory; stop it first.
 * - `DATA_DIR_OPEN`: others may read the data directory or a secret file; tighten its mode.
 * - `DATA_DIR_UNUSABLE`: the data directory's lock cannot be made or written, or is another file; the message says which.
 * - `PASSPHRASE_WRONG`: the passphrase does not open the keystore.
 * - `PASSPHRASE_MISSING`: no passphrase file was given and none is in the data directory.
 * - `KEYSTORE_DAMAGED`: the keystore file is not readable; restore it from a copy.
 * - `PORT_TAKEN`: an address to listen on is taken or not this machine's; choose another.
 */
export type NodeErrorCode =
  | 'CONFIG_INVALID'
  | 'DATA_DIR_USED'
  | 'DATA_DIR_MISSING'
  | 'DATA_DIR_LOCKED'
  | 'DATA_DIR_OPEN'
  | 'DATA_DIR_UNUSABLE'
  | 'PASSPHRASE_WRONG'
  | 'PASSPHRASE_MISSING'
  | 'KEYSTORE_DAMAGED'
  | 'PORT_TAKEN'

/** What went wrong around a node's configuration and files; test `code`. */
export class NodeError extends HaloError<NodeErrorCode> {
  override readonly name = 'NodeError'
}
