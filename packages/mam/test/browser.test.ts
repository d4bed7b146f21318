import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { build, type OutputFile } from 'esbuild'
import { chromium, type Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { declareSkip } from '../../records/test/shared-data.ts'
import type { PageCalls } from './browser-page.ts'

const CHROMIUM = '/usr/bin/chromium'
/** For the browser to start and for a page to load, on a busy machine. */
const PATIENCE_MS = 120_000
const FLAGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']
const PAGE = new URL('./browser-page.ts', import.meta.url)
const WORKER = new URL('./browser-worker.ts', import.meta.url)
const SOURCES = new URL('../src/', import.meta.url)
const test = suite('mam/browser')

test('imports no node: module and nothing of Halo', () => {
  const files = readdirSync(SOURCES).filter((name) => name.endsWith('.ts'))
  assert.ok(files.length > 30)
  for (const name of files) {
    const text = readFileSync(new URL(name, SOURCES), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
    assert.not.match(text, /['"](node:|@halo\/)|\bBuffer\b|\bprocess\b|require\(/, name)
  }
})

test('leaves the library of the other engine out of a bundle, until it is asked for', async () => {
  const files = await bundle([WORKER])
  const [worker] = files.filter(({ path }) => path.endsWith('browser-worker.js'))
  const size = worker?.contents.length ?? 0
  assert.ok(size > 10_000 && size < 100_000, `${size} bytes`)
  assert.ok(
    files.some(({ path, contents }) => !path.endsWith('browser-worker.js') && contents.length > 100_000),
  )
})

const IN_CHROMIUM: readonly (readonly [string, (page: Page) => Promise<void>])[] = [
  [
    'publishes and reads, through a worker, with either engine',
    async (page) => {
      const texts = ['5.1', 'grün 🩸\0', '']
      assert.equal(await call(page, 'roundTrip', 'simd', 'restricted'), texts)
      assert.equal(await call(page, 'roundTrip', 'mam.js', 'public'), texts)
    },
  ],
  [
    'ends a worker that hangs or fails and reads on with another',
    async (page) =>
      assert.equal(await call(page, 'hang'), ['PARSE_TIMEOUT', 'PARSER_DIED', 'MESSAGE_MALFORMED']),
  ],
]
for (const [title, check] of IN_CHROMIUM)
  if (!existsSync(CHROMIUM)) declareSkip('mam/browser', title, `${CHROMIUM} is not installed`)
  else
    test(`in Chromium, ${title}`, async () => {
      await using opened = await openPage()
      await check(opened.page)
    })

/** A page on loopback with the calls in it. */
async function openPage(): Promise<{ readonly page: Page } & AsyncDisposable> {
  const files = await bundle([PAGE, WORKER])
  const server = createServer((request, response) => {
    const name = request.url?.replace('/worker.js', '/browser-worker.js') ?? ''
    const file = files.find(({ path }) => path.endsWith(name) && name.endsWith('.js'))
    response.setHeader('content-type', file === undefined ? 'text/html' : 'text/javascript')
    response.end(file?.text ?? '<!doctype html><script type="module" src="/browser-page.js"></script>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS, timeout: PATIENCE_MS })
  const page = await browser.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  await page.goto(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`)
  await page.waitForFunction(() => 'calls' in globalThis)
  return {
    page,
    async [Symbol.asyncDispose]() {
      await browser.close()
      server.closeAllConnections()
      server.close()
    },
  }
}

async function bundle(entries: readonly URL[]): Promise<readonly OutputFile[]> {
  const { outputFiles } = await build({
    entryPoints: entries.map((entry) => fileURLToPath(entry)),
    bundle: true,
    splitting: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2024',
    outdir: 'bundle',
    write: false,
    logLevel: 'silent',
  })
  return outputFiles
}

/** Calls a function of the page. */
async function call<Name extends keyof PageCalls>(
  page: Page,
  name: Name,
  ...given: Parameters<PageCalls[Name]>
): Promise<readonly string[]> {
  return await page.evaluate(
    ([called, values]) =>
      (globalThis as unknown as { calls: Record<string, (...values: unknown[]) => Promise<string[]>> }).calls[
        called as string
      ]?.(...(values as unknown[])) ?? [],
    [name, given] as const,
  )
}

test.run()
