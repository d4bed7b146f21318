import type { EvidenceDeployment, EvidenceFacts, Hex, KnownOperator, LogId } from '@halo/proofs'
import { checksumAddress, parseLogOrigin, parseVerifierKey } from '@halo/proofs'
import { VerifierError } from './errors.ts'
import type { ProofFile } from './proof-file.ts'

/** What a person knows from elsewhere, as they write it down. */
export interface KnownTexts {
  /** Hash of the block that the proof's anchor leads to, from a source they trust. */
  readonly blockHash?: string
  /**
   * Keys of operators' logs in the form of C2SP notes, one a line; empty lines and `#` lines do not count.
   * Their names say for which chain and contract they are.
   */
  readonly operatorKeys?: string
}

/** More operators than any Halo has. */
const MAX_OPERATORS = 255

/** Who a key is of, and where roots of that log are anchored. */
interface NamedOperator {
  readonly log: LogId
  readonly known: KnownOperator
}

/**
 * What is known, for `checkProof`. Blank texts say nothing.
 * @param file that is to be checked: keys say for which chain and contract of its Halo they are
 * @throws VerifierError `KNOWN_INVALID`
 */
export function parseKnown(texts: KnownTexts, file: ProofFile): EvidenceFacts {
  const { blockHash = '', operatorKeys = '' } = texts
  const lines = operatorKeys.split(/\r?\n/).map((line) => line.trim())
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#'))
  if (keys.length > MAX_OPERATORS) throw invalid(`These are more than ${MAX_OPERATORS} keys of operators.`)
  const operators = keys.map(parseOperator)
  const deployment = deploymentOf(operators, file)
  return {
    ...(blockHash.trim() === '' ? {} : { blockHash: parseBlockHash(blockHash.trim()) }),
    ...(operators.length === 0 ? {} : { operators: operators.map(({ known }) => known) }),
    ...(deployment === null ? {} : { deployment }),
  }
}

/** Keys name chain and anchor; the other contracts are taken as the file has them. */
function deploymentOf(operators: readonly NamedOperator[], file: ProofFile): EvidenceDeployment | null {
  const home = operators[0]?.log
  if (home === undefined || file.kind === 'receipt') return null
  if (operators.some(({ log }) => log.chainId !== home.chainId || log.contract !== home.contract))
    throw invalid('The keys are of operators of several Halos. Give those of the one that is meant.')
  const { chainId, contract } = home
  return { ...file.evidence.deployment, chainId, anchor: checksumAddress(contract) }
}

function parseBlockHash(text: string): Hex {
  if (!/^0x[0-9a-f]{64}$/i.test(text))
    throw invalid('The block hash must be 0x and 64 hex digits. Copy all of it.')
  return text.toLowerCase() as Hex
}

function parseOperator(line: string, at: number): NamedOperator {
  const wanted = `Key ${at + 1} of the operators must be a line such as halo/eip155:1/0x…/0x…+1234abcd+A… Copy all of it.`
  try {
    const { name, publicKey, algorithm } = parseVerifierKey(line)
    const log = parseLogOrigin(name)
    if (log === null || algorithm !== 'ed25519') throw invalid(wanted)
    return { log, known: { address: checksumAddress(log.operator), logKey: publicKey } }
  } catch (cause) {
    throw invalid(wanted, cause)
  }
}

function invalid(message: string, cause?: unknown): VerifierError {
  return new VerifierError('KNOWN_INVALID', message, { cause })
}
