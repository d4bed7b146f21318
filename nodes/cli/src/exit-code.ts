import type { ChainErrorCode } from '@halo/chain'
import type { ConsentErrorCode } from '@halo/consent'
import { isReason } from '@halo/consent'
import type { MeasuresErrorCode } from '@halo/measures'
import type { NodeErrorCode } from '@halo/node'
import type { PeersErrorCode } from '@halo/peers'
import type { ProofsErrorCode } from '@halo/proofs'
import type { RecordsErrorCode } from '@halo/records'
import type { ResearchErrorCode } from '@halo/research'
import type { VaultErrorCode } from '@halo/vault'
import type { VerifierErrorCode } from '@halo/verifier'
import type { WalletErrorCode } from '@halo/wallet'
import type { AnvilErrorCode } from './anvil.ts'
import type { CliErrorCode } from './errors.ts'

/** Exit codes of `halo`, as `halo --help` lists them. */
export const EXIT = {
  OK: 0,
  FAILED: 1,
  USAGE: 2,
  BAD_INPUT: 3,
  REFUSED: 4,
  UNREACHABLE: 5,
  UNFUNDED: 6,
  UNVERIFIED: 7,
  LOCKED: 8,
  INTERRUPTED: 130,
} as const

/** What each exit code means, for `--help`. */
export const EXIT_HELP = `Exit codes:
  0  done
  1  failed for a reason that is not listed below
  2  wrong command line or configuration
  3  the input file cannot be used
  4  refused: by the patient, by a peer's rule, or because time ran out
  5  too few peers, or the chain, could be reached
  6  the account cannot pay
  7  what was delivered, or a proof, does not verify
  8  wrong passphrase, or the data directory is missing, open to others, in use or cannot be locked
  130  interrupted`

/** Every code of every package that a command can meet: one that is missing here does not compile. */
type KnownCode =
  | AnvilErrorCode
  | ChainErrorCode
  | CliErrorCode
  | ConsentErrorCode
  | MeasuresErrorCode
  | NodeErrorCode
  | PeersErrorCode
  | ProofsErrorCode
  | RecordsErrorCode
  | ResearchErrorCode
  | VaultErrorCode
  | VerifierErrorCode
  | WalletErrorCode

const BY_CODE: Readonly<Record<KnownCode, number>> = {
  // Command line, configuration and keys given with them.
  USAGE: EXIT.USAGE,
  CONFIG_INVALID: EXIT.USAGE,
  PORT_TAKEN: EXIT.USAGE,
  BAD_IDENTIFIER: EXIT.USAGE,
  BAD_REQUEST: EXIT.USAGE,
  RECORD_NOT_FOUND: EXIT.USAGE,
  REQUEST_NOT_FOUND: EXIT.USAGE,
  DATASET_NOT_FOUND: EXIT.USAGE,
  PRICE_TOO_LOW: EXIT.USAGE,
  HOLDING_OUTDATED: EXIT.USAGE,
  PUBLISHING_INVALID: EXIT.USAGE,
  SIGNER_BAD: EXIT.USAGE,
  SECRET_INVALID: EXIT.USAGE,
  RECIPIENT_INVALID: EXIT.USAGE,
  CHAIN_WRONG: EXIT.USAGE,
  CONTRACT_MISSING: EXIT.USAGE,
  DEPLOYMENT_WRONG: EXIT.USAGE,
  KNOWN_INVALID: EXIT.USAGE,
  // Data directory.
  DATA_DIR_USED: EXIT.LOCKED,
  DATA_DIR_MISSING: EXIT.LOCKED,
  DATA_DIR_LOCKED: EXIT.LOCKED,
  DATA_DIR_OPEN: EXIT.LOCKED,
  DATA_DIR_UNUSABLE: EXIT.LOCKED,
  PASSPHRASE_WRONG: EXIT.LOCKED,
  PASSPHRASE_MISSING: EXIT.LOCKED,
  KEYSTORE_DAMAGED: EXIT.LOCKED,
  STATE_DAMAGED: EXIT.LOCKED,
  // Files read.
  FILE_UNREADABLE: EXIT.BAD_INPUT,
  FILE_EXISTS: EXIT.BAD_INPUT,
  MNEMONIC_INVALID: EXIT.BAD_INPUT,
  FILE_EMPTY: EXIT.BAD_INPUT,
  FORMAT_UNKNOWN: EXIT.BAD_INPUT,
  NO_READINGS: EXIT.BAD_INPUT,
  LINE_TOO_LONG: EXIT.BAD_INPUT,
  READINGS_TOO_MANY: EXIT.BAD_INPUT,
  ROW_MALFORMED: EXIT.BAD_INPUT,
  SUBJECT_INVALID: EXIT.BAD_INPUT,
  TIME_INVALID: EXIT.BAD_INPUT,
  TIME_NOT_IN_ZONE: EXIT.BAD_INPUT,
  VALUE_INVALID: EXIT.BAD_INPUT,
  VALUE_IMPLAUSIBLE: EXIT.BAD_INPUT,
  READING_CONFLICT: EXIT.BAD_INPUT,
  TIME_ZONE_NEEDED: EXIT.BAD_INPUT,
  TIME_ZONE_UNKNOWN: EXIT.BAD_INPUT,
  UNIT_UNKNOWN: EXIT.BAD_INPUT,
  UNIT_SUSPECT: EXIT.BAD_INPUT,
  OPTION_INVALID: EXIT.BAD_INPUT,
  RECORD_INVALID: EXIT.BAD_INPUT,
  UNIT_NEEDED: EXIT.BAD_INPUT,
  DATE_ORDER_NEEDED: EXIT.BAD_INPUT,
  RATE_NEEDED: EXIT.BAD_INPUT,
  AXES_NEEDED: EXIT.BAD_INPUT,
  START_NEEDED: EXIT.BAD_INPUT,
  XML_MALFORMED: EXIT.BAD_INPUT,
  JSON_MALFORMED: EXIT.BAD_INPUT,
  FRAME_INVALID: EXIT.BAD_INPUT,
  FIELD_INVALID: EXIT.BAD_INPUT,
  RESOURCE_UNSUPPORTED: EXIT.BAD_INPUT,
  RESOURCE_CONFLICT: EXIT.BAD_INPUT,
  WINDOW_INVALID: EXIT.BAD_INPUT,
  TOO_SHORT: EXIT.BAD_INPUT,
  TOO_LONG: EXIT.BAD_INPUT,
  RATE_INVALID: EXIT.BAD_INPUT,
  COVERAGE_LOW: EXIT.BAD_INPUT,
  CALIBRATION_UNFIT: EXIT.BAD_INPUT,
  POSTURE_INVALID: EXIT.BAD_INPUT,
  METHODS_DIFFER: EXIT.BAD_INPUT,
  NOTE_MALFORMED: EXIT.BAD_INPUT,
  RECEIPT_MALFORMED: EXIT.BAD_INPUT,
  RECEIPT_INCOMPLETE: EXIT.BAD_INPUT,
  BUNDLE_MALFORMED: EXIT.BAD_INPUT,
  EVENT_INVALID: EXIT.BAD_INPUT,
  PROOF_EMPTY: EXIT.BAD_INPUT,
  PROOF_TOO_LARGE: EXIT.BAD_INPUT,
  PROOF_TRUNCATED: EXIT.BAD_INPUT,
  PROOF_UNKNOWN: EXIT.BAD_INPUT,
  // Refusals.
  REQUEST_CLOSED: EXIT.REFUSED,
  TX_REVERTED: EXIT.REFUSED,
  IDENTIFIERS_LEFT: EXIT.REFUSED,
  DELIVERY_TOO_LARGE: EXIT.REFUSED,
  // Peers and chain.
  PEERS_TOO_FEW: EXIT.UNREACHABLE,
  SHARDS_TOO_FEW: EXIT.UNREACHABLE,
  SHARES_TOO_FEW: EXIT.UNREACHABLE,
  ANCHOR_MISSING: EXIT.UNREACHABLE,
  ANSWER_NOT_TAKEN: EXIT.UNREACHABLE,
  CHAIN_UNREACHABLE: EXIT.UNREACHABLE,
  CHAIN_ANSWER_BAD: EXIT.UNREACHABLE,
  CHAIN_INCONSISTENT: EXIT.UNREACHABLE,
  TX_TIMED_OUT: EXIT.UNREACHABLE,
  STREAM_CUT: EXIT.UNREACHABLE,
  STREAM_STALLED: EXIT.UNREACHABLE,
  ANVIL_MISSING: EXIT.UNREACHABLE,
  ANVIL_FAILED: EXIT.UNREACHABLE,
  NODE_FAILED: EXIT.UNREACHABLE,
  INSUFFICIENT_FUNDS: EXIT.UNFUNDED,
  // What came is not what was signed, or was sealed for somebody else.
  RECEIPT_FORGED: EXIT.UNVERIFIED,
  DELIVERY_FORGED: EXIT.UNVERIFIED,
  RECORD_CHANGED: EXIT.UNVERIFIED,
  BAD_SIGNATURE: EXIT.UNVERIFIED,
  MESSAGE_MALFORMED: EXIT.UNVERIFIED,
  MESSAGE_TOO_LARGE: EXIT.UNVERIFIED,
  HEADER_INVALID: EXIT.UNVERIFIED,
  CHUNK_FORGED: EXIT.UNVERIFIED,
  SEALED_TRUNCATED: EXIT.UNVERIFIED,
  SEALED_TRAILING: EXIT.UNVERIFIED,
  ENVELOPE_INVALID: EXIT.UNVERIFIED,
  PACKING_INVALID: EXIT.UNVERIFIED,
  RECORD_MISMATCH: EXIT.UNVERIFIED,
  SIGNATURE_INVALID: EXIT.UNVERIFIED,
  SHARE_DAMAGED: EXIT.UNVERIFIED,
  SHARE_DUPLICATE: EXIT.UNVERIFIED,
  SEALED_SHARE_FORGED: EXIT.UNVERIFIED,
  MANIFEST_INVALID: EXIT.UNVERIFIED,
  NOTE_UNSIGNED: EXIT.UNVERIFIED,
  PROOF_BROKEN: EXIT.UNVERIFIED,
  // Ours: the caller of a package did wrong.
  BAD_KEY: EXIT.FAILED,
  OPTIONS_INVALID: EXIT.FAILED,
  KEY_INVALID: EXIT.FAILED,
  METADATA_TOO_LARGE: EXIT.FAILED,
  RECORD_TOO_LARGE: EXIT.FAILED,
  ALREADY_READ: EXIT.FAILED,
  ABANDONED: EXIT.FAILED,
  SHAPE_INVALID: EXIT.FAILED,
  ENGINE_FAILED: EXIT.FAILED,
  SPLIT_INVALID: EXIT.FAILED,
  RANGE_INVALID: EXIT.FAILED,
  HASH_INVALID: EXIT.FAILED,
  LEAF_UNKNOWN: EXIT.FAILED,
  STORE_DAMAGED: EXIT.FAILED,
  STORE_BEHIND: EXIT.FAILED,
  PAGE_MISSING: EXIT.FAILED,
}

const UNREACHABLE_REASONS: readonly string[] = [
  'TIMED_OUT',
  'SHARDS_TOO_FEW',
  'SHARES_TOO_FEW',
  'CHAIN_UNREACHABLE',
  'BUSY',
]

/** The exit code that an error stands for. A code says more than the reason a peer would be told. */
export function exitCodeOf(error: unknown): number {
  const { code, reason, name } = (error ?? {}) as { code?: unknown; reason?: unknown; name?: unknown }
  if (name === 'AbortError') return EXIT.INTERRUPTED
  if (isKnownCode(code)) return BY_CODE[code]
  if (!isReason(reason)) return EXIT.FAILED
  return UNREACHABLE_REASONS.includes(reason) ? EXIT.UNREACHABLE : EXIT.REFUSED
}

/** Whether an error is one that a package documents: it has a known code, or the reason of a refusal. */
export function isKnownError(error: unknown): boolean {
  const { code, reason } = (error ?? {}) as { code?: unknown; reason?: unknown }
  return isKnownCode(code) || isReason(reason)
}

function isKnownCode(code: unknown): code is KnownCode {
  return typeof code === 'string' && Object.hasOwn(BY_CODE, code)
}
