import type { EvidenceDeployment, EvidenceFacts, Hex, KnownOperator, LogId } from '@halo/proofs'
import { checksumAddress, parseLogOrigin, parseVerifierKey } from '@halo/proofs'
import { VerifierError } from './errors.ts'
import { parseNetwork } from './network.ts'
import type { ProofFile } from './proof-file.ts'

/** What a person knows from elsewhere, as they write it down. */
export interface KnownTexts {
  /** Hash of the block that the proof's anchor leads to, from a source they trust. */
  readonly blockHash?: string
  /**
   * Keys of operators' logs in the form of C2SP notes, one a line; empty lines and `#` lines do not count.
   * Their names say for which chain and contract they are. A Halo's are as many as it ever admitted.
   */
  readonly operatorKeys?: string
  /** Chain and contracts of the Halo that is meant: the text of a network file. */
  readonly network?: string
}

const NO_KEYS = 'What was given as keys of operators holds no keys. Give what halo proof operators wrote.'

/** Who a key is of, and where roots of that log are anchored. */
interface NamedOperator {
  readonly log: LogId
  readonly known: KnownOperator
}

/**
 * What is known, for `checkProof`. Blank texts say nothing. The contracts are never taken from the file, which
 * anyone can have made for contracts of their own.
 * @param file that is to be checked
 * @param meant contracts of the Halo that is meant, where the caller has read them; else `texts.network` says
 * @throws VerifierError `KNOWN_INVALID`
 */
export function parseKnown(
  texts: KnownTexts,
  file: ProofFile,
  meant: EvidenceDeployment | null = readNetwork(texts),
): EvidenceFacts {
  const { blockHash = '', operatorKeys = '' } = texts
  const named = parseOperators(operatorKeys)
  refuseStrangers(named, meant)
  const deployment = meant ?? contradict(named, file)
  const operators = named.filter(({ log }) => file.kind === 'bundle' || isSameHome(log, file.receipt.log))
  return {
    ...(blockHash.trim() === '' ? {} : { blockHash: parseBlockHash(blockHash.trim()) }),
    ...(named.length === 0 ? {} : { operators: operators.map(({ known }) => known) }),
    ...(deployment === null ? {} : { deployment }),
  }
}

function readNetwork({ network = '' }: KnownTexts): EvidenceDeployment | null {
  return network.trim() === '' ? null : parseNetwork(network)
}

function parseOperators(text: string): readonly NamedOperator[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#'))
  if (keys.length === 0 && text.trim() !== '') throw invalid(NO_KEYS)
  return keys.map(parseOperator)
}

type Home = Pick<LogId, 'chainId' | 'contract'>

function isSameHome(a: Home, b: Home): boolean {
  return a.chainId === b.chainId && a.contract.toLowerCase() === b.contract.toLowerCase()
}

function refuseStrangers(named: readonly NamedOperator[], meant: EvidenceDeployment | null): void {
  const home = named[0]?.log
  if (home === undefined) return
  if (named.some(({ log }) => !isSameHome(log, home)))
    throw invalid('The keys are of operators of several Halos. Give those of the one that is meant.')
  if (meant !== null && !isSameHome(home, { chainId: meant.chainId, contract: meant.anchor }))
    throw invalid('The keys are of operators of another Halo than the network file. Give those of one Halo.')
}

/**
 * Keys name chain and anchor of their Halo, but none of its other contracts: enough to tell that a bundle is of
 * another one, and too little to say that it is of this one.
 */
function contradict(named: readonly NamedOperator[], file: ProofFile): EvidenceDeployment | null {
  const home = named[0]?.log
  if (home === undefined || file.kind === 'receipt') return null
  const { deployment } = file.evidence
  if (isSameHome(home, { chainId: deployment.chainId, contract: deployment.anchor })) return null
  return { ...deployment, chainId: home.chainId, anchor: checksumAddress(home.contract) }
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
