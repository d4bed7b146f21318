import type { FindingTable } from './finding.ts'

/** What can come of a receipt's path. */
export type InclusionReason = 'ENTRY_IN_TREE' | 'SALT_DELETED' | 'ENTRY_NOT_IN_TREE'
/** What can come of its checkpoint. */
export type CheckpointReason =
  | 'LOG_SIGNED'
  | 'LOG_UNSIGNED'
  | 'LOG_KEY_UNKNOWN'
  | 'LOG_SIGNATURE_WRONG'
  | 'CHECKPOINT_MALFORMED'
/** What can come of its anchor. */
export type AnchorReason =
  | 'ANCHORED'
  | 'CHAIN_NOT_ASKED'
  | 'NOT_ANCHORED_YET'
  | 'ANCHOR_DENIED'
  | 'ANCHOR_DIFFERS'

/** Verdicts and sentences of all aspects of a receipt. */
export const FINDINGS: FindingTable<InclusionReason | CheckpointReason | AnchorReason> = {
  // A path fits trees of several sizes: which it is, only who vouches for size and root can say.
  ENTRY_IN_TREE: ['verified', 'The entry leads to the root: it is in the tree that the root stands for.'],
  SALT_DELETED: ['missing', 'The salt was deleted, so nobody can tell any more which entry this was.'],
  ENTRY_NOT_IN_TREE: ['broken', 'The entry is not where the receipt says: it does not lead to the root.'],
  LOG_SIGNED: [
    'verified',
    'The operator of the log signed its size and root, with {cosigners} other known keys.',
  ],
  LOG_UNSIGNED: ['missing', 'Nobody has signed the size and root of the log.'],
  LOG_KEY_UNKNOWN: ['missing', 'Size and root are signed, but the key of the log is not known here.'],
  LOG_SIGNATURE_WRONG: [
    'broken',
    'A signature under the size and root of the log is not by the key it names.',
  ],
  CHECKPOINT_MALFORMED: ['broken', 'Size, root and signatures of the log are not written in their form.'],
  ANCHORED: ['verified', 'The chain has held this root since block {block}, {time}.'],
  CHAIN_NOT_ASKED: [
    'missing',
    'The receipt says that the chain holds this root, but the chain was not asked.',
  ],
  NOT_ANCHORED_YET: ['missing', 'The root is not known to be on the chain.'],
  ANCHOR_DENIED: ['broken', 'The receipt says that the chain holds this root, but the chain does not.'],
  ANCHOR_DIFFERS: ['broken', 'The chain holds this root, but not from when or where the receipt says.'],
}
