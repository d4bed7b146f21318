import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { lockDataDir } from '@halo/node'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openPlace } from '../../../test/story/halo-command.ts'
import { networkText, startTestChain } from '../../../test/story/test-chain.ts'
import { startAnvil } from '../src/anvil.ts'
import { assertFails, initWallet } from './failing.ts'

const test = suite('cli/wrong-setup')

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
  const unread = ['--data', place.path('research'), '--passphrase-file', place.path('none')]
  const missing = { exit: 8, code: 'PASSPHRASE_MISSING', says: /--passphrase-file/ }
  await assertFails(place, missing, 'research', 'init', ...chain.options, ...unread)
  assert.not.ok((await readdir(place.dir)).includes('research'), 'a failed init leaves no directory')
})

test('does not lose recovery words, old or new', async () => {
  await using place = await openPlace()
  await using chain = await startTestChain(place, 2)
  await writeFile(place.path('words'), 'older words\n')
  const args = ['wallet', 'init', ...chain.options, '--data', place.path('wallet')]
  const fails = { exit: 3, code: 'FILE_EXISTS', says: /exists already.*--words-out/ }
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
  await using _lock = await lockDataDir(place.path('wallet'))
  await assertFails(
    place,
    { exit: 8, code: 'DATA_DIR_LOCKED', says: /Stop it first/ },
    'wallet',
    'list',
    ...data,
  )
})

test.run()
