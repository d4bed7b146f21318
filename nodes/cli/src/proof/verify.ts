import { basename } from 'node:path'
import type { EvidenceFacts, Hex } from '@halo/proofs'
import type { CheckedFile, CheckedProof, PartFinding, ProofFile } from '@halo/verifier'
import { basisAsJson, checkProof, hashInPassing, hashRecordFile, VERDICT_TITLES } from '@halo/verifier'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-code.ts'
import type { Output } from '../output.ts'
import { openInput, withProgress } from '../records/input.ts'
import { quotePath, renderOptions } from '../shell-words.ts'
import { VERSION } from '../version.ts'
import type { FactFlags } from './facts.ts'
import { gatherFacts } from './facts.ts'
import { readProof } from './read-proof.ts'

/** Options of `verify`. */
export interface VerifyProofFlags extends FactFlags {
  readonly record?: string
}

/** `halo proof verify`: says of each part of a proof file whether it holds, and by exit code whether it is enough. */
export async function verifyProof(
  flags: VerifyProofFlags,
  output: Output,
  [path = '']: readonly string[],
): Promise<number> {
  if (path === '-' && flags.record === '-')
    throw new CliError('USAGE', 'Only one of proof and record can come from standard input.')
  const { file, sha256 } = await readProof(path)
  const compared = flags.record === undefined ? null : await readRecord(file, flags.record, output)
  const { facts, isChainAsked } = await gatherFacts(file, flags)
  const checked = checkProof(file, {
    ...facts,
    ...(compared === null ? {} : { recordCommitment: compared.recordCommitment }),
  })
  const checkedWith = basisAsJson({
    proof: { name: basename(path), sha256 },
    record: compared?.record ?? null,
    facts,
    checkedAtMs: Date.now(),
    checker: `halo ${VERSION}`,
  })
  const isGood = checked.verdict === 'verified'
  output.result({ ok: isGood, kind: file.kind, isChainAsked, checkedWith, ...checked }, [
    ...checked.parts.map(describePart),
    `${VERDICT_TITLES[checked.verdict]}: ${checked.because}`,
    ...adviseNext(checked, file, path, { facts, isChainAsked, flags }),
  ])
  return isGood ? EXIT.OK : EXIT.UNVERIFIED
}

const REMEDY = 'halo proof make --from-delivery DIR --with-record-opening.'

/** A record that was compared. */
interface ComparedRecord {
  readonly recordCommitment: Hex
  readonly record: CheckedFile
}

/** The commitment of the record's own file, for which the proof has to hold salt and metadata. */
async function readRecord(file: ProofFile, path: string, output: Output): Promise<ComparedRecord> {
  const opening = file.kind === 'bundle' ? file.evidence.record?.opening : undefined
  if (opening === undefined)
    throw new CliError(
      'USAGE',
      `This proof does not hold what a record can be compared with, which no receipt and no proof made of a wallet does. Who collected the record can make one that does: ${REMEDY}`,
    )
  const input = await openInput(path, 'compare', output)
  const { pieces, digest } = hashInPassing(withProgress(input))
  const recordCommitment = await hashRecordFile(pieces, opening)
  output.progressDone()
  return { recordCommitment, record: { name: basename(path), sha256: digest() } }
}

function describePart({ part, verdict, because }: PartFinding): string {
  return `${verdict.padEnd(8)}  ${part}: ${because}`
}

/** What a check was made with. */
interface CheckMeans {
  readonly facts: EvidenceFacts
  readonly isChainAsked: boolean
  readonly flags: VerifyProofFlags
}

/** What would settle what is missing, as commands that ask for no less than this one did. */
function adviseNext(
  checked: CheckedProof,
  file: ProofFile,
  path: string,
  means: CheckMeans,
): readonly string[] {
  if (checked.verdict === 'broken') return []
  const { flags } = means
  const mayCompare = file.kind === 'bundle' && file.evidence.record?.opening !== undefined
  const isCompared = checked.parts.some(({ reason }) => reason === 'RECORD_MATCHES')
  return [
    ...adviseSource(checked, file, means).map((advice) => nextCommand(path, flags, advice)),
    ...(mayCompare && !isCompared
      ? [nextCommand(path, flags, { adds: ['--record FILE'], purpose: 'to compare the record itself' })]
      : []),
  ]
}

/** Options that a command lacks, and what they are for. */
interface Advice {
  readonly adds: readonly string[]
  readonly purpose: string
}

/** The same command with more options, as the shell takes it. */
export function nextCommand(path: string, flags: VerifyProofFlags, { adds, purpose }: Advice): string {
  const isAdded = adds.includes('--offline')
  const options = `${givenOptions(flags)}${flags.offline === true && !isAdded ? ' --offline' : ''}`
  return `Next: halo proof verify ${path === '-' ? 'FILE' : quotePath(path)}${options} ${adds.join(' ')}, ${purpose}`
}

/** The options that say what is checked against, as they were given. */
function givenOptions({ data, network, operators, blockHash, record, chainUrl }: VerifyProofFlags): string {
  return renderOptions({
    '--data': data,
    '--chain-url': chainUrl,
    '--network': network,
    '--operators': operators,
    '--block-hash': blockHash,
    '--record': record,
  })
}

/** Whom to ask for what is not confirmed; the chain not where somebody wants no network. */
function adviseSource(
  { parts }: CheckedProof,
  file: ProofFile,
  { facts, isChainAsked, flags }: CheckMeans,
): readonly Advice[] {
  const isUnsettled = parts.some(
    ({ verdict, reason }) => verdict === 'missing' && !reason.endsWith('_ABSENT'),
  )
  const isHaloWanted = file.kind === 'bundle' && facts.deployment === undefined
  if (!isUnsettled)
    return isHaloWanted ? [{ adds: ['--network FILE'], purpose: 'to say which Halo is meant' }] : []
  if (isChainAsked) return []
  const leadsToBlock = file.kind === 'bundle' && file.evidence.anchor !== undefined
  const missing = [
    ...(facts.operators === undefined ? ['--operators FILE'] : []),
    ...(isHaloWanted ? ['--network FILE'] : []),
    ...(leadsToBlock && facts.blockHash === undefined ? ['--block-hash HASH'] : []),
  ]
  const network = flags.network === undefined ? ['--network FILE'] : []
  return [
    ...(flags.offline === true
      ? []
      : [{ adds: ['--chain-url URL', ...network], purpose: 'to ask the chain' }]),
    ...(missing.length === 0
      ? []
      : [{ adds: ['--offline', ...missing], purpose: 'with what you have from a source you trust' }]),
  ]
}
