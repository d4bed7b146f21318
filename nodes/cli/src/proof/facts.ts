import type { Deployment } from '@halo/consent'
import type { EvidenceDeployment, EvidenceFacts } from '@halo/proofs'
import type { ProofFile } from '@halo/verifier'
import { parseKnown } from '@halo/verifier'
import type { CommonOptions } from '../command.ts'
import { CliError } from '../errors.ts'
import { readSmallFile } from '../records/input.ts'

/** Options that say what a proof is checked against. */
export interface FactFlags extends CommonOptions {
  readonly network?: string
  readonly operators?: string
  readonly blockHash?: string
}

const MAX_OPERATORS_BYTES = 1 << 20

/**
 * What is known for a proof, as given on the command line.
 * @throws CliError `USAGE`, `FILE_UNREADABLE`; VerifierError `KNOWN_INVALID`; NodeError `CONFIG_INVALID`
 */
export async function gatherFacts(file: ProofFile, flags: FactFlags): Promise<EvidenceFacts> {
  const { blockHash, operators, network } = flags
  const known = parseKnown(
    {
      ...(blockHash === undefined ? {} : { blockHash }),
      ...(operators === undefined ? {} : { operatorKeys: await readText(operators) }),
    },
    file,
  )
  if (network === undefined) return known
  return { ...known, deployment: evidenceDeployment(await readNetwork(network)) }
}

/** Contracts as bundles name them. @throws CliError `USAGE` for a chain whose id no bundle can hold */
export function evidenceDeployment({ chainId, consent, escrow, anchor }: Deployment): EvidenceDeployment {
  if (chainId > BigInt(Number.MAX_SAFE_INTEGER))
    throw new CliError('USAGE', 'Proofs can be made for chains with an id below 2^53 only.')
  return { chainId: Number(chainId), consent, escrow, anchor }
}

async function readNetwork(path: string): Promise<Deployment> {
  const { readNetworkFile } = await import('@halo/node')
  return readNetworkFile(path)
}

async function readText(path: string): Promise<string> {
  return new TextDecoder().decode(await readSmallFile(path, MAX_OPERATORS_BYTES))
}
