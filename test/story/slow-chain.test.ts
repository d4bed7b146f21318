import { openLedger } from '@halo/chain'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openPlace, until } from './halo-command.ts'
import { initPeer, startTestChain } from './test-chain.ts'

const test = suite('story/slow-chain')

test('a peer starts and stops at once on a chain that mines nothing, and announces itself when it does', async () => {
  await using place = await openPlace()
  await using chain = await startTestChain(place, 1)
  const { anvil, deployment } = chain
  await using ledger = await openLedger({ rpcUrl: anvil.rpcUrl, deployment })
  const { rpc } = ledger.connection
  const dir = place.path('peer')
  await initPeer(place, chain, dir)
  await rpc.send('evm_setAutomine', [false])
  const pending = async (): Promise<number> =>
    Number(((await rpc.send('txpool_status', [])) as { readonly pending: string }).pending)

  const first = place.start('node', 'start', '--data', dir)
  await first.untilPrinted('is up; status at')
  await until('the announcement waits to be mined', async () => (await pending()) === 1)
  const startedMs = performance.now()
  first.child.kill('SIGTERM')
  const ended = await first.ended
  assert.is(ended.code, 0, ended.stderr)
  assert.match(ended.stderr, /node-stopped/)
  assert.ok(performance.now() - startedMs < 10_000, 'it waits for no transaction')

  const second = place.start('node', 'start', '--data', dir)
  await second.untilPrinted('is up; status at')
  await until('both announcements wait', async () => (await pending()) === 2)
  await rpc.send('evm_mine', [])
  await second.untilPrinted('addresses-announced')
  const [member] = await ledger.members()
  assert.ok((member?.addresses ?? []).length > 0)
})

test.run()
