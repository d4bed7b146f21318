import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { assertPlain, openPlace, type Place, until } from './halo-command.ts'
import { initPeer, startPeer, startTestChain, type TestChain } from './test-chain.ts'

const test = suite('story/by-hand')

const SHAPE = ['--data-shards', '2', '--parity-shards', '1', '--threshold', '2'] as const
const ASKING = ['--organisation', 'Test University', '--project', 'Whether this works.'] as const
const CSV =
  'id,time,gl\nme,2026-01-05T00:00:00Z,111\nme,2026-01-05T00:05:00Z,112\nme,2026-01-05T00:10:00Z,190\n'
const UNKNOWN = `0x${'5'.repeat(64)}`

/** Three peers, one patient and one researcher, set up by commands as a reader of the README would. */
interface Setting {
  readonly place: Place
  readonly chain: TestChain
  readonly peers: readonly string[]
  readonly dataset: string
  wallet(...args: readonly string[]): ReturnType<Place['json']>
  research(...args: readonly string[]): ReturnType<Place['json']>
  /** Makes a request and returns its id. */
  ask(...args: readonly string[]): Promise<string>
}

/** One network for the whole file; the last test takes it down. */
const stack = new AsyncDisposableStack()
let opening: Promise<Setting> | null = null

function openSetting(): Promise<Setting> {
  opening ??= setUp()
  return opening
}

async function setUp(): Promise<Setting> {
  const place = stack.use(await openPlace())
  const chain = stack.use(await startTestChain(place, 2))
  const peers = ['a', 'b', 'c'].map((name) => place.path(name))
  await Promise.all(peers.map((dir) => initPeer(place, chain, dir)))
  await Promise.all(peers.map((dir) => startPeer(place, dir)))
  const wallet = (...args: readonly string[]): ReturnType<Place['json']> =>
    place.json('wallet', ...args, '--data', place.path('wallet'))
  const research = (...args: readonly string[]): ReturnType<Place['json']> =>
    place.json('research', ...args, '--data', place.path('research'))
  await wallet('init', ...chain.options, '--words-out', place.path('words'))
  const { value: researcher } = await research('init', ...chain.options)
  await chain.fund(researcher.account)
  await writeFile(place.path('mine.csv'), CSV)
  await wallet('import', place.path('mine.csv'))
  const { code, value } = await wallet('publish', '--price', '0.5', ...SHAPE)
  assert.is(code, 0, JSON.stringify(value))
  assert.equal([value.shards, value.peers, value.threshold], [3, 3, 2])
  const ask = async (...args: readonly string[]): Promise<string> => {
    const asked = await research('request', value.dataset, ...ASKING, ...args)
    assert.is(asked.code, 0, JSON.stringify(asked.value))
    assert.is(asked.value.peers, 3)
    return asked.value.request
  }
  return { place, chain, peers, dataset: value.dataset, wallet, research, ask }
}

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777
}

test('an operator sets up a peer that is healthy, private and alone in its directory', async () => {
  const { place, chain, peers } = await openSetting()
  const [dir = ''] = peers
  const status = await place.json('node', 'status', '--data', dir)
  assert.is(status.code, 0, JSON.stringify(status.value))
  assert.equal([status.value.isRunning, status.value.isHealthy, status.value.problems], [true, true, []])
  assert.equal(status.value.chain.isMember, true)
  assert.is(status.value.peers.members, 3)
  const shown = await place.halo('node', 'status', '--data', dir)
  assert.match(
    shown.stdout,
    /^healthy: peer 12D3\w+, up \d+ s\nchain: block \d+, member\npeers: connected to \d; 3 members with this one\nholds: 1 shard, .*, all sealed\n$/,
  )
  const second = await place.json('node', 'start', '--data', dir)
  assert.equal([second.code, second.value.error.code], [8, 'DATA_DIR_LOCKED'])
  const again = await place.json(
    'node',
    'init',
    '--data',
    dir,
    ...chain.options,
    '--listen',
    '/ip4/127.0.0.1/tcp/0',
  )
  assert.equal([again.code, again.value.error.code], [8, 'DATA_DIR_USED'])
})

test('everything a role keeps is readable by its owner alone', async () => {
  const { place, peers } = await openSetting()
  assert.is(await modeOf(place.path('words')), 0o600)
  for (const dir of [...peers, place.path('wallet'), place.path('research')]) {
    assert.is(await modeOf(dir), 0o700)
    for (const file of ['keystore.json', 'passphrase']) assert.is(await modeOf(join(dir, file)), 0o600)
  }
})

test('imports the same file once, and lists what is published', async () => {
  const { place, wallet, dataset } = await openSetting()
  const first = await wallet('import', place.path('mine.csv'))
  const again = await wallet('import', place.path('mine.csv'))
  assert.equal([first.code, first.value.isNew, first.value.readings], [0, true, 3])
  assert.equal([again.code, again.value.isNew, again.value.record], [0, false, first.value.record])
  const { value } = await wallet('list')
  assert.equal(
    value.published.map((entry: { dataset: string; price: string }) => [entry.dataset, entry.price]),
    [[dataset, '0.5']],
  )
  assert.is(value.waiting.length, 1)
})

test('finds, pays, waits, collects and verifies; says no in words wherever it is too early or too late', async () => {
  const { place, wallet, research, ask, dataset } = await openSetting()
  const found = await research('search', '--kind', 'glucose-cgm', '--max-price', '0.5')
  assert.equal(
    found.value.offers.map((offer: { dataset: string }) => offer.dataset),
    [dataset],
  )
  assert.equal((await research('search', '--max-price', '0.1')).value.offers, [])
  const cheap = await research('request', dataset, ...ASKING, '--price', '0.1')
  assert.equal([cheap.code, cheap.value.error.code], [2, 'PRICE_TOO_LOW'])
  const id = await ask()
  const out = place.path('out')
  const early = await research('collect', id, '--out', out)
  assert.equal([early.code, early.value.error.reason], [4, 'NOT_ANSWERED'])
  const notDue = await research('refund', id)
  assert.equal([notDue.code, notDue.value.error.reason], [4, 'NOT_ANSWERED'])
  const { value: waiting } = await wallet('requests')
  assert.equal([waiting.requests.length, waiting.requests[0].id], [1, id])
  assert.is(waiting.requests[0].price, '0.5 coins')
  const unknown = await wallet('approve', UNKNOWN)
  assert.equal([unknown.code, unknown.value.error.code], [2, 'REQUEST_NOT_FOUND'])
  const approved = await wallet('approve', id)
  assert.equal([approved.code, approved.value.peers], [0, 3])
  const twice = await wallet('approve', id)
  assert.ok([2, 4].includes(twice.code ?? 0))
  assert.ok(['REQUEST_NOT_FOUND', 'REQUEST_CLOSED'].includes(twice.value.error.code))
  const status = await research('status', id)
  assert.equal([status.value.requests[0].reason, status.value.requests[0].consent], [null, 'granted'])

  const broken = place.start('research', 'collect', id, '--out', out, '--data', place.path('research'))
  const namesThere = (): Promise<readonly string[]> => readdir(out).catch(() => [])
  await until('it has a directory to write into', async () => (await namesThere()).length > 0)
  broken.child.kill('SIGINT')
  assert.is((await broken.ended).code, 130)
  assert.equal(await stat(out).catch(() => 'gone'), 'gone', 'also while the keys are being opened')
  const collected = await research('collect', id, '--out', out)
  assert.is(collected.code, 0, JSON.stringify(collected.value))
  assert.equal(collected.value.verified, { hash: true, signature: true, anchor: true })
  assert.is(collected.value.settled.name, 'settle')
  assert.equal((await readdir(out)).sort(), ['delivered.ndjson', 'manifest.json'])
  const values = (await readFile(join(out, 'delivered.ndjson'), 'utf8')).matchAll(/"value":(\d+)/g)
  assert.equal(
    [...values].map(([, value]) => value),
    ['111', '112', '190'],
  )
  const late = await research('refund', id)
  assert.is(late.code, 4, JSON.stringify(late.value))

  const good = await research('verify', out)
  assert.equal([good.code, good.value.ok, good.value.anchor], [0, true, true])
  const offline = await place.json('research', 'verify', out, '--offline', '--data', place.path('nowhere'))
  assert.equal([offline.code, offline.value.ok, offline.value.anchor], [0, true, null])
  const text = await readFile(join(out, 'delivered.ndjson'), 'utf8')
  await writeFile(join(out, 'delivered.ndjson'), text.replace('"value":190', '"value":191'))
  const altered = await research('verify', out)
  assert.equal([altered.code, altered.value.ok, altered.value.hash], [7, false, false])
  const shown = await place.halo('research', 'verify', out, '--offline')
  assert.is(shown.code, 7)
  assert.match(shown.stdout, /^WRONG {2}hash: /)
  const manifest = JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'))
  const { request, consent, deliveries } = manifest.evidence
  assert.is(request.patient, manifest.patient)
  assert.ok(consent.statement.startsWith(`I allow researcher ${request.researcher}`))
  assert.ok(deliveries.length >= 2)
  const { entry, ...old } = manifest.proof
  const fields = ['commitment', 'descriptor', 'patient', 'receipt', 'signature']
  assert.equal(Object.keys(entry).toSorted(), fields)
  await writeFile(join(out, 'manifest.json'), JSON.stringify({ ...manifest, proof: old }))
  const outdated = await research('verify', out)
  assert.equal([outdated.code, outdated.value.error.code], [3, 'FILE_UNREADABLE'])
  assert.match(outdated.value.error.message, /collect again/)
  const again = await research('collect', id, '--out', out)
  assert.equal([again.code, again.value.error.code], [3, 'FILE_EXISTS'])
  assert.match(again.value.error.message, /: delivered\.ndjson, manifest\.json\. .*--force/)
  assert.is((await research('collect', id, '--out', out, '--force')).code, 0)
  assert.is((await research('verify', out)).value.ok, true)
  await rm(join(out, 'delivered.ndjson'))
  const missing = await research('verify', out)
  assert.equal([missing.code, missing.value.error.code], [3, 'FILE_UNREADABLE'])
  assert.match(missing.value.error.message, /The record .*delivered\.ndjson cannot be read/)
  const none = await research('verify', place.path('none'))
  assert.equal([none.code, none.value.error.code], [3, 'FILE_UNREADABLE'])
})

test('a refusal reaches the researcher with its reason, and the refund comes once', async () => {
  const { place, wallet, research, ask } = await openSetting()
  const id = await ask()
  assert.is((await wallet('requests')).value.requests[0].id, id)
  assert.is((await wallet('decline', id)).code, 0)
  const { value } = await research('status', id)
  assert.equal([value.requests[0].reason, value.requests[0].isRefundDue], ['DECLINED', true])
  const collected = await research('collect', id, '--out', place.path('declined'))
  assert.equal([collected.code, collected.value.error.reason], [4, 'DECLINED'])
  assert.equal(await readdir(place.path('declined')).catch(() => []), [])
  const approved = await wallet('approve', id)
  assert.equal([approved.code, approved.value.error.code], [4, 'REQUEST_CLOSED'])
  const refunded = await research('refund', id)
  assert.equal([refunded.code, refunded.value.refund.name], [0, 'refund'])
  const again = await research('refund', id)
  assert.equal([again.code, again.value], [0, { refund: null, payout: null }])
})

test('a withdrawal stops what was allowed', async () => {
  const { place, wallet, research, ask } = await openSetting()
  const id = await ask()
  await wallet('approve', id)
  const withdrawn = await wallet('withdraw', id)
  assert.equal([withdrawn.code, withdrawn.value.peers], [0, 3])
  const collected = await research('collect', id, '--out', place.path('withdrawn'))
  assert.equal([collected.code, collected.value.error.reason], [4, 'WITHDRAWN'])
  const again = await wallet('withdraw', id)
  assert.equal([again.code, again.value.error.code], [4, 'REQUEST_CLOSED'])
  assert.is((await research('refund', id)).value.refund.name, 'refund')
})

test('no answer in time means no', async () => {
  const { chain, wallet, research, ask } = await openSetting()
  const id = await ask('--answer-within', '2m')
  await chain.skipTime(150)
  const { value } = await research('status', id)
  assert.equal([value.requests[0].reason, value.requests[0].isRefundDue], ['EXPIRED', true])
  const approved = await wallet('approve', id)
  assert.is(approved.code, 4, JSON.stringify(approved.value))
  assert.is((await research('refund', id)).value.refund.name, 'refund')
})

test('the patient’s log tells all of it, in words and as JSON, and no screen shows raw wei', async () => {
  const { place, wallet, ask } = await openSetting()
  await ask()
  const { value } = await wallet('log')
  const events = value.log.map((entry: { event: string }) => entry.event)
  for (const event of ['published', 'asked', 'approved', 'delivered', 'declined', 'refunded', 'withdrawn'])
    assert.ok(events.includes(event), `${event} in ${events.join()}`)
  const screens = [
    ['log', 'list', 'requests'].map((name) => ['wallet', name, '--data', place.path('wallet')]),
    ['status', 'search'].map((name) => ['research', name, '--data', place.path('research')]),
  ]
  const showAll = async (commands: readonly (readonly string[])[]): Promise<void> => {
    for (const args of commands) {
      const ended = await place.halo(...args)
      assert.is(ended.code, 0, ended.stderr)
      assertPlain(ended)
      assert.not.match(ended.stdout, /\b[0-9]{15,}\b/, `${args.join(' ')}: raw wei`)
      assert.ok(ended.stdout.length > 40, args.join(' '))
    }
  }
  await Promise.all(screens.map(showAll))
})

test('everything ends when it is told to', async () => {
  const { place, peers } = await openSetting()
  const ids = await Promise.all(
    peers.map(async (dir) => JSON.parse(await readFile(join(dir, 'status.json'), 'utf8')).pid as number),
  )
  for (const id of ids) process.kill(id, 'SIGTERM')
  const gone = async (): Promise<boolean> => (await place.processes()).length === 0
  await until('peers have stopped', gone)
  for (const dir of peers) {
    const files = await readdir(dir)
    assert.not.ok(files.includes('status.json'), files.join())
    const { code, value } = await place.json('node', 'status', '--data', dir)
    assert.equal([code, value], [5, { isRunning: false }])
  }
  await stack.disposeAsync()
})

test.run()
