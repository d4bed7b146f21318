import { isReason } from '@halo/consent'

/** Exit codes of `halo`, as `halo --help` and the README list them. */
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
  7  what was delivered does not verify
  8  wrong passphrase, or the data directory is missing, open to others or in use
  130  interrupted`

const BY_CODE: Readonly<Record<string, number>> = {
  CONFIG_INVALID: EXIT.USAGE,
  PORT_TAKEN: EXIT.USAGE,
  BAD_IDENTIFIER: EXIT.USAGE,
  BAD_REQUEST: EXIT.USAGE,
  USAGE: EXIT.USAGE,
  DATA_DIR_USED: EXIT.LOCKED,
  DATA_DIR_MISSING: EXIT.LOCKED,
  DATA_DIR_LOCKED: EXIT.LOCKED,
  DATA_DIR_OPEN: EXIT.LOCKED,
  PASSPHRASE_WRONG: EXIT.LOCKED,
  PASSPHRASE_MISSING: EXIT.LOCKED,
  KEYSTORE_DAMAGED: EXIT.LOCKED,
  MNEMONIC_INVALID: EXIT.BAD_INPUT,
  FILE_UNREADABLE: EXIT.BAD_INPUT,
  RECORD_NOT_FOUND: EXIT.USAGE,
  REQUEST_NOT_FOUND: EXIT.USAGE,
  DATASET_NOT_FOUND: EXIT.USAGE,
  PRICE_TOO_LOW: EXIT.USAGE,
  REQUEST_CLOSED: EXIT.REFUSED,
  PEERS_TOO_FEW: EXIT.UNREACHABLE,
  ANCHOR_MISSING: EXIT.UNREACHABLE,
  ANSWER_NOT_TAKEN: EXIT.UNREACHABLE,
  CHAIN_UNREACHABLE: EXIT.UNREACHABLE,
  CHAIN_WRONG: EXIT.USAGE,
  CONTRACT_MISSING: EXIT.USAGE,
  DEPLOYMENT_WRONG: EXIT.USAGE,
  ANVIL_MISSING: EXIT.UNREACHABLE,
  ANVIL_FAILED: EXIT.UNREACHABLE,
  NODE_FAILED: EXIT.UNREACHABLE,
  INSUFFICIENT_FUNDS: EXIT.UNFUNDED,
  RECEIPT_FORGED: EXIT.UNVERIFIED,
  DELIVERY_FORGED: EXIT.UNVERIFIED,
  RECORD_CHANGED: EXIT.UNVERIFIED,
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
  if (name === 'RecordsError') return EXIT.BAD_INPUT
  const exit = typeof code === 'string' ? BY_CODE[code] : undefined
  if (exit !== undefined) return exit
  if (!isReason(reason)) return EXIT.FAILED
  return UNREACHABLE_REASONS.includes(reason) ? EXIT.UNREACHABLE : EXIT.REFUSED
}
