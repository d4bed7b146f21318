import type { ChainLedger } from '@halo/chain'
import { openLedger } from '@halo/chain'
import { createNoteVerifier, formatLogOrigin, formatVerifierKey } from '@halo/proofs'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import { isStandardOutput, writeOut } from '../records/sink.ts'
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
  const keys = await readOperatorKeys(ledger)
  if (isStandardOutput(flags.out)) {
    output.result({ keys }, keys)
    return undefined
  }
  await writeOut(
    flags.out,
    keys.map((key) => `${key}\n`),
    { force: flags.force === true },
  )
  output.result({ keys, out: flags.out }, [
    `Wrote ${flags.out}: ${keys.length} keys, as the chain has them now.`,
    `Next: halo proof verify FILE --offline --operators ${flags.out} --network FILE`,
  ])
  return undefined
}

/** Keys of the logs of whoever was ever a member, as notes have them. */
export async function readOperatorKeys(ledger: ChainLedger): Promise<readonly string[]> {
  const { chainId, anchor } = ledger.deployment
  return (await readOperators(ledger)).operators.flatMap(({ address, logKey }) => {
    if (logKey === undefined) return []
    const origin = formatLogOrigin({ chainId: Number(chainId), contract: anchor, operator: address })
    return [formatVerifierKey(createNoteVerifier(origin, logKey))]
  })
}
