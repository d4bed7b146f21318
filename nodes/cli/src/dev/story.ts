import { basename } from 'node:path'
import type { DatasetId, RequestId } from '@halo/consent'
import { NATIVE_COIN, roundCount } from '@halo/consent'
import { readPassphrase } from '@halo/node'
import { RefusedError } from '@halo/ports'
import type { GlucoseImport } from '@halo/records'
import { generateGlucoseCsv, importGlucose } from '@halo/records'
import type { Collected, Verification } from '@halo/research'
import { ResearchError } from '@halo/research'
import type { Published } from '@halo/wallet'
import { parseEther } from 'ethers'
import { formatCoins } from '../amount.ts'
import type { DeliveryDir } from '../delivery-dir.ts'
import { openDeliveryDir, verifyDelivery } from '../delivery-dir.ts'
import { isKnownError } from '../exit-code.ts'
import { type GlucoseView, viewGlucose } from '../glucose-view.ts'
import { formatBytes, type Output, shorten } from '../output.ts'
import { keepKnown, proveDelivery } from '../proof/prove-delivery.ts'
import { type GlucoseUnit, importFile, metadataOf, summaryOf } from '../record-file.ts'
import type { ResearchSession, WalletSession } from '../sessions.ts'
import { openResearchSession, openWalletSession } from '../sessions.ts'
import { asDeclined, DELIVERED, type Ending, endingOf } from './ending.ts'
import type { LocalHalo } from './local-halo.ts'
import { skipTime } from './local-halo.ts'
import type { Steps } from './steps.ts'

/** How the story goes. */
export interface StoryOptions {
  /** CSV to publish instead of made-up data. */
  readonly file: string | undefined
  readonly timeZone: string | undefined
  readonly unit: GlucoseUnit | undefined
  /** Where a delivery and its proof are written. */
  readonly outDir: string
  readonly peers: number
  readonly threshold: number
  readonly isDeclined: boolean
  /** Peers stopped between store and collect. */
  readonly kill: number
  readonly signal: AbortSignal
}

/** The story, told. */
export interface Story {
  readonly ending: Ending
  readonly dataset: DatasetId
  readonly requestId: RequestId
  readonly readings: number
  readonly published: Published
  /** Null when nothing was delivered. */
  readonly collected: Collected | null
  /** What was found in the files on disk; null when nothing was delivered. */
  readonly verified: Verification | null
  readonly view: GlucoseView | null
  /** What the researcher got back, in the smallest unit, or null. */
  readonly refunded: bigint | null
}

const PRICE = parseEther('0.02')
const RELAY_FEE = parseEther('0.001')
const ACCESS_SEC = 86_400

/** Parts of a run. */
export interface StoryParts {
  readonly halo: LocalHalo
  readonly steps: Steps
  readonly output: Output
  readonly options: StoryOptions
}

/** Plays one record from the patient's device to the researcher's disk. */
export async function playStory(parts: StoryParts): Promise<Story> {
  const { halo, options, steps } = parts
  const imported = await steps.run(
    'import: CSV to FHIR, identifiers left out',
    () => importRecord(parts),
    describeImport,
  )
  await using wallet = await openWalletSession(
    halo.walletDir,
    await readPassphrase(halo.walletDir, undefined),
  )
  await using research = await openResearchSession(
    halo.researchDir,
    await readPassphrase(halo.researchDir, undefined),
  )
  const published = await steps.run(
    'store: seal, shard, place, anchor',
    () => publish(parts, wallet, imported),
    describePublished,
  )
  const { dataset } = published.holding
  if (options.kill > 0)
    await steps.run(
      `stop ${options.kill} peers (SIGKILL)`,
      () => killPeers(parts),
      (names) => names.join(', '),
    )
  const requestId = await steps.run(
    'request: pay into escrow, mint the token',
    () => request(research, dataset),
    shorten,
  )
  const story = { dataset, requestId, readings: imported.record.metadata.readings, published }
  const answered = await steps.run(
    options.isDeclined ? 'consent: the patient declines' : 'consent: the patient signs',
    () => answer(wallet, requestId, options.isDeclined),
    (peers) => `handed to ${peers} peers, relayed on chain`,
  )
  if (answered === 0) throw new RefusedError('NOT_ANSWERED')
  const dir = openDeliveryDir(options.outDir)
  const delivery = await deliver(parts, research, requestId, dir)
  return { ...story, ...delivery }
}

/** Only what fails before the record is here is "not delivered", and calls for the money back. */
async function deliver(
  parts: StoryParts,
  session: ResearchSession,
  id: RequestId,
  dir: DeliveryDir,
): Promise<Pick<Story, 'ending' | 'collected' | 'verified' | 'view' | 'refunded'>> {
  const { options, steps, halo } = parts
  let collected: Collected
  try {
    collected = await steps.run(
      'deliver: rebuild, open, verify',
      () => collect(parts, session, id, dir),
      (found) => `${formatBytes(found.recordBytes)} verified`,
    )
  } catch (error) {
    if (options.signal.aborted) throw error
    const ending = endingOf(error, 'failed')
    return {
      ending: options.isDeclined ? asDeclined(ending) : ending,
      collected: null,
      verified: null,
      view: null,
      refunded: await tryRefund(parts, session, id),
    }
  }
  const verified = await steps.run('verify again what is on disk', () => verifyFiles(options.outDir, halo))
  await steps.run(
    'prove: one file that shows it to others',
    async () => {
      await keepKnown(options.outDir, halo.ledger)
      return proveDelivery(options.outDir, halo.ledger)
    },
    basename,
  )
  const settled = await attempt(options.signal, 'unsettled', () =>
    steps.run(
      'settle: the patient is paid',
      () => session.research.confirm(id),
      () => `${formatCoins(PRICE)} coins`,
    ),
  )
  const viewed = await attempt(options.signal, 'unreadable', () => viewGlucose(dir.record))
  const ending = settled.ending ?? viewed.ending ?? DELIVERED
  return { ending, collected, verified, view: viewed.result, refunded: null }
}

type Attempt<Result> =
  | { readonly result: Result; readonly ending: null }
  | { readonly result: null; readonly ending: Ending }

async function attempt<Result>(
  signal: AbortSignal,
  outcome: 'unsettled' | 'unreadable',
  act: () => Promise<Result>,
): Promise<Attempt<Result>> {
  try {
    return { result: await act(), ending: null }
  } catch (error) {
    if (signal.aborted) throw error
    return { result: null, ending: endingOf(error, outcome) }
  }
}

async function verifyFiles(outDir: string, { ledger }: LocalHalo): Promise<Verification> {
  const { isGood, ...found } = await verifyDelivery(outDir, ledger)
  if (isGood) return found
  throw new ResearchError('RECORD_CHANGED', 'What was written is not what the patient signed.')
}

/** Why nothing was delivered says more than why the money did not come back: that has a line of its own. */
async function tryRefund(parts: StoryParts, session: ResearchSession, id: RequestId): Promise<bigint | null> {
  try {
    return await parts.steps.run(
      'refund the researcher',
      () => refund(parts, session, id),
      (owed) => `${formatCoins(owed)} coins`,
    )
  } catch (error) {
    if (parts.options.signal.aborted || !isKnownError(error)) throw error
    return null
  }
}

async function importRecord({ options, output }: StoryParts): Promise<GlucoseImport> {
  if (options.file === undefined) return importGlucose(textOf(generateGlucoseCsv()), {})
  const { timeZone, unit, signal } = options
  return importFile(options.file, { timeZone, unit, signal }, output)
}

async function* textOf(text: string): AsyncGenerator<string> {
  yield text
}

function describeImport({ record }: GlucoseImport): string {
  return `${record.metadata.readings} readings, ${formatBytes(record.metadata.sizeBytes)}`
}

async function publish(
  { options, output }: StoryParts,
  { wallet }: WalletSession,
  imported: GlucoseImport,
): Promise<Published> {
  const { kind, format, readings, days } = summaryOf(imported)
  const terms = 'Health research; no attempt to identify me.'
  return wallet.publish({
    record: () => imported.record.bytes(),
    recordBytes: imported.record.metadata.sizeBytes,
    metadata: metadataOf(imported),
    descriptor: {
      kind,
      format,
      readingsAbout: roundCount(readings),
      days,
      price: PRICE,
      currency: NATIVE_COIN,
      terms,
    },
    dataShards: options.threshold,
    parityShards: options.peers - options.threshold,
    threshold: options.threshold,
    onProgress: output.progress,
    signal: options.signal,
  })
}

function describePublished({ sealedBytes, shards, threshold }: Published): string {
  return `${formatBytes(sealedBytes)} in ${shards} shards, key ${threshold}-of-${shards}`
}

async function killPeers({ halo, options }: StoryParts): Promise<readonly string[]> {
  const victims = halo.peers.slice(-options.kill)
  await Promise.all(victims.map((peer) => peer.kill()))
  return victims.map((peer) => peer.name)
}

async function request({ research }: ResearchSession, dataset: DatasetId): Promise<RequestId> {
  const offers = await research.search({ kind: 'glucose-cgm' })
  if (!offers.some((offer) => offer.dataset === dataset)) throw new RefusedError('DATASET_UNKNOWN')
  const terms = {
    purpose: 'HRESCH',
    organisation: 'Example University, Diabetes Research Group',
    project: 'How glucose varies from day to day in adults.',
  }
  const asking = { dataset, terms, relayFee: RELAY_FEE, answerWithinSec: 3600, accessForSec: ACCESS_SEC }
  return (await research.request(asking)).request.id
}

async function answer({ wallet }: WalletSession, id: RequestId, isDeclined: boolean): Promise<number> {
  const waiting = await wallet.requests()
  if (!waiting.some((pending) => pending.id === id)) return 0
  return (await (isDeclined ? wallet.decline(id) : wallet.approve(id))).peers
}

async function collect(
  parts: StoryParts,
  session: ResearchSession,
  id: RequestId,
  dir: DeliveryDir,
): Promise<Collected> {
  const { output, options } = parts
  const collected = await session.research.collect(id, dir.openSink, {
    onProgress: output.progress,
    signal: options.signal,
  })
  await dir.writeManifest(id, collected)
  return collected
}

/** Waits for what is due; where only time is missing, the local chain's clock is moved. */
async function refund(
  { halo, output }: StoryParts,
  session: ResearchSession,
  id: RequestId,
): Promise<bigint> {
  const state = await session.research.status(id)
  if (!state.isRefundDue) {
    output.note(
      `   (the local chain's clock is moved ahead by ${ACCESS_SEC / 3600} hours, past the time for delivery)`,
    )
    await skipTime(halo.ledger, ACCESS_SEC + 1)
  }
  const account = halo.researcher
  const before = await halo.ledger.balanceOf(account, NATIVE_COIN)
  const owed = await dueTo(halo, session, id)
  await session.research.refund(id)
  const after = await halo.ledger.balanceOf(account, NATIVE_COIN)
  output.note(
    `   (the researcher's balance rose by ${formatCoins(after - before)} coins; the rest of ${formatCoins(owed)} was gas)`,
  )
  return owed
}

async function dueTo(halo: LocalHalo, session: ResearchSession, id: RequestId): Promise<bigint> {
  const request = (await session.research.requests()).find((own) => own.id === id)?.request
  if (request === undefined) return 0n
  const facts = await halo.ledger.facts(request)
  return facts.consent === 'none' ? request.price + request.relayFee : request.price
}
