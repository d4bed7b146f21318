import type { Deployment } from '@halo/consent'
import type { EvidenceDeployment, EvidenceFacts } from '@halo/proofs'
import type { ProofFile } from '@halo/verifier'
import { parseKnown, VerifierError } from '@halo/verifier'
import type { CommonOptions } from '../command.ts'
import { dataDirOf } from '../command.ts'
import { CliError } from '../errors.ts'
import { readSmallFile } from '../records/input.ts'

/** Options that say what a proof is checked against. */
export interface FactFlags extends CommonOptions {
  readonly offline?: boolean
  readonly chainUrl?: string
  readonly network?: string
  readonly operators?: string
  readonly blockHash?: string
}

/** A chain to ask, and the contracts that are meant. */
export interface ChainPlace {
  readonly chainUrl: string
  readonly deployment: Deployment
}

const MAX_OPERATORS_BYTES = 1 << 20

/**
 * What is known for a proof: what was given on the command line, and what the chain says, unless it is not
 * to be asked. Without a chain given, that of the researcher or wallet on this machine is asked, if there is one.
 * @throws CliError `USAGE`, `FILE_UNREADABLE`; VerifierError `KNOWN_INVALID`; NodeError, ChainError
 */
export async function gatherFacts(
  file: ProofFile,
  flags: FactFlags,
): Promise<{ readonly facts: EvidenceFacts; readonly isChainAsked: boolean }> {
  if (flags.offline === true && flags.chainUrl !== undefined)
    throw new CliError('USAGE', 'Give either --offline or --chain-url.')
  refuseBlank(flags.blockHash, '--block-hash is empty. Give the whole hash, or leave the option away.')
  const operatorKeys = flags.operators === undefined ? undefined : await readText(flags.operators)
  refuseBlank(
    operatorKeys,
    'The file of --operators is empty: it holds no keys. Write it with halo proof operators.',
  )
  const place = flags.offline === true ? null : await findPlace(flags)
  const meant = place?.deployment ?? (await findMeant(flags))
  const known = parseKnown(
    {
      ...(flags.blockHash === undefined ? {} : { blockHash: flags.blockHash }),
      ...(operatorKeys === undefined ? {} : { operatorKeys }),
    },
    file,
    meant && evidenceDeployment(meant),
  )
  if (place === null) return { facts: known, isChainAsked: false }
  // Only now, as it takes long to load.
  const { askChain } = await import('./ask-chain.ts')
  // Whoever gives keys or a hash trusts them more than this chain's node, which says nothing of that list then.
  const { operatorsUntilSec, ...asked } = await askChain(file, place)
  const isComplete = known.operators === undefined && operatorsUntilSec !== undefined
  return {
    facts: { ...asked, ...known, ...(isComplete ? { operatorsUntilSec } : {}) },
    isChainAsked: true,
  }
}

/** An empty text is no knowledge, though somebody meant to give some. */
function refuseBlank(text: string | undefined, message: string): void {
  if (text?.trim() === '') throw new VerifierError('KNOWN_INVALID', message)
}

/** The contracts that are meant where no chain is asked; null when nobody said. */
async function findMeant({ network, data }: FactFlags): Promise<Deployment | null> {
  if (network !== undefined) return readNetwork(network)
  if (data === undefined) return null
  const { loadClientConfig } = await import('@halo/node')
  return (await loadClientConfig(data)).deployment
}

/** Contracts as bundles name them. @throws CliError `USAGE` for a chain whose id no bundle can hold */
export function evidenceDeployment({ chainId, consent, escrow, anchor }: Deployment): EvidenceDeployment {
  if (chainId > BigInt(Number.MAX_SAFE_INTEGER))
    throw new CliError('USAGE', 'Proofs can be made for chains with an id below 2^53 only.')
  return { chainId: Number(chainId), consent, escrow, anchor }
}

/** The chain that the options mean, or that a data directory on this machine is set up for; null when there is none. */
export async function findPlace(flags: FactFlags): Promise<ChainPlace | null> {
  if (flags.chainUrl !== undefined) {
    if (flags.network === undefined)
      throw new CliError(
        'USAGE',
        'With --chain-url also give --network, the file with the contract addresses.',
      )
    return { chainUrl: flags.chainUrl, deployment: await readNetwork(flags.network) }
  }
  if (flags.network !== undefined) return null
  const { loadClientConfig } = await import('@halo/node')
  if (flags.data !== undefined) return loadClientConfig(dataDirOf(flags, 'research'))
  for (const role of ['research', 'wallet'] as const) {
    const config = await loadClientConfig(dataDirOf(flags, role)).catch((error: unknown) => {
      if ((error as { code?: unknown }).code === 'DATA_DIR_MISSING') return null
      throw error
    })
    if (config !== null) return config
  }
  return null
}

/** Contract addresses of a network file. @throws NodeError `CONFIG_INVALID` */
export async function readNetwork(path: string): Promise<Deployment> {
  const { readNetworkFile } = await import('@halo/node')
  return readNetworkFile(path)
}

async function readText(path: string): Promise<string> {
  return new TextDecoder().decode(await readSmallFile(path, MAX_OPERATORS_BYTES))
}
