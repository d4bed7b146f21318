import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openLedger } from '@halo/chain'
import { hexOf, parseDatasetId, parseRequestId } from '@halo/consent'
import { loadClientConfig } from '@halo/node'
import type { Offer, RequestState } from '@halo/research'
import type { Command } from 'commander'
import { formatEther, Wallet as Signer } from 'ethers'
import { parseCoins, parseDuration, parseWhole } from '../amount.ts'
import type { CommonOptions } from '../command.ts'
import { dataDirOf, renderDataOptions, run, withDataDir } from '../command.ts'
import { DELIVERY_FILES, openDeliveryDir, verifyDelivery } from '../delivery-dir.ts'
import { CliError } from '../errors.ts'
import { EXIT } from '../exit-code.ts'
import { describeGlucose, viewGlucose } from '../glucose-view.ts'
import { openOutDir } from '../out-dir.ts'
import type { Output } from '../output.ts'
import { formatTime } from '../output.ts'
import { obtainPassphrase } from '../passphrase.ts'
import type { ResearchSession } from '../sessions.ts'
import { openResearchSession } from '../sessions.ts'
import { shutdownSignal } from '../shutdown.ts'
import { initClient, passphraseNotes } from './client-init.ts'

interface InitOptions extends CommonOptions {
  readonly chainUrl: string
  readonly network: string
  readonly keyFile?: string
}

interface SearchOptions extends CommonOptions {
  readonly kind?: string
  readonly maxPrice?: string
}

interface RequestOptions extends CommonOptions {
  readonly organisation: string
  readonly project: string
  readonly purpose: string
  readonly price?: string
  readonly relayFee: string
  readonly answerWithin: string
  readonly accessFor: string
}

interface CollectOptions extends CommonOptions {
  readonly out: string
  readonly force?: boolean
  readonly maxMib: string
  readonly confirm: boolean
}

/** `halo research …` for researchers. */
export function addResearchCommands(program: Command): void {
  const research = program.command('research').description('find, request, collect and verify data')
  withDataDir(research.command('init'), 'research')
    .description('make a researcher’s account')
    .requiredOption('--chain-url <url>', 'JSON-RPC of a chain node')
    .requiredOption('--network <file>', 'contract addresses, a file as in deploy/networks')
    .option('--key-file <file>', 'use the account whose private key (hex) is in this file')
    .action(run<InitOptions>(initResearch))
  withDataDir(research.command('search'), 'research')
    .description('show data sets on offer')
    .option('--kind <kind>', 'only this kind, such as glucose-cgm')
    .option('--max-price <coins>', 'only up to this price')
    .action(run<SearchOptions>(search))
  withDataDir(research.command('request'), 'research')
    .description('ask for a data set and pay into escrow')
    .argument('<dataset>', 'id that search printed')
    .requiredOption('--organisation <name>', 'who asks; the patient reads it')
    .requiredOption('--project <text>', 'what for, in plain words; the patient reads it')
    .option('--purpose <code>', 'HL7 ActReason code', 'HRESCH')
    .option('--price <coins>', 'what you offer (default: what the patient asks)')
    .option('--relay-fee <coins>', 'for the peer that relays the answer', '0.001')
    .option('--answer-within <duration>', 'how long the patient may take', '7d')
    .option('--access-for <duration>', 'how long you may collect after consent', '7d')
    .action(run<RequestOptions>(request))
  withDataDir(research.command('status'), 'research')
    .description('show how your requests stand')
    .argument('[request]', 'only this one')
    .action(run(showStatus))
  withDataDir(research.command('collect'), 'research')
    .description('collect, open and verify a record, and confirm its delivery')
    .argument('<request>', 'id that request printed')
    .requiredOption('--out <dir>', `where ${DELIVERY_FILES.record} and ${DELIVERY_FILES.manifest} go`)
    .option('--force', 'replace an earlier delivery there')
    .option('--max-mib <n>', 'longest record to take, in MiB', '4096')
    .option('--no-confirm', 'do not confirm delivery on chain yet')
    .action(run<CollectOptions>(collect))
  withDataDir(research.command('refund'), 'research')
    .description('take back what is due after refusal, expiry or missed delivery')
    .argument('<request>', 'id that request printed')
    .action(run(refund))
  withDataDir(research.command('verify'), 'research')
    .description('check a collected record again, against its manifest and the chain')
    .argument('<dir>', 'directory that collect wrote')
    .option('--offline', 'do not ask the chain')
    .action(run<CommonOptions & { readonly offline?: boolean }>(verify))
}

async function initResearch(options: InitOptions, output: Output): Promise<undefined> {
  const dataDir = dataDirOf(options, 'research')
  const accountKey = options.keyFile === undefined ? hexOf(randomBytes(32)) : await readKey(options.keyFile)
  const setup = {
    dataDir,
    chainUrl: options.chainUrl,
    network: options.network,
    passphraseFile: options.passphraseFile,
  }
  const origin = await initClient(setup, { accountKey, storeKey: hexOf(randomBytes(32)) })
  const account = new Signer(accountKey).address
  output.result({ dataDir, account }, [
    `Your account is ${account}; fund it to pay for requests.`,
    ...passphraseNotes(origin),
    `Next: halo research search${renderDataOptions(options)}`,
  ])
  return undefined
}

async function readKey(file: string): Promise<string> {
  try {
    const key = (await readFile(file, 'utf8')).trim()
    return new Signer(key).privateKey
  } catch {
    // Neither the key nor the library's error, which may quote it, is passed on.
    throw new CliError('FILE_UNREADABLE', `The file ${file} does not hold a private key in hex.`)
  }
}

async function withResearch<Result>(
  options: CommonOptions,
  act: (session: ResearchSession) => Promise<Result>,
): Promise<Result> {
  const dataDir = dataDirOf(options, 'research')
  await using session = await openResearchSession(
    dataDir,
    await obtainPassphrase(dataDir, options.passphraseFile),
  )
  return await act(session)
}

async function search(options: SearchOptions, output: Output): Promise<undefined> {
  const maxPrice = options.maxPrice === undefined ? undefined : parseCoins(options.maxPrice, '--max-price')
  const wanted = {
    ...(options.kind === undefined ? {} : { kind: options.kind }),
    ...(maxPrice === undefined ? {} : { maxPrice }),
  }
  const offers = await withResearch(options, ({ research }) => research.search(wanted))
  output.result(
    { offers },
    offers.length === 0 ? ['Nothing is on offer that fits.'] : offers.flatMap(describeOffer),
  )
  return undefined
}

/** A data set on offer, in lines. */
function describeOffer({ dataset, descriptor }: Offer): readonly string[] {
  return [
    `Data set ${dataset}`,
    `  ${descriptor.kind} (${descriptor.format}), about ${descriptor.readingsAbout} readings over ${descriptor.days} days`,
    `  ${formatEther(descriptor.price)} coins; ${descriptor.terms}`,
  ]
}

async function request(
  options: RequestOptions,
  output: Output,
  [dataset = '']: readonly string[],
): Promise<undefined> {
  const asking = {
    dataset: parseDatasetId(dataset),
    terms: { purpose: options.purpose, organisation: options.organisation, project: options.project },
    ...(options.price === undefined ? {} : { price: parseCoins(options.price, '--price') }),
    relayFee: parseCoins(options.relayFee, '--relay-fee'),
    answerWithinSec: parseDuration(options.answerWithin, '--answer-within'),
    accessForSec: parseDuration(options.accessFor, '--access-for'),
  }
  const made = await withResearch(options, ({ research }) => research.request(asking))
  const { id, request: asked } = made.request
  output.result({ request: id, tx: made.tx, peers: made.peers, answerBySec: asked.answerBySec }, [
    `Request ${id}`,
    `Paid into escrow; ${made.peers} peers hold it for the patient, who may answer until ${formatTime(asked.answerBySec)}.`,
    `Next: halo research status ${id}${renderDataOptions(options)}`,
  ])
  return undefined
}

async function showStatus(
  options: CommonOptions,
  output: Output,
  [only]: readonly string[],
): Promise<undefined> {
  const states = await withResearch(options, async ({ research }) => {
    const ids = only === undefined ? (await research.requests()).map(({ id }) => id) : [parseRequestId(only)]
    return Promise.all(ids.map((id) => research.status(id)))
  })
  const lines = states.flatMap((state) => describeState(state, renderDataOptions(options)))
  output.result({ requests: states }, lines.length === 0 ? ['You have made no request yet.'] : lines)
  return undefined
}

/**
 * How a request stands, and what can be done now, in lines.
 * @param place options that name the data directory
 */
function describeState(state: RequestState, place: string): readonly string[] {
  const { id, reason, escrow, explanation } = state
  const until = `until ${formatTime(state.accessUntilSec)}`
  const ready =
    escrow === 'settled'
      ? `delivered: The price is credited to the patient. You may collect it again ${until}.`
      : `ready: The patient approved. Collect it ${until}.`
  return [
    `Request ${id}`,
    `  ${reason === null ? ready : `${reason}: ${explanation}`}`,
    ...(reason === null && escrow === 'open'
      ? [`  Next: halo research collect ${id} --out DIR${place}`]
      : []),
    ...(state.isRefundDue ? [`  A refund is due. Next: halo research refund ${id}${place}`] : []),
  ]
}

async function collect(
  options: CollectOptions,
  output: Output,
  [id = '']: readonly string[],
): Promise<undefined> {
  // Before a directory is made: from here on Ctrl-C has it removed.
  const signal = shutdownSignal()
  const requestId = parseRequestId(id)
  const maxRecordBytes = parseWhole(options.maxMib, '--max-mib', 1, 2 ** 32) * 2 ** 20
  await using out = await openOutDir(options.out, Object.values(DELIVERY_FILES), {
    force: options.force === true,
  })
  const dir = openDeliveryDir(out.staging)
  const { collected, tx } = await withResearch(options, async ({ research }) => {
    signal.throwIfAborted()
    const found = await research.collect(requestId, dir.openSink, {
      maxRecordBytes,
      onProgress: output.progress,
      signal,
    })
    await dir.writeManifest(requestId, found)
    await out.commit()
    const state = await research.status(requestId)
    const isOpen = options.confirm && state.escrow === 'open'
    return { collected: found, tx: isOpen ? await research.confirm(requestId) : null }
  })
  const record = join(options.out, DELIVERY_FILES.record)
  const view = await viewGlucose(record)
  const { liars, damaged, releasedBy, verified, provenance } = collected
  output.result({ record, verified, provenance, releasedBy, liars, damaged, settled: tx, ...view }, [
    `Delivered to ${record}; hash, signature and anchor verify.`,
    ...describeGlucose(view).map((line) => `  ${line}`),
    ...liars.map(
      (peerId) => `  ! Peer ${peerId} gave something that is not what the patient signed. Tell its operator.`,
    ),
    ...(provenance === false
      ? [
          '  ! The provenance sealed with it is not the patient’s for these bytes. Do not rely on where it says they come from.',
        ]
      : []),
    ...damaged.map((peerId) => `  ! Peer ${peerId} says that its key share is damaged. Tell its operator.`),
    ...(tx === null ? [] : ['The price is credited to the patient.']),
  ])
  return undefined
}

async function refund(
  options: CommonOptions,
  output: Output,
  [id = '']: readonly string[],
): Promise<undefined> {
  const refunded = await withResearch(options, ({ research }) => research.refund(parseRequestId(id)))
  output.result(refunded, [
    refunded.payout === null ? 'Nothing was due any more.' : 'Refunded to your account.',
  ])
  return undefined
}

async function verify(
  options: CommonOptions & { readonly offline?: boolean },
  output: Output,
  [dir = '']: readonly string[],
): Promise<number> {
  const { isGood, ...verification } = await withChain(options, (ledger) => verifyDelivery(dir, ledger))
  const { hash, signature, anchor, provenance } = verification
  output.result({ ok: isGood, ...verification }, [
    `${hash ? 'ok    ' : 'WRONG '} hash: the bytes are ${hash ? '' : 'NOT '}those the patient sealed`,
    `${signature ? 'ok    ' : 'WRONG '} signature of ${verification.patient}`,
    anchor === null
      ? 'not asked: anchor'
      : `${anchor ? 'ok    ' : 'WRONG '} anchor${verification.anchoredAtSec === null ? '' : ` of ${formatTime(verification.anchoredAtSec)}`}`,
    provenance === null
      ? 'none:  provenance'
      : `${provenance ? 'ok    ' : 'WRONG '} provenance: the patient signed where these bytes come from`,
  ])
  return isGood ? EXIT.OK : EXIT.UNVERIFIED
}

async function withChain<Result>(
  options: CommonOptions & { readonly offline?: boolean },
  act: (ledger: Awaited<ReturnType<typeof openLedger>> | null) => Promise<Result>,
): Promise<Result> {
  if (options.offline === true) return act(null)
  const config = await loadClientConfig(dataDirOf(options, 'research'))
  await using ledger = await openLedger({ rpcUrl: config.chainUrl, deployment: config.deployment })
  return await act(ledger)
}
