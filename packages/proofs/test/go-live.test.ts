import { spawnSync } from 'node:child_process'
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  createCosigner,
  createNoteSigner,
  createNoteVerifier,
  formatVerifierKey,
  openLog,
  signCheckpoint,
} from '../src/index.ts'
import { createWatchedStore } from './faulty-store.ts'
import { countingEntries } from './reference.ts'

const NAME = 'proofs/go-live'
const test = suite(NAME)
const PROGRAM = fileURLToPath(new URL('../scripts/go-vectors', import.meta.url))
/** Found on PATH; no part of the project's own tools. */
const GO = 'go'
/** Nothing is downloaded: not the modules, not another Go. */
const OFFLINE = { GOPROXY: 'off', GOFLAGS: '-mod=readonly', GOTOOLCHAIN: 'local' }

interface Answer {
  readonly trees: readonly {
    readonly root: string
    readonly inclusion: readonly { readonly path: readonly string[] }[]
    readonly consistency: readonly { readonly path: readonly string[] }[]
    readonly error: string
    readonly files: readonly { readonly path: string; readonly sha256: string }[]
  }[]
  readonly notes: readonly { readonly error: string; readonly size: number; readonly verified: number }[]
}

/** The reason why Go cannot be asked here, or null. */
function whyNot(): string | null {
  const found = spawnSync(GO, ['vet', '.'], { cwd: PROGRAM, env: { ...process.env, ...OFFLINE } })
  if (found.error !== undefined) return 'go is not on PATH'
  return found.status === 0
    ? null
    : 'this Go is too old, or its module cache has not golang.org/x/mod and its peers'
}

function ask(question: unknown): Answer {
  const asked = spawnSync(GO, ['run', '.', 'judge'], {
    cwd: PROGRAM,
    env: { ...process.env, ...OFFLINE },
    input: JSON.stringify(question),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  assert.is(asked.status, 0, asked.stderr)
  return JSON.parse(asked.stdout) as Answer
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')

/** A log grown in two steps to a random size, and what is asked of Go about it. */
async function growRandomLog() {
  const size = randomInt(2, 20_000)
  const from = randomInt(1, size)
  const index = randomInt(size)
  const store = createWatchedStore()
  const log = await openLog(store)
  await log.append(countingEntries(from))
  const oldRoot = log.head.root
  store.written.clear()
  const { root } = await log.append(countingEntries(size - from, from))
  const tiles = [...store.written].filter(([path]) => /^tile\/\d/.test(path))
  return {
    question: {
      size,
      from,
      index,
      root: base64(root),
      oldRoot: base64(oldRoot),
      inclusion: (await log.proveInclusion(index)).path.map(base64),
      consistency: (await log.proveConsistency(from)).path.map(base64),
    },
    root,
    files: tiles.map(([path, bytes]) => [path, createHash('sha256').update(bytes).digest('base64')]),
  }
}

function signRandomCheckpoint(size: number, root: Uint8Array) {
  const origin = `halo/eip155:${randomInt(1, 1 << 30)}/0x${randomBytes(20).toString('hex')}`
  const signer = createNoteSigner(origin, randomBytes(32))
  const cosigner = createCosigner('peer.example/1', randomBytes(32))
  const extension = randomInt(2) === 0 ? [] : ['a line of extension']
  const note = signCheckpoint({ origin, size, root, extension }, [signer])
  const asNoteKey = createNoteVerifier('peer.example/1', cosigner.verifier.publicKey)
  return {
    note: cosigner.cosign(note, randomInt(2 ** 40)),
    origin,
    log: formatVerifierKey(signer.verifier),
    cosigner: formatVerifierKey(asNoteKey),
  }
}

const reason = whyNot()
const title = 'Go makes and accepts the same roots, proofs, tiles and cosigned checkpoints at random sizes'

test('asks a program whose modules are pinned by hash', () => {
  const required = readFileSync(`${PROGRAM}/go.mod`, 'utf8').matchAll(/^\t(\S+ v\S+)$/gm)
  const sums = readFileSync(`${PROGRAM}/go.sum`, 'utf8')
  const modules = [...required].map(([, module]) => module)
  assert.is(modules.length, 2)
  for (const module of modules) assert.match(sums, `${module} h1:`)
})

if (reason !== null) {
  process.stdout.write(`SKIP ${NAME}: ${title}: ${reason}\n`)
} else {
  test(title, async () => {
    const logs = await Promise.all(Array.from({ length: 12 }, growRandomLog))
    const notes = logs.map(({ question, root }) => signRandomCheckpoint(question.size, root))
    const answer = ask({ trees: logs.map(({ question }) => question), notes })
    logs.forEach(({ question, files }, i) => {
      const judged = answer.trees[i]
      const where = `${question.from} to ${question.size}, leaf ${question.index}`
      assert.is(judged?.error, '', where)
      assert.is(question.root, judged?.root, where)
      assert.equal(question.inclusion, judged?.inclusion[0]?.path, where)
      assert.equal(question.consistency, judged?.consistency[0]?.path, where)
      const wanted = judged?.files.map(({ path, sha256 }) => [path, sha256]) ?? []
      assert.equal(files.sort(), wanted.sort(), where)
      assert.equal(answer.notes[i], { error: '', size: question.size, verified: 2 })
    })
  })
}

test.run()
