import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { openLedger } from '@halo/chain'
import type { Bytes32 } from '@halo/consent'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startHalo } from './local-halo.ts'

const test = suite('chain/root-anchor')

/** A node in front of another one that refuses to look for logs, as some do for blocks they have pruned. */
async function refuseLogs(rpcUrl: string): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer(async (request, response) => {
    const body = await text(request)
    const { id, method } = JSON.parse(body) as { readonly id: unknown; readonly method: string }
    const error = { code: -32_000, message: 'pruned history unavailable' }
    const headers = { 'content-type': 'application/json' }
    const answered =
      method === 'eth_getLogs'
        ? JSON.stringify({ jsonrpc: '2.0', id, error })
        : await (await fetch(rpcUrl, { method: 'POST', headers, body })).text()
    response.end(answered)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('a node that refuses old logs still tells that a root is there, and since when', async () => {
  await using halo = await startHalo(1)
  const writer = halo.operators[0]?.writer
  assert.ok(writer)
  const root = `0x${'7'.repeat(64)}` as Bytes32
  const tx = await writer.anchorRoot(3, root)
  const known = await halo.ledger.rootAnchor(writer.account, 3, root)
  assert.is(known?.txHash, tx.hash)
  await using node = await refuseLogs(halo.anvil.rpcUrl)
  await using ledger = await openLedger({ rpcUrl: node.url, deployment: halo.deployment })
  assert.equal(await ledger.rootAnchor(writer.account, 3, root), { ...known, txHash: null })
  assert.is(await ledger.rootAnchor(writer.account, 4, root), null)
})

test.run()
