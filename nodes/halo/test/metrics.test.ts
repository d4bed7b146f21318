import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { publishing, startLocalNetwork, TERMS } from '../../../test/fixture/local-network.ts'
import { createMetrics } from '../src/metrics.ts'

const test = suite('node/metrics')

const LINE = /^(?:# TYPE [a-z_]+ (?:counter|gauge)|[a-z_]+(?:\{(?:[a-z]+="[A-Za-z_-]*",?)*\})? -?[0-9.]+)$/

test('counts by label and prints what Prometheus reads', () => {
  const metrics = createMetrics()
  metrics.count('halo_calls_total', { call: 'status', outcome: 'ok' })
  metrics.count('halo_calls_total', { call: 'status', outcome: 'ok' })
  metrics.count('halo_calls_total', { call: 'status', outcome: 'BUSY' })
  metrics.count('halo_chain_rollbacks_total')
  assert.equal(metrics.render({ halo_up: 1 }).split('\n'), [
    '# TYPE halo_up gauge',
    'halo_up 1',
    '# TYPE halo_calls_total counter',
    'halo_calls_total{call="status",outcome="ok"} 2',
    'halo_calls_total{call="status",outcome="BUSY"} 1',
    '# TYPE halo_chain_rollbacks_total counter',
    'halo_chain_rollbacks_total 1',
    '',
  ])
})

test('lets no label break out of its line', () => {
  const metrics = createMetrics()
  metrics.count('halo_calls_total', { call: 'a"b\\c\nd' })
  assert.match(metrics.render({}), 'halo_calls_total{call="a_b_c_d"} 1\n')
})

test('after a record went through, names neither people, peers, requests nor data sets', async () => {
  await using network = await startLocalNetwork({ peers: 3, quorum: 2 })
  const { wallet } = await network.openWallet()
  const { research } = await network.openResearch()
  const shape = { dataShards: 2, parityShards: 1, threshold: 2 }
  const { holding } = await wallet.publish(publishing(new Uint8Array(10_000).fill(7), shape))
  const { request } = await research.request({ dataset: holding.dataset, terms: TERMS, relayFee: 1n })
  await wallet.approve(request.id)
  for (const { node } of network.peers) {
    const reply = await fetch(`http://127.0.0.1:${node?.statusPort}/metrics`)
    const text = await reply.text()
    const lines = text.trimEnd().split('\n')
    for (const line of lines) assert.match(line, LINE)
    assert.ok(lines.length < 60, `${lines.length} lines`)
    assert.match(text, /halo_stored_shards 1\n/)
    assert.match(text, /halo_calls_total\{call="storeShard",outcome="ok"\} 1\n/)
    assert.match(text, /halo_chain_events_total\{kind="requested"\} 1\n/)
    assert.not.match(text, /0x[0-9a-f]{4}|12D3Koo/)
  }
})

test.run()
