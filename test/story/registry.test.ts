import { writeFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openPlace, until } from './halo-command.ts'
import { startPeer, startTestChain } from './test-chain.ts'

const test = suite('story/registry')

test('an admin admits, suspends and resumes a peer, and the running peer notices each', async () => {
  await using place = await openPlace()
  await using chain = await startTestChain(place, 1)
  const dir = place.path('peer')
  const made = await place.json(
    'node',
    'init',
    '--data',
    dir,
    ...chain.options,
    '--listen',
    '/ip4/127.0.0.1/tcp/0',
  )
  const { peerId, operator } = made.value
  await chain.fund(operator)
  assert.is(made.value.peerFile, place.path('peer', 'peer.json'))
  await writeFile(place.path('admin.key'), chain.anvil.accounts[0]?.privateKey ?? '', { mode: 0o600 })
  await writeFile(place.path('other.key'), chain.anvil.accounts[1]?.privateKey ?? '', { mode: 0o600 })
  const registry = (name: string, key: string, subject: string): ReturnType<typeof place.json> =>
    place.json('registry', name, subject, ...chain.options, '--key-file', place.path(key))
  const status = (): ReturnType<typeof place.json> => place.json('node', 'status', '--data', dir)
  const untilHealthy = (wanted: boolean): Promise<void> =>
    until(`healthy: ${wanted}`, async () => (await status()).value.isHealthy === wanted)

  await startPeer(place, dir)
  const before = await status()
  assert.equal([before.code, before.value.isHealthy], [1, false])
  assert.match(before.value.problems.join(), 'ask an admin to admit it')

  const stranger = await registry('admit', 'other.key', made.value.peerFile)
  assert.is(stranger.code, 4, JSON.stringify(stranger.value))
  const admitted = await registry('admit', 'admin.key', made.value.peerFile)
  assert.is(admitted.code, 0, JSON.stringify(admitted.value))
  await untilHealthy(true)
  const again = await registry('admit', 'admin.key', made.value.peerFile)
  assert.is(again.code, 4, JSON.stringify(again.value))
  const { code, value } = await place.json('registry', 'list', ...chain.options)
  assert.is(code, 0)
  assert.match(JSON.stringify(value), peerId)

  assert.is((await registry('suspend', 'admin.key', operator)).code, 0)
  await untilHealthy(false)
  assert.is((await registry('resume', 'admin.key', operator)).code, 0)
  await untilHealthy(true)

  const noKey = await registry('suspend', 'none.key', operator)
  assert.ok([2, 3, 8].includes(noKey.code ?? 0), JSON.stringify(noKey.value))
  const noAccount = await registry('suspend', 'admin.key', 'peer-1')
  assert.equal([noAccount.code, noAccount.value.error.code], [2, 'BAD_IDENTIFIER'])
})

test.run()
