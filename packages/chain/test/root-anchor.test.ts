import { openLedger } from '@halo/chain'
import type { Bytes32 } from '@halo/consent'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openFrontNode } from './front-node.ts'
import { startHalo } from './local-halo.ts'

const test = suite('chain/root-anchor')

/** As some nodes answer about blocks they have pruned. */
const PRUNED = { code: -32_000, message: 'pruned history unavailable' }

test('a node that refuses old logs still tells that a root is there, and since when', async () => {
  await using halo = await startHalo(1)
  const writer = halo.operators[0]?.writer
  assert.ok(writer)
  const root = `0x${'7'.repeat(64)}` as Bytes32
  const tx = await writer.anchorRoot(3, root)
  const known = await halo.ledger.rootAnchor(writer.account, 3, root)
  assert.is(known?.txHash, tx.hash)
  await using node = await openFrontNode(halo.anvil.rpcUrl, (method, { result, ...reply }) =>
    method === 'eth_getLogs' ? { ...reply, error: PRUNED } : { ...reply, result },
  )
  await using ledger = await openLedger({ rpcUrl: node.url, deployment: halo.deployment })
  assert.equal(await ledger.rootAnchor(writer.account, 3, root), { ...known, txHash: null })
  assert.is(await ledger.rootAnchor(writer.account, 4, root), null)
})

test.run()
