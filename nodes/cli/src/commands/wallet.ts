import { randomBytes } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { hexOf, NATIVE_COIN, parseDescriptor, parseRequestId, roundCount } from '@halo/consent'
import { isCode } from '@halo/node'
import { recordBytes } from '@halo/records'
import type { Holding, InboxRecord, PendingRequest, Wallet } from '@halo/wallet'
import { createMnemonic, openKeyring } from '@halo/wallet'
import type { Command } from 'commander'
import { formatEther } from 'ethers'
import { parseCoins, parseWhole } from '../amount.ts'
import type { CommonOptions } from '../command.ts'
import { dataDirOf, renderDataOptions, run, withDataDir } from '../command.ts'
import { CliError } from '../errors.ts'
import type { Output } from '../output.ts'
import { formatBytes, formatTime, shorten } from '../output.ts'
import { obtainPassphrase } from '../passphrase.ts'
import { importFile, importNotes, metadataOf, parseDateOrder, parseUnit, summaryOf } from '../record-file.ts'
import type { WalletSession } from '../sessions.ts'
import { openWalletSession } from '../sessions.ts'
import { shutdownSignal } from '../shutdown.ts'
import { initClient, passphraseNotes } from './client-init.ts'

interface InitOptions extends CommonOptions {
  readonly chainUrl: string
  readonly network: string
  readonly wordsFile?: string
  readonly wordsOut?: string
}

interface ImportOptions extends CommonOptions {
  readonly tz?: string
  readonly unit?: string
  readonly dateOrder?: string
}

interface PublishOptions extends CommonOptions {
  readonly price: string
  readonly terms: string
  readonly dataShards: string
  readonly parityShards: string
  readonly threshold: string
}

/** `halo wallet …` for patients. */
export function addWalletCommands(program: Command): void {
  const wallet = program.command('wallet').description('keep, publish and share your records')
  withDataDir(wallet.command('init'), 'wallet')
    .description('make a wallet, or restore its keys from recovery words')
    .requiredOption('--chain-url <url>', 'JSON-RPC of a chain node')
    .requiredOption('--network <file>', 'contract addresses, a file as in deploy/networks')
    .option('--words-file <file>', 'restore the keys from the recovery words in this file')
    .option('--words-out <file>', 'write new recovery words to this file, mode 0600, instead of showing them')
    .action(run<InitOptions>(initWallet))
  withDataDir(wallet.command('import'), 'wallet')
    .description('read a glucose export (Dexcom Clarity, LibreView, or id,time,gl) into the wallet')
    .argument('<file>', 'CSV file')
    .option(
      '--tz <zone>',
      'zone of times without an offset, such as Europe/Rome or +01:00 (default: this machine’s)',
    )
    .option('--unit <unit>', 'mg/dL or mmol/L, where the file does not say')
    .option('--date-order <order>', 'dmy or mdy, where every date can be read both ways')
    .action(run<ImportOptions>(importRecord))
  withDataDir(wallet.command('publish'), 'wallet')
    .description('seal an imported record, place it on the Halo and offer it')
    .argument('[record]', 'id that import printed (default: the only one that waits)')
    .option('--price <coins>', 'what a researcher pays for one copy', '0')
    .option('--terms <text>', 'what you allow, in plain words', 'Health research; no attempt to identify me.')
    .option('--data-shards <n>', 'shards needed to rebuild', '3')
    .option('--parity-shards <n>', 'shards that may be lost', '2')
    .option('--threshold <k>', 'key shares needed to open', '3')
    .action(run<PublishOptions>(publish))
  withDataDir(wallet.command('list'), 'wallet')
    .description('show what is in the wallet: imported and published records')
    .action(run(listRecords))
  withDataDir(wallet.command('requests'), 'wallet')
    .description('show who asks for what')
    .action(run(showRequests))
  for (const [name, description] of ANSWERS) {
    withDataDir(wallet.command(name), 'wallet')
      .description(description)
      .argument('<request>', 'id that requests printed')
      .action(run((options, output, args) => answer(name, options, output, args)))
  }
  withDataDir(wallet.command('log'), 'wallet')
    .description('show who asked, what you answered and what was delivered')
    .action(run(showLog))
}

const ANSWERS = [
  ['approve', 'allow a request'],
  ['decline', 'refuse a request; the researcher is told and refunded'],
  ['withdraw', 'take a consent back; peers stop at once'],
] as const

async function initWallet(options: InitOptions, output: Output): Promise<undefined> {
  const dataDir = dataDirOf(options, 'wallet')
  const words = options.wordsFile === undefined ? createMnemonic() : await readWords(options.wordsFile)
  openKeyring(words)
  const isShown = options.wordsFile === undefined && options.wordsOut === undefined
  if (isShown && process.stdout.isTTY !== true)
    throw new CliError(
      'USAGE',
      'The recovery words are shown on a terminal only. Name a file for them with --words-out.',
    )
  const setup = {
    dataDir,
    chainUrl: options.chainUrl,
    network: options.network,
    passphraseFile: options.passphraseFile,
  }
  const secrets = { mnemonic: words, storeKey: hexOf(randomBytes(32)) }
  const origin =
    options.wordsOut === undefined
      ? await initClient(setup, secrets)
      : await withWordsIn(options.wordsOut, words, () => initClient(setup, secrets))
  output.result({ dataDir }, [
    `Your wallet is in ${dataDir}.`,
    ...passphraseNotes(origin),
    ...(isShown ? ['Write these words down and keep them apart; they restore your keys:', `  ${words}`] : []),
    `Next: halo wallet import FILE${renderDataOptions(options)}`,
  ])
  return undefined
}

/**
 * The words are on disk before the wallet is: a wallet whose words nobody has cannot be restored.
 * @throws CliError `FILE_UNREADABLE`; `FILE_EXISTS`, as the file may hold another wallet's words
 */
async function withWordsIn<Result>(file: string, words: string, act: () => Promise<Result>): Promise<Result> {
  await writeFile(file, `${words}\n`, { flag: 'wx', mode: 0o600, flush: true }).catch((cause: unknown) => {
    const isThere = isCode(cause, 'EEXIST')
    const what = isThere ? 'exists already and is not written over' : 'cannot be written'
    throw new CliError(
      isThere ? 'FILE_EXISTS' : 'FILE_UNREADABLE',
      `The file ${file} ${what}. Choose another with --words-out.`,
      {
        cause,
      },
    )
  })
  try {
    return await act()
  } catch (error) {
    await rm(file, { force: true })
    throw error
  }
}

async function readWords(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CliError('FILE_UNREADABLE', `The file ${file} cannot be read. Check its name and rights.`, {
      cause,
    })
  })
}

/** Opens the wallet, acts, closes it. */
async function withWallet<Result>(
  options: CommonOptions,
  act: (session: WalletSession) => Promise<Result>,
): Promise<Result> {
  const dataDir = dataDirOf(options, 'wallet')
  await using session = await openWalletSession(
    dataDir,
    await obtainPassphrase(dataDir, options.passphraseFile),
  )
  return await act(session)
}

async function importRecord(
  options: ImportOptions,
  output: Output,
  [file = '']: readonly string[],
): Promise<undefined> {
  const imported = await importFile(
    file,
    {
      timeZone: options.tz,
      unit: parseUnit(options.unit),
      dateOrder: parseDateOrder(options.dateOrder),
      signal: shutdownSignal(),
    },
    output,
  )
  const bytes = await recordBytes(imported.record)
  const { record, isNew } = await withWallet(options, ({ wallet }) =>
    wallet.keep(bytes, summaryOf(imported), metadataOf(imported)),
  )
  const { readings } = imported.record.metadata
  output.result({ record: record.id, isNew, readings, sizeBytes: bytes.length, report: imported.report }, [
    isNew
      ? `Imported ${readings} readings as record ${record.id}.`
      : `Record ${record.id} was imported before.`,
    ...importNotes(imported).map((note) => `  ${note}`),
    `Next: halo wallet publish ${record.id} --price COINS${renderDataOptions(options)}`,
  ])
  return undefined
}

async function publish(options: PublishOptions, output: Output, [id]: readonly string[]): Promise<undefined> {
  const price = parseCoins(options.price, '--price')
  const dataShards = parseWhole(options.dataShards, '--data-shards', 1, 100)
  const parityShards = parseWhole(options.parityShards, '--parity-shards', 1, 100)
  // As many key shares are made as shards.
  const threshold = parseWhole(options.threshold, '--threshold', 2, dataShards + parityShards)
  const sharding = { dataShards, parityShards, threshold }
  await withWallet(options, async ({ wallet }) => {
    const record = await chooseRecord(wallet, id)
    const { kind, format, readings, days } = record.summary
    const published = await wallet.publishKept(record.id, {
      descriptor: {
        kind,
        format,
        readingsAbout: roundCount(readings),
        days,
        price,
        currency: NATIVE_COIN,
        terms: options.terms,
      },
      ...sharding,
      onProgress: output.progress,
      signal: shutdownSignal(),
    })
    output.progressDone()
    const { holding, sealedBytes, shards, peers, threshold, liars, steps } = published
    output.result({ dataset: holding.dataset, sealedBytes, shards, peers, threshold, liars, steps }, [
      `Published as data set ${holding.dataset}.`,
      `${formatBytes(sealedBytes)} sealed on this device, ${shards} shards on ${peers} peers; ${threshold} of them must agree to open it.`,
      'The list of where the pieces are stays in this wallet.',
      ...liars.map((peerId) => `! Peer ${peerId} gave a receipt that does not hold. Tell its operator.`),
      `Next: halo wallet requests${renderDataOptions(options)}`,
    ])
  })
  return undefined
}

async function chooseRecord(wallet: Wallet, id: string | undefined): Promise<InboxRecord> {
  const waiting = await wallet.inbox()
  const chosen =
    id === undefined && waiting.length === 1 ? waiting[0] : waiting.find((record) => record.id === id)
  if (chosen !== undefined) return chosen
  const what =
    waiting.length === 0
      ? 'No record waits in this wallet: import a file first.'
      : `Name one of: ${waiting.map((record) => record.id).join(', ')}.`
  throw new CliError('USAGE', what)
}

async function listRecords(options: CommonOptions, output: Output): Promise<undefined> {
  const { waiting, published } = await withWallet(options, async ({ wallet }) => ({
    waiting: await wallet.inbox(),
    published: (await wallet.holdings()).map(describeHolding),
  }))
  output.result(
    { waiting: waiting.map(({ id, summary, sizeBytes }) => ({ id, ...summary, sizeBytes })), published },
    [
      ...waiting.map(
        (record) =>
          `waiting    ${record.id}  ${record.summary.readings} readings, ${formatBytes(record.sizeBytes)}`,
      ),
      ...published.map(
        (holding) =>
          `published  ${holding.dataset}  about ${holding.readingsAbout} readings, ${holding.price} coins`,
      ),
      ...(waiting.length + published.length === 0
        ? ['Nothing yet. Import a file: halo wallet import FILE']
        : []),
    ],
  )
  return undefined
}

function describeHolding(holding: Holding): {
  dataset: string
  readingsAbout: number
  price: string
  publishedAtSec: number
} {
  const { readingsAbout, price } = parseDescriptor(holding.descriptor)
  return {
    dataset: holding.dataset,
    readingsAbout,
    price: formatEther(price),
    publishedAtSec: holding.publishedAtSec,
  }
}

async function showRequests(options: CommonOptions, output: Output): Promise<undefined> {
  const requests = await withWallet(options, ({ wallet }) => wallet.requests())
  output.result(
    { requests },
    requests.length === 0 ? ['Nobody asks for anything.'] : requests.flatMap(describeRequest),
  )
  return undefined
}

/** A request as a patient reads it before answering. */
function describeRequest(request: PendingRequest): readonly string[] {
  return [
    `Request ${request.id}`,
    `  from     ${request.terms.organisation} (as they call themselves; account ${request.request.researcher})`,
    `  purpose  ${request.terms.purpose}: ${request.terms.project}`,
    `  for      data set ${shorten(request.request.dataset)}`,
    `  pays     ${request.price}${request.isBelowAsk ? ', LESS than you ask' : ''}`,
    `  answer   by ${formatTime(request.answerBySec)}; no answer means no`,
    `  you sign "${request.statement}"`,
  ]
}

async function answer(
  kind: (typeof ANSWERS)[number][0],
  options: CommonOptions,
  output: Output,
  [request = '']: readonly string[],
): Promise<undefined> {
  const id = parseRequestId(request)
  const answered = await withWallet(options, ({ wallet }) => wallet[kind](id))
  const done = { approve: 'Approved', decline: 'Declined', withdraw: 'Withdrawn' }[kind]
  output.result(answered, [`${done}. ${answered.peers} peers have your answer, and it is on the chain.`])
  return undefined
}

async function showLog(options: CommonOptions, output: Output): Promise<undefined> {
  const log = await withWallet(options, ({ wallet }) => wallet.log())
  output.result(
    { log },
    log.length === 0
      ? ['Nothing has happened yet.']
      : [...log.map(describeLogEntry), 'Whole ids: halo wallet list'],
  )
  return undefined
}

/** A line of the patient's access log. */
export function describeLogEntry(entry: Awaited<ReturnType<Wallet['log']>>[number]): string {
  const who = entry.organisation === null ? '' : `  ${entry.organisation}`
  return `${formatTime(entry.atSec)}  ${entry.event.padEnd(9)}  data set ${shorten(entry.dataset)}${who}`
}
