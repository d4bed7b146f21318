import { spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { encodeEvidence } from '@halo/proofs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CONTENT, makeEvidence } from '../../../packages/proofs/test/evidence-bundle.ts'

const test = suite('cli/proof-by-hand')

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const DOCUMENT = new URL('../../../docs/evidence.md', import.meta.url)

/** The commands that the document gives to be run, in its order. */
const BLOCKS = [...(await readFile(DOCUMENT, 'utf8')).matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(
  ([, commands = '']) => commands,
)

/** What each of them comes to, and what it needs beside a shell. */
const CLAIMS: readonly (readonly [title: string, needs: readonly string[]])[] = [
  ['leads from the entry to the root of the log', ['jq --version', 'xxd -v', 'sha256sum --version']],
  ['shows that a file is the record', ['jq --version', 'xxd -v', 'sha256sum --version']],
  [
    'shows which entry of the log is the record’s',
    ['jq --version', 'xxd -v', 'sha256sum --version', 'openssl dgst -keccak-256 /dev/null'],
  ],
]

/** The first thing that is not on this machine, or null. */
function lackOf(needs: readonly string[]): string | null {
  return needs.find((need) => spawnSync('sh', ['-c', need]).status !== 0) ?? null
}

/** Runs commands of the document where its files are; what they print. */
async function runByHand(commands: string, content: Uint8Array = CONTENT): Promise<readonly string[]> {
  const dir = await mkdtemp(join(tmpdir(), 'halo-by-hand-'))
  try {
    await mkdir(join(dir, 'delivery'))
    await writeFile(join(dir, 'delivery/delivered.ndjson'), content)
    await writeFile(join(dir, 'mine.halo-proof.json'), encodeEvidence((await makeEvidence()).evidence))
    const flags = '--conditions=@halo/source --disable-warning=ExperimentalWarning'
    const script = `set -e\nhalo() { "${process.execPath}" ${flags} "${MAIN}" "$@" >/dev/null; }\n${commands}`
    const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { cwd: dir, encoding: 'utf8' })
    assert.is(status, 0, stderr)
    return stdout.trim().split('\n')
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** The hash at the start of a line, with or without `0x`. */
function hashOf(line: string | undefined): string {
  return line?.replace(/^0x/, '').slice(0, 64) ?? ''
}

test('the document gives as many procedures as are tested here', () => {
  assert.is(BLOCKS.length, CLAIMS.length)
})

CLAIMS.forEach(([title, needs], at) => {
  const lack = lackOf(needs)
  const claim = `what an auditor does by hand ${title}`
  if (lack !== null) {
    process.stdout.write(`SKIP cli/proof-by-hand: ${claim}: this machine does not do ${lack}\n`)
    return
  }
  test(claim, async () => {
    const lines = await runByHand(BLOCKS[at] ?? '')
    assert.is(lines.length, 2, lines.join('\n'))
    assert.match(hashOf(lines[0]), /^[0-9a-f]{64}$/)
    assert.is(hashOf(lines[0]), hashOf(lines[1]))
  })
})

if (lackOf(CLAIMS[1]?.[1] ?? []) === null)
  test('by hand, a changed record is noticed', async () => {
    const lines = await runByHand(BLOCKS[1] ?? '', new TextEncoder().encode('other'))
    assert.is.not(hashOf(lines[0]), hashOf(lines[1]))
  })

const COMMON_TOOLS = CLAIMS[1]?.[1] ?? []
if (lackOf(COMMON_TOOLS) === null)
  test('by hand, an openssl without keccak-256 stops the work, and no wrong hash is printed', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'halo-old-openssl-'))
    try {
      await writeFile(join(dir, 'openssl'), '#!/bin/sh\nexit 1\n')
      await chmod(join(dir, 'openssl'), 0o755)
      await writeFile(join(dir, 'mine.halo-proof.json'), encodeEvidence((await makeEvidence()).evidence))
      const env = { ...process.env, PATH: `${dir}:${process.env['PATH']}` }
      const { status, stdout, stderr } = spawnSync('sh', ['-c', BLOCKS[2] ?? ''], {
        cwd: dir,
        encoding: 'utf8',
        env,
      })
      assert.equal([status, stdout], [1, ''])
      assert.match(stderr, /openssl 3\.2/)
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  })

test.run()
