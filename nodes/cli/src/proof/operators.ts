import type { ChainLedger } from '@halo/chain'
import { openLedger } from '@halo/chain'
import { createNoteVerifier, formatLogOrigin, formatVerifierKey } from '@halo/proofs'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import { formatCount } from '../output.ts'
import { isStandardOutput, writeOut } from '../records/sink.ts'
import { quotePath } from '../shell-words.ts'
import { readOperators } from './ask-chain.ts'
import type { FactFlags } from './facts.ts'
import { findPlace } from './facts.ts'

/** Options of `operators`. */
export interface OperatorsFlags extends FactFlags {
  readonly out?: string
  readonly force?: boolean
}

/** `halo proof operators`: keys of the logs of whoever was ever a member, to be kept for checks without a chain. */
export async function listOperators(flags: OperatorsFlags, output: Output): Promise<undefined> {
  const place = await findPlace(flags)
  if (place === null)
    throw new CliError(
      'USAGE',
      'Which chain? Give --chain-url and --network, or --data of who is set up for it.',
    )
  await using ledger = await openLedger({ rpcUrl: place.chainUrl, deployment: place.deployment })
  const { keys, completeUntilSec } = await readOperatorKeys(ledger)
  const isWhole = completeUntilSec !== null
  if (!isWhole)
    output.note(
      "This node's logs do not show all operators that were ever admitted: keys may be missing. Ask a node that keeps all logs.",
    )
  const lines = operatorLines({ keys, completeUntilSec })
  if (isStandardOutput(flags.out)) {
    output.result({ keys, completeUntilSec }, lines)
    return undefined
  }
  await writeOut(
    flags.out,
    lines.map((line) => `${line}\n`),
    { force: flags.force === true },
  )
  output.result({ keys, completeUntilSec, out: flags.out }, [
    `Wrote ${flags.out}: ${formatCount(keys.length, 'key')}, ${isWhole ? 'as the chain has them now' : 'and there may be more'}.`,
    `Next: halo proof verify FILE --offline --operators ${quotePath(flags.out)} --network FILE`,
  ])
  return undefined
}

/** Keys of operators' logs. */
export interface OperatorKeys {
  /** As notes have them. */
  readonly keys: readonly string[]
  /** The chain's time, in Unix seconds, up to which no key is missing; null where some may be. */
  readonly completeUntilSec: number | null
}

/** Reads from the chain the keys of the logs of whoever was ever a member. @throws ChainError */
export async function readOperatorKeys(ledger: ChainLedger): Promise<OperatorKeys> {
  const { chainId, anchor } = ledger.deployment
  const { operators, operatorsUntilSec } = await readOperators(ledger)
  const keys = operators.flatMap(({ address, logKey }) => {
    if (logKey === undefined) return []
    const origin = formatLogOrigin({ chainId: Number(chainId), contract: anchor, operator: address })
    return [formatVerifierKey(createNoteVerifier(origin, logKey))]
  })
  return { keys, completeUntilSec: operatorsUntilSec ?? null }
}

/** Lines of a file of keys. One that may be short says so, to whoever opens it later; such a line is no key. */
export function operatorLines({ keys, completeUntilSec }: OperatorKeys): readonly string[] {
  if (completeUntilSec !== null) return keys
  return ['# Keys may be missing: the node that was asked does not have all logs of the registry.', ...keys]
}
