import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createNoteVerifier,
  encodeEvidence,
  encodeReceipt,
  formatLogOrigin,
  formatVerifierKey,
  receiptToJson,
} from '@halo/proofs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CONTENT, DEPLOYMENT, makeEvidence } from '../../../packages/proofs/test/evidence-bundle.ts'
import { openPlace } from '../../../test/story/halo-command.ts'
import { networkText } from '../../../test/story/test-chain.ts'
import { exportProof } from '../src/proof/export.ts'
import { writeProofPage } from '../src/proof/page.ts'
import type { VerifyProofFlags } from '../src/proof/verify.ts'
import { nextCommand, verifyProof } from '../src/proof/verify.ts'
import { keepOutput, refusalOf } from './kept-output.ts'

const test = suite('cli/proof')

const { evidence, facts } = await makeEvidence()
const receipt = evidence.inclusion
if (receipt === undefined) throw new Error('the sample has no receipt')

/** A directory of a test's own with a proof, its record and what an auditor may know. */
async function openFiles(): Promise<{ path(name: string): string } & AsyncDisposable> {
  const dir = await mkdtemp(join(tmpdir(), 'halo-proof-'))
  const path = (name: string): string => join(dir, name)
  // Only the first operator has a log; the other one's key does not matter.
  const keys = (facts.operators ?? []).map(({ address, logKey = new Uint8Array(32).fill(3) }) =>
    formatVerifierKey(
      createNoteVerifier(formatLogOrigin({ ...receiptLog, operator: address.toLowerCase() }), logKey),
    ),
  )
  await writeFile(path('proof'), encodeEvidence(evidence))
  await writeFile(path('receipt'), encodeReceipt(receipt as NonNullable<typeof receipt>))
  await writeFile(path('record'), CONTENT)
  await writeFile(path('operators'), `${keys.join('\n')}\n`)
  await writeFile(
    path('network'),
    networkText({ ...DEPLOYMENT, anchor: evidence.deployment.anchor as never }),
  )
  return { path, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) }
}
const receiptLog = receipt.log

/** What `verify` printed and its exit code, with nobody asked. */
async function verify(
  path: string,
  flags: VerifyProofFlags = {},
): Promise<{ readonly code: number; readonly lines: readonly string[]; readonly value: unknown }> {
  const { output, results } = keepOutput()
  const code = await verifyProof({ offline: true, ...flags }, output, [path])
  return { code, lines: results[0]?.lines ?? [], value: results[0]?.value }
}

test('says of every part what it came to, and ends with 7 as long as nobody known vouches for the log', async () => {
  await using files = await openFiles()
  const { code, lines } = await verify(files.path('proof'))
  assert.is(code, 7)
  assert.equal(
    lines.slice(0, 6).map((line) => line.split(':')[0]),
    [
      'verified  record',
      'missing   inclusion',
      'missing   anchor',
      'verified  consent',
      'missing   access',
      'missing   deletion',
    ],
  )
  assert.match(lines[6] ?? '', /^Not enough to rely on: /)
  assert.match(
    lines[7] ?? '',
    /^Next: halo proof verify .*--offline --operators FILE --network FILE --block-hash HASH/,
  )
  assert.not.match(lines.join('\n'), /--chain-url/, 'who wants no network is not sent to one')
  assert.match(lines[8] ?? '', /^Next: halo proof verify .*--record FILE/)
})

test('ends with 0 for who knows operators, block and contracts, and has the record', async () => {
  await using files = await openFiles()
  const known = {
    operators: files.path('operators'),
    blockHash: facts.blockHash ?? '',
    network: files.path('network'),
    record: files.path('record'),
  }
  const { code, lines, value } = await verify(files.path('proof'), known)
  assert.is(code, 0, lines.join('\n'))
  assert.equal(
    lines.map((line) => line.split(' ')[0]),
    ['verified', 'verified', 'verified', 'verified', 'verified', 'verified', 'The'],
  )
  assert.equal((value as { ok: boolean; isChainAsked: boolean }).ok, true)
  assert.is((await verify(files.path('receipt'), { operators: known.operators })).code, 0)
  const { checkedWith } = value as { checkedWith: Readonly<Record<string, unknown>> }
  const sha256Of = (bytes: Uint8Array | string): string =>
    `0x${createHash('sha256').update(bytes).digest('hex')}`
  assert.equal(checkedWith['proof'], { name: 'proof', sha256: sha256Of(encodeEvidence(evidence)) })
  assert.equal(checkedWith['record'], { name: 'record', sha256: sha256Of(CONTENT) })
  assert.equal(checkedWith['deployment'], evidence.deployment)
  assert.is(checkedWith['blockHash'], facts.blockHash)
  assert.is((checkedWith['operators'] as readonly unknown[]).length, facts.operators?.length)
  const { blockHash: __, ...blockless } = known
  const { lines: advice } = await verify(files.path('proof'), blockless)
  assert.match(advice[2] ?? '', /^missing {3}anchor: If the chain has a block 0x/)
  assert.match(advice[7] ?? '', /^Next: .* --offline --block-hash HASH, with what you have/)
  const { network: _, ...unnamed } = known
  const named = await verify(files.path('proof'), unnamed)
  assert.match(named.lines[2] ?? '', /^missing {3}anchor: .*Only this file names that contract/)
  assert.match(named.lines[6] ?? '', evidence.deployment.anchor)
})

/** What a shell makes of a command that was advised: the words after `halo proof verify`, up to what it is for. */
function wordsOf(advice: string | undefined): readonly string[] {
  const [, words = ''] = /^Next: halo proof verify (.*), (?:to|with) /.exec(advice ?? '') ?? []
  const shell = spawnSync('sh', ['-c', `printf '%s\\0' ${words}`], { encoding: 'utf8' })
  assert.is(shell.stderr, '')
  return shell.stdout.split('\0').slice(0, -1)
}

/** Does what was advised, with what the placeholders stand for. */
async function follow(
  advice: string | undefined,
  known: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly lines: readonly string[] }> {
  const [path = '', ...words] = wordsOf(advice)
  const flags: Record<string, string | boolean> = { offline: false }
  for (let at = 0; at < words.length; at++) {
    const name = (words[at] ?? '').slice(2).replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
    if (name === 'offline') flags[name] = true
    else flags[name] = known[`${name} ${words[++at]}`] ?? words[at] ?? ''
  }
  return verify(path, flags)
}

test('what it advises can be followed to the letter: nothing that was given before is lost', async () => {
  await using files = await openFiles()
  const path = files.path('proof')
  const blockHash = facts.blockHash ?? ''
  const odd = files.path('an auditor’s $HOME; it\'s "quoted"')
  await writeFile(odd, await readFile(files.path('operators')))
  const placeholders = {
    'operators FILE': odd,
    'network FILE': files.path('network'),
    'blockHash HASH': blockHash,
    'record FILE': files.path('record'),
  }
  const start: readonly VerifyProofFlags[] = [
    {},
    { operators: odd },
    { blockHash },
    { network: files.path('network'), operators: odd },
    { record: files.path('record'), blockHash },
  ]
  for (const flags of start) {
    const first = await verify(path, flags)
    assert.is(first.code, 7 - (flags.operators === undefined ? 0 : 7))
    const second = await follow(first.lines[7], placeholders)
    assert.is(second.code, 0, JSON.stringify(flags))
    assert.is(second.lines.filter((line) => /^(?:missing|broken) /.test(line)).length, 0)
    assert.is(second.lines.length, flags.record === undefined ? 8 : 7)
    if (flags.record !== undefined) continue
    const compared = await follow(second.lines[7], placeholders)
    assert.equal([compared.code, compared.lines.length], [0, 7], 'nothing more to advise')
  }
})

test('repeats the options that were given as a shell takes them, and no key in the address of a chain', async () => {
  await using files = await openFiles()
  const flags = { operators: '-mine.txt', network: 'a b', data: "it's", offline: true }
  assert.is(
    nextCommand('-proof', flags, { adds: ['--record FILE'], purpose: 'to compare' }),
    "Next: halo proof verify ./-proof --data 'it'\\''s' --network 'a b' --operators ./-mine.txt --offline --record FILE, to compare",
  )
  const toCompare = { adds: ['--record FILE'], purpose: 'to compare' }
  for (const [chainUrl, shown] of [
    ['http://127.0.0.1:8545', 'http://127.0.0.1:8545'],
    ['https://node.example/', 'https://node.example/'],
    ['https://node.example/v3/0123456789abcdef', 'URL'],
    ['https://node.example/?key=0123456789abcdef', 'URL'],
    ['https://me:secret@node.example', 'URL'],
    ['no address', 'URL'],
  ] as const)
    assert.is(
      nextCommand('-', { chainUrl }, toCompare),
      `Next: halo proof verify FILE --chain-url ${shown} --record FILE, to compare`,
    )
  const { lines } = await verify(files.path('proof'), { offline: false, network: files.path('network') })
  assert.match(lines[7] ?? '', / --network \S+ --chain-url URL, to ask the chain$/)
  assert.match(lines[8] ?? '', / --network \S+ --offline --operators FILE --block-hash HASH, with what/)
})

test('says which signatures under a log nobody here has checked', async () => {
  await using files = await openFiles()
  const stranger = `— Federal-Court ${Buffer.alloc(68, 7).toString('base64')}`
  const inclusion = { ...receipt, signatures: [...receipt.signatures, stranger] }
  await writeFile(files.path('proof'), encodeEvidence({ ...evidence, inclusion }))
  const { code, lines, value } = await verify(files.path('proof'), { operators: files.path('operators') })
  assert.is(code, 0)
  assert.match(lines[1] ?? '', /^verified {2}inclusion: .* One signature .* was not checked\.$/)
  assert.not.match(lines.join('\n'), 'Federal-Court')
  assert.equal((value as { signatures: unknown }).signatures, [
    ...receipt.signatures.map((line) => ({ line, standing: 'verified' })),
    { line: stranger, standing: 'unknown' },
  ])
})

test('offline it takes the keys of the operators, or a hash with the contracts that are meant', async () => {
  await using files = await openFiles()
  const [operators, network, blockHash] = [
    files.path('operators'),
    files.path('network'),
    facts.blockHash ?? '',
  ]
  const cases: readonly (readonly [code: number, known: VerifyProofFlags])[] = [
    [0, { operators }],
    [0, { blockHash, network }],
    [7, { blockHash }],
    [7, { network }],
    [7, {}],
  ]
  for (const [code, known] of cases)
    assert.is((await verify(files.path('proof'), known)).code, code, Object.keys(known).join(' '))
})

test('ends with 7 and no advice when anything is broken', async () => {
  await using files = await openFiles()
  await writeFile(files.path('record'), 'another record')
  const { code, lines } = await verify(files.path('proof'), {
    operators: files.path('operators'),
    record: files.path('record'),
  })
  assert.is(code, 7)
  assert.match(lines[0] ?? '', /^broken {4}record: /)
  assert.match(lines.at(-1) ?? '', /^Do not rely on this: /)
  await writeFile(files.path('network'), networkText({ ...DEPLOYMENT, anchor: DEPLOYMENT.token }))
  const foreign = await verify(files.path('proof'), { network: files.path('network') })
  assert.equal([foreign.code, foreign.lines.filter((line) => line.startsWith('broken')).length], [7, 6])
})

test('refuses options that contradict each other, and records that nothing in the proof can be compared with', async () => {
  await using files = await openFiles()
  const both = await refusalOf(verify(files.path('proof'), { chainUrl: 'http://127.0.0.1:1' }))
  assert.equal([both.code, both.message], ['USAGE', 'Give either --offline or --chain-url.'])
  const bare = await refusalOf(
    verifyProof({ chainUrl: 'http://127.0.0.1:1' }, keepOutput().output, [files.path('proof')]),
  )
  assert.match(bare.message, /--network/)
  const record = { record: files.path('record') }
  const { message } = await refusalOf(verify(files.path('receipt'), record))
  assert.match(message, /no receipt and no proof made of a wallet.*--from-delivery DIR --with-record-opening/)
  assert.is((await refusalOf(verify('-', { record: '-' }))).code, 'USAGE')
  await writeFile(files.path('foreign'), networkText({ ...DEPLOYMENT, anchor: DEPLOYMENT.token }))
  await writeFile(files.path('empty'), ' \n')
  await writeFile(files.path('comments'), '# operators\n')
  for (const [name, flags, code] of [
    ['none', {}, 'FILE_UNREADABLE'],
    ['.', {}, 'FILE_UNREADABLE'],
    ['record', {}, 'PROOF_UNKNOWN'],
    ['proof', { record: files.path('none') }, 'FILE_UNREADABLE'],
    ['proof', { operators: files.path('record') }, 'KNOWN_INVALID'],
    ['proof', { operators: files.path('empty') }, 'KNOWN_INVALID'],
    ['proof', { operators: files.path('comments') }, 'KNOWN_INVALID'],
    ['proof', { blockHash: '0x1' }, 'KNOWN_INVALID'],
    ['proof', { blockHash: '' }, 'KNOWN_INVALID'],
    ['proof', { operators: files.path('operators'), network: files.path('foreign') }, 'KNOWN_INVALID'],
    ['proof', { network: files.path('record') }, 'CONFIG_INVALID'],
    ['proof', { data: files.path('none') }, 'DATA_DIR_MISSING'],
  ] as const)
    assert.is(
      (await refusalOf(verify(files.path(name), flags))).code,
      code,
      `${name} ${JSON.stringify(flags)}`,
    )
})

test('reads no more of a file than a proof can have', async () => {
  await using files = await openFiles()
  await writeFile(files.path('huge'), new Uint8Array(20_000_000))
  assert.is((await refusalOf(verify(files.path('huge')))).code, 'PROOF_TOO_LARGE')
  assert.is((await refusalOf(verify('/dev/zero'))).code, 'FILE_UNREADABLE')
})

test('exports the receipt in each form, privately, and never over a file unasked', async () => {
  await using files = await openFiles()
  const exported = async (as: string, force = false): Promise<Uint8Array> => {
    const { output } = keepOutput()
    await exportProof({ as, out: files.path('out'), force }, output, [files.path('proof')])
    return new Uint8Array(await readFile(files.path('out')))
  }
  assert.equal(await exported('receipt'), encodeReceipt(receipt))
  assert.is((await stat(files.path('out'))).mode & 0o777, 0o600)
  assert.is((await refusalOf(exported('receipt-json'))).code, 'FILE_EXISTS')
  const json = new TextDecoder().decode(await exported('receipt-json', true))
  assert.equal(JSON.parse(json), receiptToJson(receipt))
  for (const version of ['v4', 'v3']) {
    const text = new TextDecoder().decode(await exported(`chainpoint-${version}`, true))
    assert.is(JSON.parse(text)['@context'], `https://w3id.org/chainpoint/${version}`)
  }
  assert.match(
    (await refusalOf(exported('pdf'))).message,
    /chainpoint-v4, chainpoint-v3, receipt, receipt-json/,
  )
  await writeFile(files.path('proof'), encodeEvidence({ ...evidence, inclusion: undefined } as never))
  assert.match((await refusalOf(exported('receipt', true))).message, /no receipt/)
})

test('writes the bytes of a receipt to no terminal', async () => {
  await using files = await openFiles()
  const before = Object.getOwnPropertyDescriptor(process.stdout, 'isTTY')
  Object.defineProperty(process.stdout, 'isTTY', { value: true, configurable: true })
  try {
    for (const out of [{}, { out: '-' }]) {
      const { output } = keepOutput()
      const refused = await refusalOf(exportProof({ as: 'receipt', ...out }, output, [files.path('proof')]))
      assert.is(refused.code, 'USAGE')
      assert.match(refused.message, /terminal.*--out/)
    }
  } finally {
    if (before === undefined) Reflect.deleteProperty(process.stdout, 'isTTY')
    else Object.defineProperty(process.stdout, 'isTTY', before)
  }
})

test('writes the page, which needs no build in a checkout', async () => {
  await using files = await openFiles()
  const { output, results } = keepOutput()
  await writeProofPage({ out: files.path('verify.html') }, output)
  const page = await readFile(files.path('verify.html'), 'utf8')
  assert.match(page, /^<!doctype html>/)
  assert.equal(results[0]?.value, { out: files.path('verify.html'), sizeBytes: Buffer.byteLength(page) })
  assert.is((await refusalOf(writeProofPage({ out: files.path('verify.html') }, output))).code, 'FILE_EXISTS')
  const { mode } = await stat(files.path('verify.html'))
  assert.is(mode & 0o777, 0o644 & ~process.umask(), 'it is handed on')
})

test('says at once that a directory is no file to write, and what to give', async () => {
  await using files = await openFiles()
  for (const force of [false, true])
    for (const out of [files.path('.'), files.path('none/')]) {
      const { code, message } = await refusalOf(writeProofPage({ out, force }, keepOutput().output))
      assert.is(code, 'FILE_UNREADABLE')
      assert.match(message, /is a directory\. Name the file .* --out, such as .*FILE\.$/)
    }
})

test('as a command: takes a proof from standard input, prints one object, and says errors in words', async () => {
  await using place = await openPlace()
  const piped = await place.feed(encodeReceipt(receipt), 'proof', 'verify', '-', '--offline', '--json')
  assert.equal([piped.code, piped.stderr], [7, ''])
  assert.equal([JSON.parse(piped.stdout).kind, JSON.parse(piped.stdout).ok], ['receipt', false])
  const junk = await place.feed(new TextEncoder().encode('<html>'), 'proof', 'verify', '-')
  assert.equal([junk.code, junk.stdout], [3, ''])
  assert.match(junk.stderr, /web page.*\(PROOF_UNKNOWN\)\n$/)
})

test.run()
