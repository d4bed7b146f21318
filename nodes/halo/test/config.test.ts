import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  loadClientConfig,
  loadConfig,
  readNetworkFile,
  saveConfig,
  settingsFromEnvironment,
} from '@halo/node'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf, messageOf, openScratchDir } from './scratch-dir.ts'

const test = suite('node/config')

const ADDRESS = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
const NETWORK = {
  chainId: 31337,
  registry: ADDRESS,
  token: ADDRESS,
  consent: ADDRESS,
  escrow: ADDRESS,
  anchor: ADDRESS,
}
const SETTINGS = { chainUrl: 'http://127.0.0.1:8545', network: NETWORK, listen: ['/ip4/127.0.0.1/tcp/0'] }

test('flags win over the environment, the environment over the file, the file over defaults', async () => {
  await using dir = await openScratchDir()
  await saveConfig(dir.path, { ...SETTINGS, statusPort: 1001, logLevel: 'warn', confirmations: 2 })
  const env = settingsFromEnvironment({
    HALO_STATUS_PORT: '1002',
    HALO_LOG_LEVEL: 'error',
    HALO_LISTEN: '/a,/b',
  })
  const config = await loadConfig(dir.path, { statusPort: '1003' }, env)
  assert.is(config.statusPort, 1003)
  assert.is(config.logLevel, 'error')
  assert.is(config.confirmations, 2)
  assert.equal(config.listen, ['/a', '/b'])
  assert.equal(config.announce, [])
  assert.is(config.deployment.chainId, 31337n)
  assert.ok(Object.isFrozen(config))
})

test('takes empty variables, and those of others, for not set', () => {
  assert.equal(settingsFromEnvironment({ HALO_LISTEN: '', HALO_CHAIN_URL: '', PATH: '/bin' }), {})
})

test('refuses a misspelt variable, by name', async () => {
  const env = { HALO_CHAINURL: 'http://127.0.0.1:8545', HALO_HOME: '/home', HALO_DEBUG: '1' }
  assert.is(await codeOf(async () => settingsFromEnvironment(env)), 'CONFIG_INVALID')
  assert.match(
    await messageOf(async () => settingsFromEnvironment(env)),
    /HALO_CHAINURL is not known.*HALO_CHAIN_URL/,
  )
})

test('refuses a variable that would set nothing: the network comes from a file at init', async () => {
  const env = { HALO_NETWORK: './network.json' }
  assert.match(await messageOf(async () => settingsFromEnvironment(env)), /HALO_NETWORK is not known/)
})

test('writes its file for the owner alone', async () => {
  await using dir = await openScratchDir()
  await saveConfig(dir.path, SETTINGS)
  assert.equal(await readdir(dir.path), ['halo.json'])
  assert.is((await stat(join(dir.path, 'halo.json'))).mode & 0o777, 0o600)
})

test('keeps what was read from a network file', async () => {
  await using dir = await openScratchDir()
  const file = join(dir.path, 'network.json')
  for (const chainId of [31337, '31337']) {
    await writeFile(file, JSON.stringify({ ...NETWORK, chainId }))
    await writeFile(file, `\ufeff${await readFile(file, 'utf8')}`)
    const network = await readNetworkFile(file)
    await saveConfig(dir.path, { ...SETTINGS, network })
    assert.equal((await loadConfig(dir.path, {}, {})).deployment, network)
  }
})

test('refuses an unknown setting, by name, and writes nothing', async () => {
  await using dir = await openScratchDir()
  assert.match(await messageOf(() => saveConfig(dir.path, { ...SETTINGS, statusport: 1 })), /statusport/)
  assert.equal(await readdir(dir.path), [])
})

test('names the setting that cannot be used', async () => {
  await using dir = await openScratchDir()
  const bad: readonly (readonly [string, unknown])[] = [
    ['chainUrl', 'ftp://example.org'],
    ['chainUrl', 'ws://127.0.0.1:8545'],
    ['chainUrl', 'wss://example.org'],
    ['chainUrl', 'localhost:8545'],
    ['chainUrl', undefined],
    ['network', { ...NETWORK, chainId: 0 }],
    ['network', { ...NETWORK, extra: 1 }],
    ['listen', []],
    ['listen', ['tcp/0']],
    ['announce', ['nowhere']],
    ['statusPort', 70_000],
    ['statusPort', 'http'],
    ['logLevel', 'loud'],
    ['confirmations', 0],
    ['confirmations', 1.5],
    ['relayStaggerMs', -1],
    ['anchorEverySec', -1],
    ['anchorEverySec', 31],
    ['pollMs', 1],
  ]
  for (const [name, value] of bad) {
    const settings = { ...SETTINGS, [name]: value }
    assert.is(await codeOf(() => saveConfig(dir.path, settings)), 'CONFIG_INVALID', name)
    assert.match(await messageOf(() => saveConfig(dir.path, settings)), name)
  }
})

test('names the contract whose address is wrong', async () => {
  await using dir = await openScratchDir()
  const file = join(dir.path, 'network.json')
  await writeFile(file, JSON.stringify({ ...NETWORK, escrow: '0x12' }))
  assert.is(await codeOf(() => readNetworkFile(file)), 'CONFIG_INVALID')
  assert.match(await messageOf(() => readNetworkFile(file)), /network\.json.*escrow/)
  const settings = { ...SETTINGS, network: { ...NETWORK, token: ADDRESS.replace('F', 'f') } }
  assert.is(await codeOf(() => saveConfig(dir.path, settings)), 'CONFIG_INVALID')
  assert.match(await messageOf(() => saveConfig(dir.path, settings)), /token/)
})

test('tells a network file that is missing from one that is not valid', async () => {
  await using dir = await openScratchDir()
  const file = join(dir.path, 'network.json')
  assert.match(await messageOf(() => readNetworkFile(file)), /cannot be read.*--network/)
  await writeFile(file, 'not json')
  assert.match(await messageOf(() => readNetworkFile(file)), /not JSON/)
  await writeFile(file, JSON.stringify({ ...NETWORK, registry: undefined }))
  assert.match(await messageOf(() => readNetworkFile(file)), /registry/)
})

test('tells a directory without a node from one with a damaged file', async () => {
  await using dir = await openScratchDir()
  assert.is(await codeOf(() => loadConfig(dir.path, {}, {})), 'DATA_DIR_MISSING')
  assert.is(await codeOf(() => loadClientConfig(dir.path)), 'DATA_DIR_MISSING')
  await saveConfig(dir.path, SETTINGS)
  const text = await readFile(join(dir.path, 'halo.json'), 'utf8')
  await writeFile(join(dir.path, 'halo.json'), text.slice(0, -5))
  assert.is(await codeOf(() => loadConfig(dir.path, {}, {})), 'CONFIG_INVALID')
  await writeFile(join(dir.path, 'client.json'), '[]')
  assert.is(await codeOf(() => loadClientConfig(dir.path)), 'CONFIG_INVALID')
})

test.run()
