import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { gasOf, transactionsOf } from '@halo/chain'
import { isCode, readPassphrase, writePrivateFile } from '@halo/node'
import type { Command } from 'commander'
import { formatCoins, parseWhole } from '../amount.ts'
import type { CommonOptions } from '../command.ts'
import { run, withJson } from '../command.ts'
import { DELIVERY_FILES } from '../delivery-dir.ts'
import type { LocalHalo } from '../dev/local-halo.ts'
import { startLocalHalo } from '../dev/local-halo.ts'
import { viewPeer } from '../dev/peer-view.ts'
import { type Report, reportOf } from '../dev/report.ts'
import { createSteps } from '../dev/steps.ts'
import { playStory, type Story } from '../dev/story.ts'
import { CliError } from '../errors.ts'
import { describeGlucose } from '../glucose-view.ts'
import { type OutDir, openOutDir } from '../out-dir.ts'
import { jsonSafe, type Output } from '../output.ts'
import { DELIVERY_PROOF, KNOWN_FILES } from '../proof/prove-delivery.ts'
import { assertReadable, assertTimeZone, parseUnit } from '../record-file.ts'
import { openWalletSession } from '../sessions.ts'
import { quoteWord, renderOptions } from '../shell-words.ts'
import { isInterruption, shutdownSignal, untilAborted } from '../shutdown.ts'
import { describeLogEntry } from './wallet.ts'

interface DevOptions extends CommonOptions {
  readonly once?: boolean
  readonly file?: string
  readonly tz?: string
  readonly unit?: string
  readonly out?: string
  readonly force?: boolean
  readonly peers: string
  readonly threshold: string
  readonly decline?: boolean
  readonly kill: string
}

/** Name of the report. */
const REPORT = 'report.json'

/** What a run leaves in its directory. */
const RESULTS: readonly string[] = [
  REPORT,
  DELIVERY_FILES.record,
  DELIVERY_FILES.manifest,
  DELIVERY_PROOF,
  ...Object.values(KNOWN_FILES),
]

/** `halo dev`: a whole Halo on this machine, and one record through it. */
export function addDevCommand(program: Command): void {
  withJson(program.command('dev'))
    .description('run a whole Halo on this machine and take one record from phone to researcher')
    .option('--once', 'stop after the run instead of staying up')
    .option('--file <csv>', 'publish this glucose export instead of 14 made-up days')
    .option('--tz <zone>', 'zone of times without an offset in the file (default: this machine’s)')
    .option('--unit <unit>', 'mg/dL or mmol/L, where the file does not say')
    .option(
      '--out <dir>',
      `keep here: ${REPORT}; of a delivery also ${DELIVERY_FILES.record}, ${DELIVERY_FILES.manifest}, ${DELIVERY_PROOF}, ${Object.values(KNOWN_FILES).join(', ')}`,
    )
    .option('--force', 'with --out: replace files of these names when the run is over')
    .option('--data <dir>', 'keep the Halo’s data here (default: a temporary directory, removed at the end)')
    .option('--peers <n>', 'number of peers', '5')
    .option('--threshold <k>', 'shares and shards needed to open and rebuild', '3')
    .option('--decline', 'let the patient decline')
    .option('--kill <m>', 'stop this many peers between store and collect', '0')
    .action(run<DevOptions>(runDev))
}

async function runDev(options: DevOptions, output: Output): Promise<number> {
  const signal = shutdownSignal()
  if (options.force === true && options.out === undefined)
    throw new CliError('USAGE', '--force goes with --out, whose files it replaces.')
  // What can be refused is refused before anything is started or an earlier result removed.
  const shape = parseShape(options)
  const told = partsOf(options)
  if (told.file !== undefined) await assertReadable(told.file)
  if (told.timeZone !== undefined) await assertTimeZone(told.timeZone)
  await using places = await openPlaces(options)
  const steps = createSteps(output, signal)
  try {
    await using halo = await startLocalHalo({ dataDir: places.dataDir, ...shape, signal }, steps)
    const parts = { ...shape, ...told, outDir: places.out.staging, signal }
    const story = await playStory({ halo, steps, output, options: parts })
    const txs = [
      ...(await anchorTxOf(halo, story)),
      ...(await transactionsOf(halo.ledger, [story.requestId])),
    ]
    const report = reportOf(story, steps.done, txs)
    await writePrivateFile(join(places.out.staging, REPORT), `${JSON.stringify(report, jsonSafe, 2)}\n`)
    const replaced = await places.out.commit()
    if (replaced.length > 0) output.note(`   (replaced in ${places.outDir}: ${replaced.join(', ')})`)
    await showEnd(halo, story, report, places, output)
    if (options.once !== true) await stayUp(halo, story, places, output, signal)
    return story.ending.exitCode
  } catch (error) {
    if (!isInterruption(error, signal)) throw error
    throw new DOMException('Interrupted; everything was stopped.', 'AbortError')
  }
}

/** The transaction that brought the root on chain which covers the record. */
async function anchorTxOf({ ledger }: LocalHalo, { published }: Story): Promise<Report['txs']> {
  const { anchorTx } = published
  if (anchorTx === null) return []
  return [{ name: 'anchor', gas: await gasOf(ledger, anchorTx.hash), hash: anchorTx.hash }]
}

function partsOf(
  options: DevOptions,
): Pick<Parameters<typeof playStory>[0]['options'], 'file' | 'timeZone' | 'unit' | 'isDeclined'> {
  const { file, tz, unit, decline } = options
  return { file, timeZone: tz, unit: parseUnit(unit), isDeclined: decline === true }
}

function parseShape(options: DevOptions): {
  readonly peers: number
  readonly threshold: number
  readonly kill: number
} {
  const peers = parseWhole(options.peers, '--peers', 3, 30)
  const threshold = parseWhole(options.threshold, '--threshold', 2, peers - 1)
  return { peers, threshold, kill: parseWhole(options.kill, '--kill', 0, peers - 1) }
}

interface Places extends AsyncDisposable {
  /** Whether the delivery is there when the command has printed its end. */
  readonly isKept: boolean
  readonly dataDir: string
  readonly outDir: string
  readonly out: OutDir
}

async function openPlaces(options: DevOptions): Promise<Places> {
  if (options.data !== undefined) await assertEmpty(resolve(options.data))
  const temporary = await mkdtemp(join(tmpdir(), 'halo-dev-'))
  const removeTemporary = (): Promise<void> => rm(temporary, { recursive: true, force: true })
  const outDir = options.out === undefined ? join(temporary, 'out') : resolve(options.out)
  const out = await openOutDir(outDir, RESULTS, { force: options.force === true }).catch(async (error) => {
    await removeTemporary()
    throw error
  })
  return {
    isKept: options.out !== undefined || options.once !== true,
    dataDir: options.data === undefined ? join(temporary, 'data') : resolve(options.data),
    outDir,
    out,
    async [Symbol.asyncDispose]() {
      await out[Symbol.asyncDispose]()
      await removeTemporary()
    },
  }
}

/** A local Halo makes all its keys itself and must not meet others. */
async function assertEmpty(dir: string): Promise<void> {
  const entries = await readdir(dir).catch((cause: unknown) => {
    if (isCode(cause, 'ENOENT')) return []
    throw new CliError('USAGE', `--data: ${dir} cannot be read as a directory. Name another.`, { cause })
  })
  if (entries.length > 0)
    throw new CliError('USAGE', `--data: ${dir} is not empty. Name a new or an empty directory.`)
}

async function showEnd(
  halo: LocalHalo,
  story: Story,
  report: Report,
  places: Places,
  output: Output,
): Promise<void> {
  const patient = await patientView(halo)
  const operators = await Promise.all(halo.peers.map(viewPeer))
  const researcher = researcherView(story, places)
  output.result(report, [
    '',
    'What the patient sees (access log)',
    ...patient.map((line) => `  ${line}`),
    'What the researcher sees',
    ...researcher.map((line) => `  ${line}`),
    'What the operators see',
    ...operators.flat().map((line) => `  ${line}`),
    'On chain (nothing that names a patient)',
    ...report.txs.map((tx) => `  ${tx.name.padEnd(8)} ${String(tx.gas).padStart(7)} gas  ${tx.hash}`),
    ...(story.verified !== null && places.isKept ? auditorView(places) : []),
  ])
}

async function patientView(halo: LocalHalo): Promise<readonly string[]> {
  await using session = await openWalletSession(
    halo.walletDir,
    await readPassphrase(halo.walletDir, undefined),
  )
  return (await session.wallet.log()).map(describeLogEntry)
}

function researcherView({ ending, view, refunded }: Story, { outDir }: Places): readonly string[] {
  const why = `${ending.explanation ?? ''} (${ending.reason ?? ending.code ?? ''})`
  const seen = [
    ...(view === null ? [] : describeGlucose(view)),
    `hash, signature and anchor verify; in ${outDir}`,
  ]
  switch (ending.outcome) {
    case 'delivered':
      return seen
    case 'unsettled':
      return [...seen, `the patient is not paid yet: ${why}`]
    case 'unreadable':
      return [...seen, `it cannot be summarised: ${why}`]
    case 'declined':
    case 'failed':
      return [
        `nothing was delivered: ${why}`,
        ...(refunded === null ? [] : [`refunded: ${formatCoins(refunded)} coins`]),
      ]
  }
}

/** One command that asks nobody: it works when the chain is gone. */
function auditorView({ outDir }: Places): readonly string[] {
  const { operators, network } = KNOWN_FILES
  const path = (name: string): string => quoteWord(join(outDir, name))
  return [
    'What anyone can check, with no chain',
    `  npm run -s halo -- proof verify ${path(DELIVERY_PROOF)} --offline --operators ${path(operators)} --network ${path(network)} --record ${path(DELIVERY_FILES.record)}`,
    `  (${operators} and ${network} are of this very run and vouch for themselves; in real life they come from whom you trust)`,
  ]
}

async function stayUp(
  halo: LocalHalo,
  { verified }: Story,
  { dataDir, outDir }: Places,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  output.note('')
  output.note(`The Halo stays up. Chain: ${halo.anvil.rpcUrl}   Data: ${dataDir}`)
  output.note('In another shell:')
  output.note(`  npm run halo -- wallet log --data ${quoteWord(halo.walletDir)}`)
  output.note(`  npm run halo -- research search --data ${quoteWord(halo.researchDir)}`)
  output.note(`  npm run halo -- node status --data ${quoteWord(halo.peers[0]?.dataDir ?? '')}`)
  if (verified !== null)
    output.note(
      `  npm run halo -- proof verify ${quoteWord(join(outDir, DELIVERY_PROOF))}${renderOptions({ '--record': join(outDir, DELIVERY_FILES.record), '--data': halo.researchDir })}`,
    )
  output.note('Ctrl-C stops everything.')
  await untilAborted(signal)
}
