import { join } from 'node:path'
import { openLedger } from '@halo/chain'
import type { Deployment, RequestId } from '@halo/consent'
import { parseDatasetId, parseRequestId } from '@halo/consent'
import type { Evidence } from '@halo/proofs'
import { EVIDENCE_PARTS, encodeEvidence } from '@halo/proofs'
import { dataDirOf } from '../command.ts'
import { DELIVERY_FILES } from '../delivery-dir.ts'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import { formatBytes } from '../output.ts'
import { obtainPassphrase } from '../passphrase.ts'
import { writeOut } from '../records/sink.ts'
import { openWalletSession } from '../sessions.ts'
import { quotePath, renderOptions } from '../shell-words.ts'
import { readOperators } from './ask-chain.ts'
import { readDeliverySource } from './delivery-source.ts'
import type { FactFlags } from './facts.ts'
import { findPlace, readNetwork } from './facts.ts'
import { keepKnownSignatures } from './known-signatures.ts'
import type { ProofSource } from './proof-source.ts'
import { assembleEvidence, nameProof } from './proof-source.ts'
import type { ChainAddition } from './prove-anchor.ts'
import { addChainProof, describeAddition } from './prove-anchor.ts'
import { refuseBroken } from './refuse-broken.ts'
import { readWalletSource } from './wallet-source.ts'

/** Options of `make`. */
export interface MakeFlags extends FactFlags {
  readonly fromDelivery?: string
  readonly dataset?: string
  readonly request?: string
  readonly withRecordOpening?: boolean
  readonly chain?: boolean
  readonly out?: string
  readonly force?: boolean
}

/** What a proof is made of, and for which Halo. */
interface Origin {
  readonly source: ProofSource
  readonly deployment: Deployment
  readonly chainUrl: string | null
  /** Options of `verify` that mean the same Halo. */
  readonly told: Readonly<Record<string, string | undefined>>
}

/** `halo proof make`: one file of whatever there is to show of one data set. */
export async function makeProof(flags: MakeFlags, output: Output): Promise<undefined> {
  checkFlags(flags)
  const origin =
    flags.fromDelivery === undefined
      ? await fromWallet(flags, output)
      : await fromDelivery(flags.fromDelivery, flags)
  const { evidence, proven } = await complete(origin, flags)
  const blockHash = proven?.hash ?? null
  refuseBroken(evidence, blockHash)
  const text = encodeEvidence(evidence)
  const out = flags.out ?? nameProof(origin.source)
  await writeOut(out, [text], { force: flags.force === true })
  const parts = EVIDENCE_PARTS.filter((part) => evidence[part] !== undefined)
  const discloses = disclosuresOf(evidence)
  output.result(
    {
      out,
      sizeBytes: Buffer.byteLength(text),
      parts,
      discloses,
      blockHash,
      isFinal: proven?.isFinal ?? null,
    },
    [
      `Wrote ${out} (${formatBytes(Buffer.byteLength(text))}): ${parts.join(', ')}.`,
      ...discloses.map((line) => `  ! ${line}`),
      ...(flags.chain === true ? describeAddition({ evidence, proven }) : []),
      nextCheck(out, evidence, origin, flags),
    ],
  )
  return undefined
}

function checkFlags({ fromDelivery, dataset, request, withRecordOpening, out }: MakeFlags): void {
  if ((fromDelivery === undefined) === (dataset === undefined))
    throw new CliError('USAGE', 'Give either --from-delivery or --dataset.')
  if (out === '-')
    throw new CliError('USAGE', 'A proof goes to a file, which only its owner can read: name it with --out.')
  if (fromDelivery !== undefined && request !== undefined)
    throw new CliError('USAGE', '--request goes with --dataset: a delivery is of one request.')
  if (dataset !== undefined && withRecordOpening === true)
    throw new CliError(
      'USAGE',
      'A wallet keeps no record and nothing to open its commitment with: --with-record-opening goes with --from-delivery, for who collected the record.',
    )
}

async function fromDelivery(dir: string, flags: MakeFlags): Promise<Origin> {
  const source = await readDeliverySource(dir, flags.withRecordOpening === true)
  const place = await findPlace(flags)
  if (place !== null) return { source, ...place, told: tellPlace(flags, flags.data) }
  if (flags.network === undefined)
    throw new CliError(
      'USAGE',
      'Which Halo is it? Give --network, or --data of the researcher who collected it.',
    )
  const told = { '--network': flags.network }
  return { source, deployment: await readNetwork(flags.network), chainUrl: null, told }
}

async function fromWallet(flags: MakeFlags, output: Output): Promise<Origin> {
  const dataset = parseDatasetId(flags.dataset)
  const request: RequestId | null = flags.request === undefined ? null : parseRequestId(flags.request)
  const dataDir = dataDirOf(flags, 'wallet')
  await using session = await openWalletSession(
    dataDir,
    await obtainPassphrase(dataDir, flags.passphraseFile),
  )
  const { deployment } = session.ledger
  const source = await readWalletSource(session.wallet, deployment, { dataset, request }, output)
  const place = await findPlace({ ...flags, data: dataDir })
  return { source, deployment, chainUrl: place?.chainUrl ?? null, told: tellPlace(flags, dataDir) }
}

/** The bundle, with what the chain adds where that is wanted. */
async function complete(
  { source, deployment, chainUrl }: Origin,
  { chain }: MakeFlags,
): Promise<ChainAddition> {
  const evidence = assembleEvidence(source, deployment)
  if (chain !== true) return { evidence, proven: null }
  if (chainUrl === null)
    throw new CliError('USAGE', 'With --chain also give --chain-url, or --data of who is set up for it.')
  await using ledger = await openLedger({ rpcUrl: chainUrl, deployment })
  const { operators } = await readOperators(ledger)
  return await addChainProof(ledger, keepKnownSignatures(evidence, operators))
}

/** The chain that was given, else the directory that knows one. */
function tellPlace({ chainUrl, network }: MakeFlags, data: string | undefined): Origin['told'] {
  return chainUrl === undefined ? { '--data': data } : { '--chain-url': chainUrl, '--network': network }
}

/** The command that checks the file against the same Halo; what it cannot know is written in capitals. */
function nextCheck(out: string, { record }: Evidence, { told }: Origin, { fromDelivery }: MakeFlags): string {
  const mayCompare = record?.opening !== undefined && fromDelivery !== undefined
  const compared = mayCompare ? join(fromDelivery, DELIVERY_FILES.record) : undefined
  const command = `Next: halo proof verify ${quotePath(out)}${renderOptions({ '--record': compared, ...told })}`
  const isChainKnown = told['--network'] === undefined || told['--chain-url'] !== undefined
  return isChainKnown
    ? command
    : `${command} --offline --operators FILE, with the keys of its operators from a source you trust`
}

/** What whoever has the file learns from it. */
function disclosuresOf({ record, inclusion, consent }: Evidence): readonly string[] {
  return [
    ...(inclusion?.salt == null
      ? []
      : ['It holds the salt of the log’s entry: who has it can tell which entry is this record’s.']),
    ...(consent === undefined
      ? []
      : ['It holds who asked for the record, for what price, and what the patient answered.']),
    ...(record?.opening === undefined
      ? []
      : [
          'It holds salt and metadata of the record: who has it can read the metadata and recognise the record.',
        ]),
  ]
}
