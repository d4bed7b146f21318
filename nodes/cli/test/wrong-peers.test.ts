import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openPlace } from '../../../test/story/halo-command.ts'
import { initPeer, startPeer, startTestChain } from '../../../test/story/test-chain.ts'
import { assertFails, initWallet } from './failing.ts'

const test = suite('cli/wrong-peers')

const CSV = 'id,time,gl\nme,2026-01-05T00:00:00Z,111\nme,2026-01-05T00:05:00Z,112\n'
const ASKING = ['--organisation', 'Test University', '--project', 'Whether this works.'] as const
const LISTEN = ['--listen', '/ip4/127.0.0.1/tcp/0'] as const

test('stores nothing when fewer peers answer than the record needs, and publishes once they do', async () => {
  await using place = await openPlace()
  await using chain = await startTestChain(place, 2)
  const data = await initWallet(place, chain)
  await writeFile(place.path('mine.csv'), CSV)
  await place.json('wallet', 'import', place.path('mine.csv'), ...data)
  const dirs = ['a', 'b', 'c'].map((name) => place.path(name))
  await Promise.all(dirs.map((dir) => initPeer(place, chain, dir)))
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
  const noNetwork = { exit: 2, code: 'CONFIG_INVALID', says: /none\.json cannot be read/ }
  const elsewhere = ['--chain-url', chain.anvil.rpcUrl, '--network', place.path('none.json')]
  await assertFails(place, noNetwork, 'node', 'init', '--data', dir, ...elsewhere, ...LISTEN)
  assert.not.ok((await readdir(place.dir)).includes('peer'), 'nothing half-made')
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
})

test.run()
