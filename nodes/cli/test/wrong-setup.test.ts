import { once } from 'node:events'
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { assertPlain, openPlace, type Place } from '../../../test/story/halo-command.ts'
import {
  initPeer,
  networkText,
  startPeer,
  startTestChain,
  type TestChain,
} from '../../../test/story/test-chain.ts'
import { startAnvil } from '../src/anvil.ts'

const test = suite('cli/wrong-setup')

const CSV = 'id,time,gl\nme,2026-01-05T00:00:00Z,111\nme,2026-01-05T00:05:00Z,112\n'
const ASKING = ['--organisation', 'Test University', '--project', 'Whether this works.'] as const
const LISTEN = ['--listen', '/ip4/127.0.0.1/tcp/0'] as const

/** Runs a command for a person, which has to fail with this code and words. */
async function assertFails(
  place: Place,
  wanted: { readonly exit: number; readonly code: string; readonly says: RegExp },
  ...args: readonly string[]
): Promise<void> {
  const ended = await place.halo(...args)
  const about = `${args.slice(0, 3).join(' ')}: ${ended.stderr}`
  assert.is(ended.code, wanted.exit, about)
  assert.is(ended.stdout, '', about)
  assert.match(ended.stderr, wanted.says, about)
  assert.match(ended.stderr, `(${wanted.code})\n`, about)
  assertPlain(ended)
}

async function initWallet(place: Place, chain: TestChain): Promise<readonly string[]> {
  const data = ['--data', place.path('wallet')]
  const { code } = await place.json(
    'wallet',
    'init',
    ...data,
    ...chain.options,
    '--words-out',
    place.path('words'),
  )
  assert.is(code, 0)
  return data
}

test('names what is wrong with the chain at init, and leaves neither keys nor words behind', async () => {
  await using place = await openPlace()
  await using chain = await startTestChain(place, 2)
  await using other = await startAnvil({ chainId: 4242 })
  const { deployment } = chain
  const network = async (name: string, text: string): Promise<string> => {
    await writeFile(place.path(name), text)
    return place.path(name)
  }
  const right = place.path('network.json')
  const empty = networkText({
    ...deployment,
    anchor: deployment.registry.replace(/..$/, '00') as typeof deployment.anchor,
  })
  const checksum = await network('empty.json', empty.toLowerCase().replaceAll('chainid', 'chainId'))
  const wrong: readonly (readonly [url: string, file: string, exit: number, code: string, says: RegExp])[] = [
    ['http://127.0.0.1:9', right, 5, 'CHAIN_UNREACHABLE', /does not answer.*--chain-url/],
    [other.rpcUrl, right, 2, 'CHAIN_WRONG', /4242.*31337.*--chain-url or --network/],
    [chain.anvil.rpcUrl, checksum, 2, 'CONTRACT_MISSING', /no contract.*anchor.*--network/],
    [
      chain.anvil.rpcUrl,
      await network('swapped.json', networkText({ ...deployment, token: deployment.consent })),
      2,
      'DEPLOYMENT_WRONG',
      /token.*--network/,
    ],
    [
      chain.anvil.rpcUrl,
      await network('text.json', 'hello'),
      2,
      'CONFIG_INVALID',
      /text\.json is not valid: it is not JSON/,
    ],
    [chain.anvil.rpcUrl, await network('short.json', '{"chainId":1}'), 2, 'CONFIG_INVALID', /registry/],
    [
      chain.anvil.rpcUrl,
      place.path('none.json'),
      2,
      'CONFIG_INVALID',
      /none\.json cannot be read.*--network/,
    ],
    ['localhost', right, 2, 'USAGE', /--chain-url/],
  ]
  for (const [url, file, exit, code, says] of wrong) {
    const args = [
      '--chain-url',
      url,
      '--network',
      file,
      '--data',
      place.path('wallet'),
      '--words-out',
      place.path('words'),
    ]
    await assertFails(place, { exit, code, says }, 'wallet', 'init', ...args)
    const left = await readdir(place.path('wallet')).catch(() => [])
    assert.equal(left, [], `${code} leaves ${left.join()}`)
    assert.not.ok((await readdir(place.dir)).includes('words'), `${code} leaves words`)
  }
})

test('does not lose recovery words, old or new', async () => {
  await using place = await openPlace()
  await using chain = await startTestChain(place, 2)
  await writeFile(place.path('words'), 'older words\n')
  const args = ['wallet', 'init', ...chain.options, '--data', place.path('wallet')]
  const fails = { exit: 3, code: 'FILE_UNREADABLE', says: /exists already.*--words-out/ }
  await assertFails(place, fails, ...args, '--words-out', place.path('words'))
  assert.is(await readFile(place.path('words'), 'utf8'), 'older words\n')
  const nowhere = { exit: 3, code: 'FILE_UNREADABLE', says: /cannot be written.*--words-out/ }
  await assertFails(place, nowhere, ...args, '--words-out', place.path('none', 'words'))
  await assertFails(place, { exit: 2, code: 'USAGE', says: /--words-out/ }, ...args)
  const bad = { exit: 3, code: 'MNEMONIC_INVALID', says: /words/ }
  await assertFails(place, bad, ...args, '--words-file', place.path('words'))
  assert.equal(await readdir(place.path('wallet')).catch(() => []), [])
  assert.is((await place.json(...args, '--words-out', place.path('new'))).code, 0)
  const restored = ['--words-file', place.path('new'), '--data', place.path('restored')]
  assert.is((await place.json('wallet', 'init', ...chain.options, ...restored)).code, 0)
})

test('opens no wallet with a wrong passphrase, an open directory, or none at all', async () => {
  await using place = await openPlace()
  await using chain = await startTestChain(place, 2)
  const list = ['wallet', 'list', ...(await initWallet(place, chain))]
  const passphrase = place.path('other')
  await writeFile(passphrase, 'not the one\n', { mode: 0o600 })
  const wrong = { exit: 8, code: 'PASSPHRASE_WRONG', says: /passphrase does not open/ }
  await assertFails(place, wrong, ...list, '--passphrase-file', passphrase)
  const missing = { exit: 8, code: 'PASSPHRASE_MISSING', says: /--passphrase-file/ }
  await assertFails(place, missing, ...list, '--passphrase-file', place.path('nothing'))
  await chmod(passphrase, 0o644)
  const open = { exit: 8, code: 'DATA_DIR_OPEN', says: /chmod go= / }
  await assertFails(place, open, ...list, '--passphrase-file', passphrase)
  await chmod(place.path('wallet'), 0o755)
  await assertFails(place, open, ...list)
  const never = { exit: 8, code: 'DATA_DIR_MISSING', says: /Run init first/ }
  await assertFails(place, never, 'wallet', 'list')
  await assertFails(place, never, 'research', 'search')
  const node = { exit: 8, code: 'DATA_DIR_MISSING', says: /halo node init/ }
  await assertFails(place, node, 'node', 'start', '--data', place.path('never'))
})

test('a second process is kept out of a wallet in use', async () => {
  await using place = await openPlace()
  await using chain = await startTestChain(place, 2)
  const data = await initWallet(place, chain)
  await writeFile(place.path('wallet', 'lock'), String(process.pid))
  await assertFails(
    place,
    { exit: 8, code: 'DATA_DIR_LOCKED', says: /Stop it first/ },
    'wallet',
    'list',
    ...data,
  )
})

test('stores nothing when fewer peers answer than the record needs, and publishes once they do', async () => {
  await using place = await openPlace()
  await using chain = await startTestChain(place, 2)
  const data = await initWallet(place, chain)
  await writeFile(place.path('mine.csv'), CSV)
  await place.json('wallet', 'import', place.path('mine.csv'), ...data)
  const dirs = ['a', 'b', 'c'].map((name) => place.path(name))
  for (const dir of dirs) await initPeer(place, chain, dir)
  const [a = '', b = '', c = ''] = dirs
  await Promise.all([startPeer(place, a), startPeer(place, b)])
  const publish = [
    'wallet',
    'publish',
    '--data-shards',
    '2',
    '--parity-shards',
    '1',
    '--threshold',
    '2',
    ...data,
  ]
  const few = { exit: 5, code: 'PEERS_TOO_FEW', says: /needs 3 peers, but only 2 of 3 .*Nothing was stored/ }
  await assertFails(place, few, ...publish)
  for (const dir of [a, b])
    assert.is((await place.json('node', 'status', '--data', dir)).value.storage.shards, 0)
  assert.is((await place.json('wallet', 'list', ...data)).value.waiting.length, 1)
  await startPeer(place, c)
  const { code, value } = await place.json(...publish)
  assert.is(code, 0, JSON.stringify(value))

  const researcher = ['--data', place.path('research')]
  await place.json('research', 'init', ...researcher, ...chain.options)
  const poor = {
    exit: 6,
    code: 'INSUFFICIENT_FUNDS',
    says: /cannot pay .* owns 0 coins and needs at least 0\.001.*Fund it/,
  }
  await assertFails(place, poor, 'research', 'request', value.dataset, ...ASKING, ...researcher)
  assert.equal((await place.json('research', 'status', ...researcher)).value.requests, [])
  const unknown = { exit: 2, code: 'DATASET_NOT_FOUND', says: /Search again/ }
  await assertFails(place, unknown, 'research', 'request', `0x${'1'.repeat(64)}`, ...ASKING, ...researcher)
})

test('a command whose chain went away says so', async () => {
  await using place = await openPlace()
  const chain = await startTestChain(place, 2)
  const data = await initWallet(place, chain)
  await chain[Symbol.asyncDispose]()
  const gone = { exit: 5, code: 'CHAIN_UNREACHABLE', says: /does not answer/ }
  await assertFails(place, gone, 'wallet', 'list', ...data)
  assert.not.ok((await readdir(place.path('wallet'))).includes('lock'))
})

test('a peer does not start on settings or ports that cannot be used, and names them', async () => {
  await using place = await openPlace()
  await using chain = await startTestChain(place, 2)
  const dir = place.path('peer')
  const init = ['node', 'init', '--data', dir, ...chain.options]
  const setting = (name: string): { exit: number; code: string; says: RegExp } => ({
    exit: 2,
    code: 'CONFIG_INVALID',
    says: new RegExp(name),
  })
  await assertFails(place, setting('listen'), ...init, '--listen', 'anywhere')
  await assertFails(place, setting('statusPort'), ...init, ...LISTEN, '--status-port', '99999')
  await assertFails(place, setting('confirmations'), ...init, ...LISTEN, '--confirmations', '0')
  const noPassphrase = { exit: 8, code: 'PASSPHRASE_MISSING', says: /--passphrase-file/ }
  await assertFails(place, noPassphrase, ...init, ...LISTEN, '--passphrase-file', place.path('none'))
  assert.equal(await readdir(dir), [], 'nothing half-made')
  assert.is((await place.json(...init, ...LISTEN)).code, 0)

  const start = ['node', 'start', '--data', dir]
  await assertFails(place, setting('logLevel'), ...start, '--log-level', 'loud')
  const file = join(dir, 'halo.json')
  const good = await readFile(file, 'utf8')
  await writeFile(file, good.replace('{', '{"lisen": [],'))
  await assertFails(place, setting('lisen'), ...start)
  await writeFile(file, good.slice(1))
  await assertFails(place, setting('halo\\.json is not valid JSON'), ...start)
  await writeFile(file, good)

  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as { readonly port: number }
  const port1 = { exit: 2, code: 'PORT_TAKEN', says: new RegExp(`Port ${port} .*--status-port`) }
  await assertFails(place, port1, ...start, '--log-level', 'error', '--status-port', `${port}`)
  const port2 = { exit: 2, code: 'PORT_TAKEN', says: new RegExp(`cannot listen on .*${port}.*--listen`) }
  await assertFails(place, port2, ...start, '--log-level', 'error', '--listen', `/ip4/127.0.0.1/tcp/${port}`)
  taken.close()
  assert.equal(await place.processes(), [])
  assert.not.ok((await readdir(dir)).includes('lock'))
})

test.run()
