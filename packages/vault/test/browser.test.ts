import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { build } from 'esbuild'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const CHROMIUM = '/usr/bin/chromium'
const SOURCES = new URL('../src/', import.meta.url)
const test = suite('vault/browser')

async function bundle(): Promise<string> {
  const { outputFiles, warnings } = await build({
    stdin: { contents: `export * from './index.ts'`, resolveDir: SOURCES.pathname, loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
  })
  assert.equal(warnings, [])
  return outputFiles[0]?.text ?? ''
}

test('imports no node: module and nothing of Halo', () => {
  const files = readdirSync(SOURCES).filter((name) => name.endsWith('.ts'))
  assert.ok(files.length > 15)
  for (const name of files) {
    const text = readFileSync(new URL(name, SOURCES), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
    assert.not.match(text, /['"](node:|@halo\/)|\bBuffer\b|\bprocess\b|require\(/, name)
  }
})

test('is bundled for a browser without a warning and without asking for a Node module', async () => {
  const text = await bundle()
  assert.ok(text.length > 200_000)
  assert.not.match(text, /from ?["'](node:)?(fs|path|buffer|stream)["']/)
})

test('seals, splits, codes and opens from the bundle where no Node global exists', async () => {
  const { Worker } = await import('node:worker_threads')
  const source = `data:text/javascript;base64,${Buffer.from(`${await bundle()}\n${ROUND_TRIP}`).toString('base64')}`
  const script = `
    const { parentPort } = require('node:worker_threads')
    for (const name of ['process', 'Buffer', 'global', 'require', 'module', 'setImmediate'])
      try { delete globalThis[name] } catch {}
    import(${JSON.stringify(source)}).then((m) => m.roundTrip()).then(
      (answer) => parentPort.postMessage(answer),
      (error) => parentPort.postMessage(String(error && error.stack)))`
  const worker = new Worker(script, { eval: true })
  const answer = await new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  await worker.terminate()
  assert.is(answer, 'ok 1000000')
})

/** Runs inside the bundle: its functions are in scope. */
const ROUND_TRIP = `
export async function roundTrip() {
  const record = new Uint8Array(1000000).map((_, at) => at * 31)
  async function* source() { for (let at = 0; at < record.length; at += 65536) yield record.subarray(at, at + 65536) }
  const sealing = sealRecord(source(), { metadata: new Uint8Array(3) })
  const shape = { data: 3, parity: 2, unitBytes: 65536 }
  const engine = await createWasmEngine()
  const stripes = []
  for await (const { units } of encodeShards(sealing.sealed, shape, engine)) stripes.push(units)
  const { commitment, sealedBytes } = await sealing.result
  const { shares, commitments } = await splitKey(sealing.dataKey, { shares: 5, threshold: 3 })
  const { publicKey, secretKey } = await createKemKeyPair()
  const context = storedShareContext('peer', new Uint8Array(16), new Uint8Array(32))
  const given = []
  for (const [at, share] of shares.slice(2).entries())
    given.push({ index: at + 3, share: await openSealed(secretKey, await sealTo(publicKey, share, context), context) })
  const dataKey = await combineKey(given, { threshold: 3, commitments })
  const read = async (shard, stripe) => (shard < 2 ? null : stripes[stripe][shard])
  const opening = openRecord(decodeShards(shape, sealedBytes, read, engine), { dataKey, commitment, sealedBytes })
  let at = 0
  for await (const piece of opening.record)
    for (const byte of piece) if (byte !== record[at++]) return 'byte ' + at + ' differs'
  return 'ok ' + (await opening.verified).recordBytes
}`

const inChromium = 'seals, splits, codes and opens in Chromium, from the bundle'
if (!existsSync(CHROMIUM)) {
  process.stdout.write(`SKIP vault/browser: ${inChromium}: there is no ${CHROMIUM} on this machine\n`)
} else {
  test(inChromium, async () => {
    const text = `${await bundle()}\n${ROUND_TRIP}`
    const server = createServer((request, response) => {
      const isModule = request.url === '/vault.js'
      response.setHeader('content-type', isModule ? 'text/javascript' : 'text/html')
      response.end(isModule ? text : '<!doctype html><title>vault</title>')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const { chromium } = await import('playwright-core')
    const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
    const browser = await chromium.launch({ executablePath: CHROMIUM, args })
    try {
      const page = await browser.newPage()
      await page.goto(`http://127.0.0.1:${port}/`)
      const answer = await page.evaluate(`import('/vault.js').then((vault) => vault.roundTrip())`)
      assert.is(answer, 'ok 1000000')
    } finally {
      await browser.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })
}

test.run()
