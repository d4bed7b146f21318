import { networkInterfaces } from 'node:os'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Health, openStatusServer } from '../src/status-server.ts'

const test = suite('node/status-server')

const HEALTH: Health = {
  isHealthy: true,
  problems: [],
  peerId: '12D3KooW',
  operator: '0x00',
  uptimeSec: 1,
  chain: { isReachable: true, block: 1, isMember: true },
  peers: { connected: 0, members: 1 },
  log: { isSigning: true, problem: null },
  storage: { shards: 0, sizeBytes: 0 },
  addresses: [],
}

function openServer(
  health: () => Promise<Health> = async () => HEALTH,
): Promise<{ readonly port: number } & AsyncDisposable> {
  return openStatusServer(0, health, async () => 'halo_up 1\n')
}

function ask(port: number, path: string, options: RequestInit = {}): Promise<Response> {
  const signal = AbortSignal.timeout(30_000)
  return fetch(`http://127.0.0.1:${port}${path}`, { ...options, signal })
}

test('answers 200 with the health of a healthy node, never from a cache', async () => {
  await using server = await openServer()
  const reply = await ask(server.port, '/healthz')
  assert.is(reply.status, 200)
  assert.is(reply.headers.get('cache-control'), 'no-store')
  assert.equal(await reply.json(), HEALTH)
})

test('answers 503 and says what is wrong when the node is not healthy', async () => {
  const ill = { ...HEALTH, isHealthy: false, problems: ['The chain node does not answer.'] }
  await using server = await openServer(async () => ill)
  const reply = await ask(server.port, '/healthz')
  assert.is(reply.status, 503)
  assert.equal(await reply.json(), ill)
})

test('answers 500 without the cause when health cannot be told', async () => {
  await using server = await openServer(async () => {
    throw new Error('canary at /secret/path')
  })
  const reply = await ask(server.port, '/healthz')
  assert.is(reply.status, 500)
  assert.not.match(await reply.text(), /canary|secret/)
})

test('serves metrics as Prometheus text', async () => {
  await using server = await openServer()
  const reply = await ask(server.port, '/metrics')
  assert.match(reply.headers.get('content-type') ?? '', 'text/plain; version=0.0.4')
  assert.is(await reply.text(), 'halo_up 1\n')
})

test('refuses other paths and methods', async () => {
  await using server = await openServer()
  for (const path of ['/', '/healthz/x', '/metrics?all', '/../keystore.json', '/state.sqlite'])
    assert.is((await ask(server.port, path)).status, 404, path)
  for (const method of ['POST', 'DELETE', 'PUT'])
    assert.is((await ask(server.port, '/healthz', { method })).status, 405, method)
})

const outside = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === 'IPv4' && !address.internal)?.address

const title = 'listens on loopback alone'
if (outside === undefined)
  process.stdout.write(`SKIP node/status-server: ${title}: this machine has no other address\n`)
else
  test(title, async () => {
    await using server = await openServer()
    const asked = fetch(`http://${outside}:${server.port}/healthz`, { signal: AbortSignal.timeout(30_000) })
    const failure = await asked.then(
      () => null,
      (error: unknown) => (error as { readonly cause?: { readonly code?: unknown } }).cause?.code,
    )
    assert.is(failure, 'ECONNREFUSED')
  })

test('closes at once, even while a client keeps its connection', async () => {
  const server = await openServer()
  await (await ask(server.port, '/healthz', { headers: { connection: 'keep-alive' } })).text()
  await server[Symbol.asyncDispose]()
  const failure = await ask(server.port, '/healthz').then(
    () => null,
    () => 'refused',
  )
  assert.is(failure, 'refused')
})

test('says which port is taken', async () => {
  await using server = await openServer()
  try {
    await openStatusServer(
      server.port,
      async () => HEALTH,
      async () => '',
    )
    assert.unreachable()
  } catch (error) {
    assert.is((error as { readonly code?: unknown }).code, 'PORT_TAKEN')
    assert.match((error as Error).message, new RegExp(`${server.port}.*--status-port`))
  }
})

test.run()
