import { on } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('verifier/read-deadline')

/** Only so much of a file tells what it may be. */
const HEAD_BYTES = 512
/** For all of them; what walks through every way to split one of them takes as long for that one alone. */
const DEADLINE_MS = 20_000

/** Files made to be split in as many ways as there are; all of them are no proof. */
const TRICKY: readonly string[] = [
  '# ',
  '#\n',
  ' #',
  '\n#',
  '#\t',
  '#\r\n',
  '# \n',
  '\n',
  ' ',
  '#',
  '#halo/ ',
]
  .map((unit) => unit.repeat(HEAD_BYTES))
  .flatMap((text) => [text, text.slice(0, HEAD_BYTES), `${text.slice(0, HEAD_BYTES - 12)}halo/eip155`])

/** Runs apart, as nothing else can end what never comes back. */
const READING = `
const { parentPort, workerData } = require('node:worker_threads')
import(workerData.module).then(({ readProofFile }) => {
  parentPort.postMessage('ready')
  const codes = workerData.texts.map((text) => {
    try {
      return readProofFile(new TextEncoder().encode(text)).kind
    } catch (error) {
      return error.code
    }
  })
  parentPort.postMessage(codes)
})
`

test('no file takes long to be refused, however its beginning was made', async () => {
  const module = new URL('../src/index.ts', import.meta.url).href
  const worker = new Worker(READING, { eval: true, workerData: { module, texts: TRICKY } })
  const done = new AbortController()
  // Kept from the start on: both messages may be there before anybody asks for the second.
  const messages = on(worker, 'message')
  const next = async (): Promise<unknown> => (await messages.next()).value?.[0]
  try {
    assert.is(await next(), 'ready')
    const late = pause(DEADLINE_MS, ['still busy'], { signal: done.signal })
    const codes = (await Promise.race([next(), late])) as readonly string[]
    assert.equal([...new Set(codes)], ['PROOF_UNKNOWN'])
  } finally {
    done.abort()
    await worker.terminate()
  }
})

test.run()
