import { execFileSync } from 'node:child_process'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openPlace, type Place } from '../../../test/story/halo-command.ts'
import { initPeer, startPeer, startTestChain, type TestChain } from '../../../test/story/test-chain.ts'

const test = suite('cli/proof-make')

const SHAPE = ['--data-shards', '2', '--parity-shards', '1', '--threshold', '2'] as const
const CSV = 'id,time,gl\nme,2026-01-05T00:00:00Z,111\nme,2026-01-05T00:05:00Z,112\n'

/** A record that was published, asked for, allowed and collected, by commands. */
interface Delivered {
  readonly place: Place
  readonly chain: TestChain
  readonly dataset: string
  readonly request: string
  readonly out: string
}

async function deliver(place: Place, chain: TestChain): Promise<Delivered> {
  const peers = ['a', 'b', 'c'].map((name) => place.path(name))
  await Promise.all(peers.map((dir) => initPeer(place, chain, dir)))
  await Promise.all(peers.map((dir) => startPeer(place, dir)))
  const wallet = ['--data', place.path('wallet')]
  const research = ['--data', place.path('research')]
  // biome-ignore lint/suspicious/noExplicitAny: a test reads fields of JSON as it expects them
  const must = async (...args: readonly string[]): Promise<any> => {
    const { code, value } = await place.json(...args)
    assert.is(code, 0, `${args.slice(0, 2).join(' ')}: ${JSON.stringify(value)}`)
    return value
  }
  await must('wallet', 'init', ...wallet, ...chain.options, '--words-out', place.path('words'))
  const { account } = await must('research', 'init', ...research, ...chain.options)
  await chain.fund(account)
  await writeFile(place.path('mine.csv'), CSV)
  await must('wallet', 'import', place.path('mine.csv'), ...wallet)
  const { dataset } = await must('wallet', 'publish', '--price', '0.5', ...SHAPE, ...wallet)
  const asking = ['--organisation', 'Test University', '--project', 'Whether this works.']
  const { request } = await must('research', 'request', dataset, ...asking, ...research)
  await must('wallet', 'approve', request, ...wallet)
  const out = place.path('out')
  await must('research', 'collect', request, '--out', out, ...research)
  return { place, chain, dataset, request, out }
}

/** Verdicts by part. */
function verdictsOf(value: { readonly parts: readonly { part: string; reason: string }[] }): object {
  return Object.fromEntries(value.parts.map(({ part, reason }) => [part, reason]))
}

/** The words of a printed line after its start, as a shell reads them. */
function wordsOf(printed: string, start: string): readonly string[] {
  const line = printed.split('\n').find((candidate) => candidate.startsWith(start)) ?? ''
  const script = `printf '%s\\n' ${line.slice(start.length)}`
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).trimEnd().split('\n')
}

test('a delivery becomes one file that verifies with the chain, without it, and on other machines', async () => {
  await using place = await openPlace()
  await using chain = await startTestChain(place, 2)
  const { dataset, request, out } = await deliver(place, chain)
  const proof = place.path('mine.halo-proof.json')
  const research = ['--data', place.path('research')]
  const made = await place.json(
    ...['proof', 'make', '--from-delivery', out, '--with-record-opening', '--chain'],
    ...['--out', proof, ...research],
  )
  assert.is(made.code, 0, JSON.stringify(made.value))
  assert.equal(made.value.parts, ['record', 'inclusion', 'anchor', 'consent', 'access'])
  assert.is(made.value.discloses.length, 3)
  assert.is((await stat(proof)).mode & 0o777, 0o600)

  const record = place.path('out', 'delivered.ndjson')
  const asked = await place.json('proof', 'verify', proof, '--record', record, ...research)
  assert.equal([asked.code, asked.value.verdict], [0, 'verified'], JSON.stringify(asked.value))
  assert.equal(verdictsOf(asked.value), {
    record: 'RECORD_MATCHES',
    inclusion: 'LOGGED_AND_SIGNED',
    anchor: 'ANCHORED_IN_BLOCK',
    consent: 'GRANTED',
    access: 'ACCESS_SHOWN',
    deletion: 'DELETION_ABSENT',
  })

  const keys = place.path('operators')
  assert.is((await place.json('proof', 'operators', '--out', keys, ...chain.options)).value.keys.length, 3)
  const known = ['--offline', '--operators', keys, '--block-hash', made.value.blockHash]
  const elsewhere = [...known, '--network', place.path('network.json')]
  const offline = await place.json('proof', 'verify', proof, ...elsewhere)
  assert.equal([offline.code, offline.value.isChainAsked], [0, false], JSON.stringify(offline.value))
  assert.is(verdictsOf(offline.value)['anchor' as never], 'ANCHORED_IN_BLOCK')
  const unnamed = await place.json('proof', 'verify', proof, ...known)
  assert.is(verdictsOf(unnamed.value)['anchor' as never], 'HALO_UNKNOWN')
  assert.match(unnamed.value.because, chain.deployment.anchor)
  const bare = await place.halo('proof', 'verify', proof, '--offline')
  assert.is(bare.code, 7)
  assert.match(bare.stdout, /^missing {3}inclusion: /m)
  assert.match(bare.stdout, /^Next: halo proof verify .*--offline --operators FILE/m)

  const next = place.path('with a space.halo-proof.json')
  const remake = ['proof', 'make', '--from-delivery', out, '--with-record-opening', '--force', '--out', next]
  for (const told of [research, chain.options]) {
    const remade = await place.halo(...remake, ...told)
    assert.is(remade.code, 0, remade.stderr)
    const pasted = await place.json(...wordsOf(remade.stdout, 'Next: halo'))
    assert.equal([pasted.code, verdictsOf(pasted.value)['record' as never]], [0, 'RECORD_MATCHES'])
  }
  const blind = await place.halo(...remake, '--network', place.path('network.json'))
  assert.match(
    blind.stdout,
    /^Next: .* --network \S+network\.json --offline --operators FILE, with the keys/m,
  )

  const keyed = chain.options.map((word) => (word.startsWith('http') ? `${word}/?key=0123456789` : word))
  const secret = await place.halo(...remake, ...keyed)
  assert.is(secret.code, 0, secret.stderr)
  assert.match(secret.stdout, /^Next: .* --chain-url URL --network \S+network\.json$/m)
  assert.not.match(secret.stdout, '0123456789')

  const text = await readFile(record, 'utf8')
  await writeFile(record, text.replace('111', '110'))
  const changed = await place.json('proof', 'verify', proof, '--record', record, ...research)
  assert.equal([changed.code, changed.value.parts[0].reason], [7, 'RECORD_DIFFERS'])

  const wallet = ['--data', place.path('wallet')]
  const own = place.path('own.halo-proof.json')
  const ofPatient = await place.json('proof', 'make', '--dataset', dataset, '--out', own, ...wallet)
  assert.is(ofPatient.code, 0, JSON.stringify(ofPatient.value))
  const told = await place.halo('proof', 'make', '--dataset', dataset, '--out', own, '--force', ...wallet)
  assert.equal(wordsOf(told.stdout, 'Next: halo'), ['proof', 'verify', own, ...wallet])
  assert.equal(ofPatient.value.parts, ['record', 'inclusion', 'consent'])
  const named = ['--dataset', dataset, '--request', request, '--out', own, '--force']
  assert.equal((await place.json('proof', 'make', ...named, ...wallet)).code, 0)
  assert.is((await place.json('proof', 'verify', own, ...wallet)).code, 0)

  const again = await place.json('proof', 'make', '--from-delivery', out, '--out', proof, ...research)
  assert.equal([again.code, again.value.error.code], [3, 'FILE_EXISTS'])
  const unknown = ['--dataset', `0x${'5'.repeat(64)}`]
  assert.is((await place.json('proof', 'make', ...unknown, ...wallet)).value.error.code, 'USAGE')
})

test.run()
