import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

const test = suite('verifier/read-deadline')

/** Only so much of a file tells what it may be. */
const HEAD_BYTES = 64
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
  try {
    assert.equal(await once(worker, 'message'), ['ready'])
    const signal = AbortSignal.timeout(DEADLINE_MS)
    const codes = await once(worker, 'message', { signal }).then(
      ([found]) => found as readonly string[],
      () => ['still busy'],
    )
    assert.equal([...new Set(codes)], ['PROOF_UNKNOWN'])
  } finally {
    await worker.terminate()
  }
})

test.run()
