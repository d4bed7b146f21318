import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { chromium } from 'playwright-core'
import { buildPage } from '../scripts/page.ts'

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

/** Why the page cannot be opened here, or null. */
export const NO_BROWSER: string | null = existsSync(CHROMIUM) ? null : `${CHROMIUM} is not installed`

/** In the place of a file's content: it is a folder. */
export const FOLDER = 'folder'

/** The page as a person has it: a file, opened in a browser whose network is cut. */
export interface OpenedPage extends AsyncDisposable {
  readonly page: Page
  /** Whatever the page asked for beside itself, and what it wrote to its console. */
  readonly complaints: string[]
  /** Chooses a proof file and waits for the answer. */
  choose(name: string, content: Uint8Array | string): Promise<void>
  /** Chooses the record's file and waits for the answer. */
  chooseRecord(name: string, content: Uint8Array | string): Promise<void>
  /** Adds a file of what somebody knows from elsewhere, and waits for the answer. */
  addKnown(name: string, content: string): Promise<void>
  /** Drops files and folders at a place of the page, as a person would, all of them at once. */
  drop(selector: string, items: Readonly<Record<string, Uint8Array | string>>): Promise<void>
  /** The heading of the answer. */
  title(): Promise<string>
  /** Verdict and reason of each part on the page. */
  parts(): Promise<Readonly<Record<string, string>>>
}

/** How the page is looked at. */
export interface PageLook {
  readonly width?: number
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
}

/** Builds the page, puts it in a file and opens that; several can be open at once. */
export async function openPage(look: PageLook = {}): Promise<OpenedPage> {
  const dir = await mkdtemp(join(tmpdir(), 'halo-page-'))
  const path = join(dir, 'verify.html')
  await writeFile(path, await buildPage())
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS })
  const context = await browser.newContext({
    viewport: { width: look.width ?? 1_280, height: look.height ?? 900 },
    colorScheme: look.colorScheme ?? 'light',
    reducedMotion: 'reduce',
  })
  await context.setOffline(true)
  const page = await context.newPage()
  const complaints: string[] = []
  const own = pathToFileURL(path).href
  await page.route('**/*', async (route) => {
    if (route.request().url() === own) return route.continue()
    complaints.push(`asked for ${route.request().url()}`)
    return route.abort()
  })
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  await page.goto(own)
  const choose = async (input: string, name: string, content: Uint8Array | string): Promise<void> => {
    // Marks the answer that is there, so that the next one is told from it.
    await page.evaluate(() => document.getElementById('outcome-title')?.removeAttribute('id'))
    const buffer = Buffer.from(content)
    await page.setInputFiles(input, { name, mimeType: 'application/octet-stream', buffer })
    await page.waitForSelector('#outcome-title', { timeout: 60_000 })
  }
  const dropped = async (name: string, content: Uint8Array | string): Promise<string> => {
    const place = join(dir, name)
    await (content === FOLDER ? mkdir(place, { recursive: true }) : writeFile(place, content))
    return place
  }
  return {
    page,
    complaints,
    drop: async (selector, items) => {
      const files = await Promise.all(Object.entries(items).map(([name, content]) => dropped(name, content)))
      const place = page.locator(selector)
      await place.scrollIntoViewIfNeeded()
      const { x, y } = (await place.boundingBox()) ?? { x: 0, y: 0 }
      const devtools = await context.newCDPSession(page)
      const data = { items: [], files, dragOperationsMask: 1 }
      for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
        await devtools.send('Input.dispatchDragEvent', { type, x: x + 5, y: y + 5, data })
      await devtools.detach()
    },
    choose: (name, content) => choose('#proof', name, content),
    chooseRecord: (name, content) => choose('#record', name, content),
    addKnown: (name, content) => choose('#known-file', name, content),
    title: () =>
      page
        .locator('#outcome-title')
        .textContent()
        .then((text) => text ?? ''),
    parts: () =>
      page.$$eval('.part', (cards) =>
        Object.fromEntries(
          cards.map(({ dataset }) => [dataset['part'], `${dataset['verdict']} ${dataset['reason']}`]),
        ),
      ),
    async [Symbol.asyncDispose]() {
      await browser.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
