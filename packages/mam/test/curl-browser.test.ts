import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createScalarEngine } from '../src/curl-scalar.ts'
import { expandTrits } from './expand-trits.ts'
import { sameTrits } from './stock-curl.ts'

const CHROMIUM = '/usr/bin/chromium'
/** For the browser to start and for a page to load, on a busy machine. */
const PATIENCE_MS = 120_000
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
]
const TITLES = {
  allowed: 'runs with SIMD on the main thread of a page in Chromium, with the same results',
  refused: 'runs without it where the page’s policy refuses WebAssembly',
} as const
const test = suite('mam/curl-browser')

if (existsSync(CHROMIUM)) {
  test(TITLES.allowed, async () => {
    const { kind, fragments, nonce } = await runInPage("script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'")
    assert.is(kind, 'simd')
    checkResults(fragments, nonce)
  })

  test(TITLES.refused, async () => {
    const { kind, fragments, nonce } = await runInPage("script-src 'self' 'unsafe-inline'")
    assert.is(kind, 'scalar')
    checkResults(fragments, nonce)
  })
} else
  for (const title of Object.values(TITLES))
    process.stdout.write(`SKIP mam/curl-browser: ${title}: ${CHROMIUM} is not installed\n`)

interface Results {
  readonly kind: string
  readonly fragments: readonly number[]
  readonly nonce: readonly number[]
}

function checkResults(fragments: readonly number[], nonce: readonly number[]): void {
  const scalar = createScalarEngine()
  const expected = expandTrits(1, 200 * 243)
  scalar.hashChains(expected, new Uint8Array(200).fill(26))
  sameTrits(Int8Array.from(fragments), expected)
  sameTrits(Int8Array.from(nonce), scalar.findNonce(expandTrits(2, 729), 3))
}

/** What the engine of a page under a policy makes of the same trits. */
async function runInPage(policy: string): Promise<Results> {
  const script = await bundle()
  await using stack = new AsyncDisposableStack()
  const server = createServer((request, response) => {
    const isScript = request.url === '/curl.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.setHeader('content-security-policy', policy)
    response.end(isScript ? script : '<!doctype html><script type="module" src="/curl.js"></script>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stack.defer(() => {
    server.closeAllConnections()
    server.close()
  })
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS, timeout: PATIENCE_MS })
  stack.defer(() => browser.close())
  const page = await browser.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  const { port } = server.address() as { readonly port: number }
  await page.goto(`http://127.0.0.1:${port}/`)
  await page.waitForSelector('#results', { state: 'attached' })
  return JSON.parse((await page.textContent('#results')) ?? '') as Results
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: PAGE, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
  })
  return outputFiles[0]?.text ?? ''
}

/** Writes its results into the page: a policy without 'unsafe-eval' lets no test evaluate anything in it. */
const PAGE = `
import { createCurlEngine } from '../src/curl-choice.ts'
import { expandTrits } from './expand-trits.ts'
const engine = createCurlEngine()
const fragments = expandTrits(1, 200 * 243)
engine.hashChains(fragments, new Uint8Array(200).fill(26))
const nonce = engine.findNonce(expandTrits(2, 729), 3)
const results = document.createElement('pre')
results.id = 'results'
results.textContent = JSON.stringify({ kind: engine.kind, fragments: [...fragments], nonce: [...nonce] })
document.body.append(results)
`

test.run()
