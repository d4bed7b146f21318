import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { hexOf } from '@halo/consent'
import { generateGlucoseCsv } from '@halo/records'
import { build } from 'esbuild'
import { parseEther, Wallet as Signer } from 'ethers'
import type { Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Parties, Place } from '../fixture/browser-parties.ts'
import { startLocalNetwork } from '../fixture/local-network.ts'

const CHROMIUM = '/usr/bin/chromium'
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const TITLE = 'a patient in a browser publishes and approves, a researcher in a browser opens and verifies'
const test = suite('story/browser')

if (existsSync(CHROMIUM)) {
  test(TITLE, async () => {
    await using network = await startLocalNetwork()
    await using patientPage = await openPage()
    await using researcherPage = await openPage()
    const { chainId, ...contracts } = network.deployment
    const place: Place = { rpcUrl: network.anvil.rpcUrl, deployment: { ...contracts, chainId: `${chainId}` } }
    const researcher = Signer.createRandom()
    const funding = {
      name: 'fund',
      to: researcher.address as typeof contracts.token,
      data: hexOf(new Uint8Array()),
    }
    await network.admin.send({ ...funding, value: parseEther('10') })
    const published = await call(patientPage, 'publish', place, generateGlucoseCsv({ days: 2 }))
    const id = await call(researcherPage, 'request', place, researcher.privateKey, published.dataset)
    assert.is(await call(patientPage, 'approve', id), 5)
    assert.is(await call(researcherPage, 'collect', id), published.sha256)
  })
} else {
  process.stdout.write(`SKIP story/browser: ${TITLE}: ${CHROMIUM} is not installed\n`)
}

/** A page on loopback with the parties in it. */
async function openPage(): Promise<{ readonly page: Page } & AsyncDisposable> {
  const script = await bundle()
  const server = createServer((request, response) => {
    const isScript = request.url === '/parties.js'
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? script : '<!doctype html><script type="module" src="/parties.js"></script>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
  const page = await browser.newPage()
  await page.goto(`http://127.0.0.1:${port}/`)
  await page.waitForFunction(() => 'parties' in globalThis)
  return {
    page,
    async [Symbol.asyncDispose]() {
      await browser.close()
      server.closeAllConnections()
      server.close()
    },
  }
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../fixture/browser-parties.ts', import.meta.url))],
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2024',
    conditions: ['@halo/source'],
    write: false,
    logLevel: 'silent',
  })
  return outputFiles[0]?.text ?? ''
}

async function call<Name extends keyof Parties>(
  { page }: { readonly page: Page },
  name: Name,
  ...args: Parameters<Parties[Name]>
): Promise<Awaited<ReturnType<Parties[Name]>>> {
  const run = ({ called, given }: { called: string; given: unknown[] }): unknown => {
    const { parties } = globalThis as unknown as { parties: Record<string, (...args: unknown[]) => unknown> }
    return parties[called]?.(...given)
  }
  return (await page.evaluate(run, { called: name as string, given: args as unknown[] })) as never
}

test.run()
