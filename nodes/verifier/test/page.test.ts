import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Evidence } from '@halo/proofs'
import {
  createNoteVerifier,
  encodeEvidence,
  encodeReceipt,
  formatLogOrigin,
  formatVerifierKey,
} from '@halo/proofs'
import type { Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CONTENT, makeEvidence } from '../../../packages/proofs/test/evidence-bundle.ts'
import { buildPage } from '../scripts/page.ts'
import { checkProof } from '../src/index.ts'
import { FOLDER, NO_BROWSER, openPage } from './open-page.ts'

const test = suite('verifier/page')

/** A phone reads so much from its disk at once; most of it are curves and hashes, without which nothing is checked. */
const MAX_PAGE_BYTES = 160 * 1024

const { evidence, facts } = await makeEvidence()
const NETWORK = JSON.stringify(evidence.deployment)
const KEYS = `# keys\n${keyOf(evidence)}\n`
/** How every PNG begins. */
const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), Buffer.alloc(900, 0xd3)])

/** The key of the sample's log, as operators give it to others. */
function keyOf({ inclusion }: Evidence): string {
  const key = facts.operators?.[0]?.logKey
  if (inclusion === undefined || key === undefined) throw new Error('the sample lacks a part')
  return formatVerifierKey(createNoteVerifier(formatLogOrigin(inclusion.log), key))
}

test('is one file of less than 160 KiB, the same whenever it is built, that names no address', async () => {
  const page = await buildPage()
  const sizeBytes = Buffer.byteLength(page)
  process.stdout.write(`the page is ${sizeBytes} bytes\n`)
  assert.ok(sizeBytes < MAX_PAGE_BYTES, `${sizeBytes} bytes`)
  assert.is(await buildPage(), page)
  assert.not.match(page, /\b(?:fetch|XMLHttpRequest|WebSocket|EventSource|sendBeacon|importScripts)\b/)
  assert.not.match(page, /<(?:link|img|iframe|object|embed|base)\b|@import|\burl\(/)
  assert.not.match(page, process.cwd())
  assert.match(
    page,
    /content="default-src 'none'; script-src 'sha256-[\w+/=]+'; style-src 'sha256-[\w+/=]+'; /,
  )
})

/** Colours of one scheme by their names, as the style sheet has them. */
function coloursOf(css: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...css.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name, hex]),
  )
}

/** Relative luminance, WCAG 2.2. */
function luminanceOf(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

test('has text of enough contrast, 4.5 to 1, in light and dark', async () => {
  const css = await readFile(new URL('../src/page/style.css', import.meta.url), 'utf8')
  const schemes = css.split('@media').slice(0, 2).map(coloursOf)
  assert.equal(
    schemes.map((scheme) => Object.keys(scheme).length),
    [12, 12],
  )
  for (const scheme of schemes)
    for (const [text, grounds] of Object.entries({
      ink: ['ground', 'paper', 'good-ground', 'open-ground', 'bad-ground'],
      faint: ['ground', 'paper'],
      accent: ['ground', 'paper'],
      good: ['paper', 'good-ground'],
      open: ['paper', 'open-ground'],
      bad: ['paper', 'bad-ground'],
    }))
      for (const ground of grounds) {
        const [light = 0, dark = 0] = [scheme[text], scheme[ground]]
          .map((hex) => luminanceOf(hex ?? ''))
          .sort((a, b) => b - a)
        assert.ok((light + 0.05) / (dark + 0.05) >= 4.5, `${text} on ${ground}`)
      }
})

/** A bundle with something in it changed. */
type Change = (evidence: Evidence) => Evidence

function flip(hex: string): `0x${string}` {
  return `0x${hex.slice(2, -1)}${hex.endsWith('0') ? '1' : '0'}`
}

/** One way to break each part, and the reason it has to come to. */
const BROKEN: Readonly<Record<string, readonly [reason: string, change: Change]>> = {
  record: [
    'RECORD_NOT_SIGNED',
    (it) =>
      ({
        ...it,
        record: it.record && {
          ...it.record,
          signature: flip(it.record.signature.slice(0, -2)).concat('1b') as `0x${string}`,
        },
      }) as Evidence,
  ],
  inclusion: [
    'ENTRY_NOT_IN_TREE',
    (it) =>
      ({ ...it, inclusion: it.inclusion && { ...it.inclusion, index: it.inclusion.index - 1 } }) as Evidence,
  ],
  anchor: [
    'ANCHOR_PROOF_WRONG',
    (it) =>
      ({ ...it, anchor: it.anchor && { ...it.anchor, storageProof: it.anchor.accountProof } }) as Evidence,
  ],
  consent: [
    'ANSWER_NOT_SIGNED',
    (it) =>
      ({
        ...it,
        consent: it.consent && { ...it.consent, request: { ...it.consent.request, price: '1' } },
      }) as Evidence,
  ],
  access: [
    'REPEATED',
    (it) =>
      ({
        ...it,
        access: it.access && { ...it.access, deliveries: [...it.access.deliveries, ...it.access.deliveries] },
      }) as Evidence,
  ],
  deletion: [
    'DELETION_NOT_SIGNED',
    (it) =>
      ({ ...it, deletion: it.deletion?.map((item) => ({ ...item, timeSec: item.timeSec + 1 })) }) as Evidence,
  ],
}

function browserTest(title: string, run: () => Promise<void>): void {
  if (NO_BROWSER === null) test(title, run)
  else process.stdout.write(`SKIP verifier/page: ${title}: ${NO_BROWSER}\n`)
}

browserTest('checks a genuine bundle with the network cut, and more of it the more is known', async () => {
  await using opened = await openPage()
  const { page } = opened
  await opened.choose('mine.halo-proof.json', encodeEvidence(evidence))
  assert.is(await opened.title(), 'Not enough to rely on')
  assert.equal(
    Object.values(await opened.parts()),
    checkProof({ kind: 'bundle', evidence }).parts.map(({ verdict, reason }) => `${verdict} ${reason}`),
  )
  await opened.chooseRecord('delivered.ndjson', CONTENT)
  assert.is((await opened.parts())['record'], 'verified RECORD_MATCHES')
  await page.fill('#block-hash', facts.blockHash ?? '')
  await page.press('#block-hash', 'Enter')
  assert.is(await opened.title(), 'Not enough to rely on')
  assert.is((await opened.parts())['anchor'], 'missing HALO_UNKNOWN', 'only the file names the contracts')
  await opened.addKnown('network.json', NETWORK)
  assert.is(await opened.title(), 'The proof holds')
  assert.is((await opened.parts())['anchor'], 'verified ANCHORED_IN_BLOCK')
  const basis = (await page.locator('.basis dd').allTextContents()).flatMap((text) => text.split('\n'))
  const sha256Of = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')
  for (const line of [
    'mine.halo-proof.json',
    `SHA-256 ${sha256Of(encodeEvidence(evidence))}`,
    'delivered.ndjson',
    `SHA-256 ${sha256Of(CONTENT)}`,
    `anchor ${evidence.deployment.anchor}`,
    facts.blockHash ?? '',
    'not given',
  ])
    assert.ok(basis.includes(line), line)
  const [, script = ''] = /<script type="module">(.*)<\/script>/s.exec(await page.content()) ?? []
  const hash = createHash('sha256').update(script).digest('base64')
  assert.ok(basis.includes(`script sha256-${hash}`), 'the page says which it is')
  await page.emulateMedia({ media: 'print' })
  assert.ok(await page.isVisible('.basis'))
  await page.emulateMedia({ media: 'screen' })
  await opened.chooseRecord('other.ndjson', 'other')
  assert.is(await opened.title(), 'Do not rely on this')
  assert.is((await opened.parts())['record'], 'broken RECORD_DIFFERS')
  assert.equal(opened.complaints, [])
})

browserTest(
  'takes a verdict away as soon as something is changed or refused that it was not made with',
  async () => {
    await using opened = await openPage()
    const { page } = opened
    const vkey = keyOf(evidence)
    const isOpen = async (says: RegExp): Promise<void> => {
      assert.is(await opened.title(), 'Not checked with what you entered')
      assert.is(await page.locator('.outcome').count(), 1)
      assert.match((await page.textContent('#known-problem')) ?? '', says)
      assert.not.ok(await page.isVisible('.parts'))
      assert.not.ok(await page.isVisible('.basis'))
    }
    await opened.choose('mine.json', encodeEvidence(evidence))
    await opened.addKnown('network.json', NETWORK)
    await page.fill('#block-hash', facts.blockHash ?? '')
    await isOpen(/Check again/)
    await page.click('.known button')
    assert.is(await opened.title(), 'The proof holds')
    await page.fill('#block-hash', '0x12')
    await page.click('.known button')
    await isOpen(/64 hex digits/)
    assert.is(await page.evaluate(() => document.activeElement?.id), 'outcome-title')
    await page.fill('#block-hash', facts.blockHash ?? '')
    await page.click('.known button')
    for (const [text, says] of [
      [`${vkey.slice(0, -4)}\n`, /Key 1/],
      [NETWORK.slice(0, -2), /network file is not valid/],
      ['{"registry":"0x12"}', /network file is not valid/],
    ] as const) {
      await opened.addKnown('other', text)
      await isOpen(says)
      await page.click('.known button')
      assert.is(await opened.title(), 'The proof holds')
    }
    await page.fill('#operator-keys', '# Read me\n')
    await page.click('.known button')
    await isOpen(/holds no keys/)
    await opened.addKnown('keys', `${vkey}\n`)
    assert.is(await page.inputValue('#operator-keys'), `${vkey}\n`)
    assert.is(await opened.title(), 'The proof holds')
    assert.equal(opened.complaints, [])
  },
)

browserTest(
  'keeps what is known for the next proof, but a block hash only for a proof of that block',
  async () => {
    await using opened = await openPage()
    const { page } = opened
    const { anchor: _, ...rest } = evidence
    await opened.choose('mine.json', encodeEvidence(evidence))
    const buffers = [NETWORK, NETWORK].map((text, at) => ({
      name: `known-${at}`,
      mimeType: 'text/plain',
      buffer: Buffer.from(text),
    }))
    await page.evaluate(() => document.getElementById('outcome-title')?.removeAttribute('id'))
    await page.setInputFiles('#known-file', buffers)
    await page.waitForSelector('#outcome-title')
    assert.match((await page.textContent('#known-problem')) ?? '', /several network files/, 'both were read')
    await opened.addKnown('network.json', NETWORK)
    await page.fill('#block-hash', facts.blockHash ?? '')
    await page.click('.known button')
    await opened.choose('junk', 'junk')
    await opened.choose('again.json', encodeEvidence(evidence))
    assert.is(await opened.title(), 'The proof holds')
    assert.is(await page.inputValue('#block-hash'), facts.blockHash)
    await opened.choose('unproven.json', encodeEvidence(rest))
    assert.is(await page.inputValue('#network'), NETWORK)
    assert.is(await page.inputValue('#block-hash'), '')
    assert.equal(opened.complaints, [])
  },
)

browserTest('finds what is broken in each part, and refuses junk in words', async () => {
  await using opened = await openPage({ width: 375, height: 740 })
  for (const [part, [reason, change]] of Object.entries(BROKEN)) {
    await opened.choose('broken.json', encodeEvidence(change(evidence)))
    assert.is(await opened.title(), 'Do not rely on this', part)
    assert.is((await opened.parts())[part], `broken ${reason}`)
  }
  for (const junk of ['', '<html>', '{', encodeEvidence(evidence).slice(0, 900), new Uint8Array(9_000_000)]) {
    await opened.choose('junk', junk)
    assert.is(await opened.title(), 'This file cannot be checked')
    assert.equal(await opened.parts(), {})
  }
  const receipt = evidence.inclusion
  if (receipt === undefined) throw new Error('the sample lacks a part')
  await opened.choose('receipt', encodeReceipt(receipt))
  assert.is(await opened.title(), 'Not enough to rely on')
  await opened.page.fill('#operator-keys', 'half a key')
  await opened.page.click('.known button')
  assert.match((await opened.page.textContent('#known-problem')) ?? '', /Copy all of it/)
  await opened.addKnown('operators', KEYS)
  assert.is(await opened.title(), 'The proof holds')
  assert.equal(opened.complaints, [])
})

/** What is said of files that were not taken; nothing where all were. */
async function noticeOf(page: Page): Promise<string> {
  return (await page.isVisible('#notice')) ? ((await page.textContent('#notice')) ?? '') : ''
}

browserTest('takes what is dropped anywhere for what it is, and never leaves for it', async () => {
  await using opened = await openPage()
  const { page } = opened
  const address = page.url()
  await opened.drop('footer', { 'mine.halo-proof.json': encodeEvidence(evidence) })
  await page.waitForSelector('#outcome-title')
  assert.is(await opened.title(), 'Not enough to rely on')
  await opened.drop('body > header', { network: NETWORK })
  await page.waitForSelector('#notice:not([hidden])')
  assert.match(await noticeOf(page), /^network: keys or contracts, not used\./)
  assert.is(await page.inputValue('#network'), '')
  await opened.drop('h1', { 'delivered.ndjson': CONTENT })
  await page.waitForSelector('.part[data-reason=RECORD_MATCHES]')
  assert.is(await noticeOf(page), '')
  await opened.drop('#drop', { 'screenshot.png': PNG })
  await page.waitForSelector('.outcome.broken')
  assert.is(await opened.title(), 'This file cannot be checked', 'not a record where a proof is wanted')
  assert.is(page.url(), address)
  assert.is(await page.locator('.drop.over').count(), 0)
  assert.equal(opened.complaints, [])
})

browserTest(
  'takes a proof and its record at once, keys and contracts only where somebody knows them, and tells proofs by their names',
  async () => {
    await using opened = await openPage()
    const { page } = opened
    const proof = encodeEvidence(evidence)
    await opened.drop('body', { 'a.json': proof, 'b.json': proof.slice(0, 900), network: NETWORK })
    await page.waitForSelector('#notice:not([hidden])')
    assert.is(await noticeOf(page), 'a.json and b.json are proofs. Choose one at a time.')
    assert.not.ok(await page.isVisible('#result'))
    // Whoever made a proof up made up what goes with it, in files of any name.
    for (const place of ['body', '#drop']) {
      await opened.drop(place, { 'delivered.ndjson': CONTENT, keys: KEYS, network: NETWORK, 'a.json': proof })
      await page.waitForSelector('.part[data-reason=RECORD_MATCHES]')
      assert.match(await noticeOf(page), /^keys and network: keys or contracts, not used\./)
      assert.is(await opened.title(), 'Not enough to rely on')
      assert.equal([await page.inputValue('#network'), await page.inputValue('#operator-keys')], ['', ''])
    }
    await opened.drop('body', { 'a.json': proof, keys: KEYS, 'first.ndjson': '1', 'second.ndjson': '2' })
    await page.waitForFunction(() => document.getElementById('notice')?.textContent?.startsWith('keys:'))
    assert.match(await noticeOf(page), /not used\..*first\.ndjson and second\.ndjson were not used: only one/)
    await opened.drop('#known-file', { keys: KEYS, network: NETWORK })
    await page.waitForFunction(
      () => document.getElementById('outcome-title')?.textContent === 'The proof holds',
    )
    await opened.drop('body', { 'delivered.ndjson': `# decoy\n${KEYS.replaceAll('+', '-')}` })
    await page.waitForSelector('#notice:not([hidden])')
    assert.equal(
      [await page.inputValue('#network'), await page.inputValue('#operator-keys')],
      [NETWORK, KEYS],
      'what somebody knows stays',
    )
    await opened.drop('body', { 'a.json': proof, 'b.json': proof })
    await page.waitForFunction(() => document.getElementById('notice')?.textContent?.startsWith('a.json'))
    assert.is(await opened.title(), 'The proof holds', 'what was there stays')
    assert.equal(opened.complaints, [])
  },
)

browserTest(
  'says of files without a proof that the proof comes first, and why one alone is none',
  async () => {
    await using opened = await openPage()
    const { page } = opened
    await opened.drop('body', { network: NETWORK, keys: KEYS })
    await page.waitForSelector('#notice:not([hidden])')
    assert.match(await noticeOf(page), /^network and keys: none of these is a proof/)
    await opened.drop('body', { network: NETWORK })
    await page.waitForSelector('#outcome-title')
    assert.match((await page.textContent('.outcome')) ?? '', /This is a network file/)
    assert.is(await noticeOf(page), '')
    const { record, ...rest } = evidence
    const { opening: _, ...sealed } = record ?? {}
    await opened.choose(
      'sealed.json',
      encodeEvidence({ ...rest, record: sealed as typeof record } as Evidence),
    )
    await opened.drop('body', { 'delivered.ndjson': CONTENT })
    await page.waitForSelector('#notice:not([hidden])')
    assert.match(await noticeOf(page), /^delivered\.ndjson was not used: this proof holds nothing to compare/)
    assert.equal(opened.complaints, [])
  },
)

browserTest('asks for the file in a folder, wherever that is dropped, and keeps the verdict', async () => {
  await using opened = await openPage()
  const { page } = opened
  const says = 'delivery is a folder: choose the file in it.'
  await opened.drop('#drop', { delivery: FOLDER })
  assert.is(await noticeOf(page), says)
  await opened.choose('mine.json', encodeEvidence(evidence))
  await opened.chooseRecord('delivered.ndjson', CONTENT)
  await opened.addKnown('network', NETWORK)
  const before = await page.textContent('#result')
  for (const place of ['body', '#drop', '#record-place .drop', '.known .drop']) {
    await page.evaluate(() => document.getElementById('notice')?.setAttribute('hidden', ''))
    await opened.drop(place, { delivery: FOLDER })
    assert.is(await noticeOf(page), says, place)
    assert.is(await page.textContent('#result'), before, place)
  }
  await page.evaluate(() => {
    // Some browsers tell a folder from a file only by its not being readable.
    const gone = (): never => {
      throw new DOMException('gone', 'NotFoundError')
    }
    File.prototype.arrayBuffer = async () => gone()
    File.prototype.stream = () => new ReadableStream({ pull: gone })
  })
  for (const input of ['#proof', '#record', '#known-file']) {
    await page.evaluate(() => document.getElementById('notice')?.setAttribute('hidden', ''))
    await page.setInputFiles(input, { name: 'delivery', mimeType: '', buffer: Buffer.from('x') })
    await page.waitForSelector('#notice:not([hidden])')
    assert.match(await noticeOf(page), /^delivery cannot be read: it is a folder, or was moved/, input)
    assert.is(await page.textContent('#result'), before, input)
  }
  assert.equal(opened.complaints, [])
})

browserTest('keeps verdict and entries when a file holds nothing of what somebody knows', async () => {
  await using opened = await openPage()
  const { page } = opened
  await opened.choose('mine.json', encodeEvidence(evidence))
  await opened.addKnown('network.json', NETWORK)
  await page.fill('#block-hash', facts.blockHash ?? '')
  await page.click('.known button')
  assert.is(await opened.title(), 'The proof holds')
  const give = async (...files: readonly (readonly [name: string, content: Uint8Array | string])[]) => {
    await page.evaluate(() => document.getElementById('notice')?.setAttribute('hidden', ''))
    const chosen = files.map(([name, content]) => ({ name, mimeType: '', buffer: Buffer.from(content) }))
    await page.setInputFiles('#known-file', chosen)
    await page.waitForSelector('#notice:not([hidden])')
    return noticeOf(page)
  }
  for (const [name, content] of [
    ['photo.png', PNG],
    ['README', '# Read me\n'],
    ['letter.txt', 'About this project'],
    ['delivered.ndjson', CONTENT],
    ['package.json', '{"name":"halo"}'],
    ['mine.json', encodeEvidence(evidence)],
    ['large', new Uint8Array(9 << 20)],
  ] as const) {
    assert.is(await give([name, content]), `${name} is neither a network file nor keys of operators.`)
    assert.is(await opened.title(), 'The proof holds', name)
    assert.equal(
      [await page.inputValue('#network'), await page.inputValue('#block-hash')],
      [NETWORK, facts.blockHash],
    )
  }
  assert.is(await give(['none', '']), 'none is empty.')
  assert.is(await opened.title(), 'The proof holds')
  assert.match(await give(['photo.png', PNG], ['keys', KEYS]), /^photo\.png is neither/)
  assert.is(await page.inputValue('#operator-keys'), KEYS, 'what is of use is used')
  assert.is(await opened.title(), 'The proof holds')
  await page.click('.known button')
  assert.is(await noticeOf(page), '')
  assert.equal(opened.complaints, [])
})

browserTest('shows what a file says as text, whatever it says', async () => {
  await using opened = await openPage()
  const descriptor = '<img src=x onerror="document.title=1"><script>document.title=1</script>'
  const { record } = evidence
  if (record === undefined) throw new Error('the sample has no record')
  await opened.choose('<b>name</b>', encodeEvidence({ ...evidence, record: { ...record, descriptor } }))
  const details = await opened.page.textContent('.part[data-part=record] dl')
  assert.match(details ?? '', descriptor)
  assert.is(await opened.page.locator('main img, main script, main b').count(), 0)
  assert.match(await opened.page.title(), /^Check a proof/)
  assert.equal(opened.complaints, [])
})

browserTest('works by keyboard alone, names what it shows and fits a phone', async () => {
  await using opened = await openPage({ width: 320, height: 640, colorScheme: 'dark' })
  const { page } = opened
  await page.keyboard.press('Tab')
  assert.is(await page.evaluate(() => document.activeElement?.id), 'proof')
  await opened.choose('mine.json', encodeEvidence(evidence))
  assert.is(await page.evaluate(() => document.activeElement?.id), 'outcome-title')
  await page.keyboard.press('Tab')
  assert.match(
    (await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))) ?? '',
    /^Details: /,
  )
  await page.keyboard.press('Enter')
  assert.is(await page.locator('.part details[open]').count(), 1)
  const unnamed = await page.$$eval('input, textarea, button', (fields) =>
    fields
      .filter((field) => (field as HTMLInputElement).labels?.length === 0 && field.textContent === '')
      .map(({ id }) => id),
  )
  assert.equal(unnamed, [])
  const isWide = (): Promise<boolean> =>
    page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
  assert.not.ok(await isWide(), 'scrolls sideways')
  await page.fill('#network', NETWORK)
  await page.fill('#block-hash', facts.blockHash ?? '')
  await page.press('#block-hash', 'Enter')
  assert.is(await opened.title(), 'The proof holds')
  assert.not.ok(await isWide(), 'scrolls sideways')
  await page.locator('.part summary').first().click()
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')))
  assert.is(await page.locator('.part details:not([open])').count(), 0, 'all is unfolded on paper')
  await page.emulateMedia({ media: 'print' })
  assert.not.ok(await page.isVisible('#choose'))
  assert.ok(await page.isVisible('.outcome'))
  assert.equal(opened.complaints, [])
})

/** Holds what the page reads of files back until it is let go: `name` waits for files of that name. */
async function holdFiles(page: Page, name: string): Promise<{ letGo(): Promise<void> }> {
  await page.evaluate((held) => {
    const waiting: (() => void)[] = []
    const gate = (file: File): Promise<void> =>
      file.name === held ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve()
    const { arrayBuffer, stream } = File.prototype
    File.prototype.arrayBuffer = async function (this: File): Promise<ArrayBuffer> {
      await gate(this)
      return arrayBuffer.call(this)
    }
    File.prototype.stream = function (this: File) {
      const [file, whole] = [this, stream.call(this)]
      const wait = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
        transform: async (piece, controller) => {
          await gate(file)
          controller.enqueue(piece)
        },
      })
      return whole.pipeThrough(wait)
    }
    Object.assign(globalThis, {
      letGo: () => {
        for (const resolve of waiting.splice(0)) resolve()
      },
    })
  }, name)
  return {
    letGo: () => page.evaluate(() => (globalThis as unknown as { letGo(): void }).letGo()),
  }
}

/** Until all that the page has begun to do with files is done. */
async function settle(page: Page): Promise<void> {
  for (let round = 0; round < 20; round++) await page.evaluate(() => new Promise(requestAnimationFrame))
}

const RECORD_FILE = { name: 'delivered.ndjson', mimeType: 'text/plain', buffer: Buffer.from(CONTENT) }

browserTest('keeps what is entered while a record is compared, and counts both', async () => {
  await using opened = await openPage()
  const { page } = opened
  await opened.choose('mine.json', encodeEvidence(evidence))
  const { letGo } = await holdFiles(page, RECORD_FILE.name)
  await page.setInputFiles('#record', RECORD_FILE)
  await page.fill('#network', NETWORK)
  await page.fill('#block-hash', facts.blockHash ?? '')
  await page.click('.known button')
  assert.is(await opened.title(), 'The proof holds')
  assert.is(await page.locator('progress').count(), 1, 'the record is still being read')
  await letGo()
  await page.waitForSelector('.part[data-reason=RECORD_MATCHES]')
  assert.is(await opened.title(), 'The proof holds')
  assert.is((await opened.parts())['anchor'], 'verified ANCHORED_IN_BLOCK')
  assert.is(await page.inputValue('#network'), NETWORK)
  assert.is(await page.inputValue('#block-hash'), facts.blockHash)
  assert.equal(opened.complaints, [])
})

browserTest('compares the record that was given last, whichever takes longer to be read', async () => {
  await using opened = await openPage()
  const { page } = opened
  await opened.choose('mine.json', encodeEvidence(evidence))
  const { letGo } = await holdFiles(page, RECORD_FILE.name)
  await page.setInputFiles('#record', RECORD_FILE)
  await opened.drop('body', { 'other.ndjson': 'other' })
  await page.waitForSelector('.part[data-reason=RECORD_DIFFERS]')
  await letGo()
  await settle(page)
  assert.is((await opened.parts())['record'], 'broken RECORD_DIFFERS')
  assert.match((await page.textContent('#record-hint')) ?? '', /^Compared with other\.ndjson/)
  assert.equal(opened.complaints, [])
})

browserTest(
  'leaves alone what is half entered when a comparison ends, and counts it afterwards',
  async () => {
    await using opened = await openPage()
    const { page } = opened
    await opened.choose('mine.json', encodeEvidence(evidence))
    const { letGo } = await holdFiles(page, RECORD_FILE.name)
    await page.setInputFiles('#record', RECORD_FILE)
    await page.fill('#network', '{"chainId":')
    await letGo()
    await page.waitForSelector('#record')
    assert.match((await page.textContent('#record-hint')) ?? '', /^Compared with delivered\.ndjson/)
    assert.is(await page.inputValue('#network'), '{"chainId":')
    assert.is(
      await page.evaluate(() => document.activeElement?.id),
      'network',
      'whoever types goes on typing',
    )
    assert.is(await opened.title(), 'Not checked with what you entered')
    await page.fill('#network', NETWORK)
    await page.click('.known button')
    assert.is((await opened.parts())['record'], 'verified RECORD_MATCHES')
    assert.equal(opened.complaints, [])
  },
)

browserTest(
  'takes no word of an earlier proof for a later one, however late its files are read',
  async () => {
    const { deletion: _, ...rest } = evidence
    for (const late of [NETWORK, 'no keys at all', '']) {
      await using opened = await openPage()
      const { page } = opened
      await opened.choose('first.json', encodeEvidence(evidence))
      const { letGo } = await holdFiles(page, 'late')
      await page.setInputFiles('#known-file', {
        name: 'late',
        mimeType: 'text/plain',
        buffer: Buffer.from(late),
      })
      await opened.choose('second.json', encodeEvidence(rest))
      const [title, shown] = [await opened.title(), await page.textContent('#result')]
      assert.match(shown ?? '', /second\.json/)
      await letGo()
      await settle(page)
      assert.equal([await opened.title(), await page.textContent('#result')], [title, shown])
      assert.is(await page.inputValue('#network'), '')
      assert.equal(opened.complaints, [])
    }
  },
)

browserTest('adds a file to what was entered while it was read', async () => {
  await using opened = await openPage()
  const { page } = opened
  await opened.choose('mine.json', encodeEvidence(evidence))
  const { letGo } = await holdFiles(page, 'late')
  await page.setInputFiles('#known-file', {
    name: 'late',
    mimeType: 'text/plain',
    buffer: Buffer.from(NETWORK),
  })
  await page.fill('#block-hash', facts.blockHash ?? '')
  await letGo()
  await page.waitForSelector('.part[data-reason=ANCHORED_IN_BLOCK]')
  assert.is(await page.inputValue('#block-hash'), facts.blockHash)
  assert.is(await page.inputValue('#network'), NETWORK)
  assert.equal(opened.complaints, [])
})

browserTest('shows apart the signatures that nobody here can check', async () => {
  await using opened = await openPage()
  const { page } = opened
  if (evidence.inclusion === undefined) throw new Error('the sample lacks a part')
  const stranger = `— Verified-by-the-Federal-Court ${Buffer.alloc(68, 7).toString('base64')}`
  const inclusion = { ...evidence.inclusion, signatures: [stranger, ...evidence.inclusion.signatures] }
  await opened.choose('mine.json', encodeEvidence({ ...evidence, inclusion }))
  await opened.addKnown('keys', keyOf(evidence))
  assert.is(await opened.title(), 'The proof holds')
  const part = page.locator('.part[data-part=inclusion]')
  assert.match((await part.locator('.why').textContent()) ?? '', /One signature .* was not checked\.$/)
  const rows = await part
    .locator('dt')
    .evaluateAll((names) => names.map((name) => [name.textContent, name.nextElementSibling?.textContent]))
  assert.equal(rows.filter(([, value]) => value?.includes(stranger)).length, 1)
  assert.match(rows.find(([, value]) => value === stranger)?.[0] ?? '', /^Not checked: /)
  assert.match(
    rows.find(([, value]) => value === evidence.inclusion?.signatures.join('\n'))?.[0] ?? '',
    /^Signed under size and root by the key of the log/,
  )
  assert.equal(opened.complaints, [])
})

test.run()
