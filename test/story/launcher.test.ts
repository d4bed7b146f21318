import { readdir, readFile, writeFile } from 'node:fs/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { assertPlain, openPlace } from './halo-command.ts'

const test = suite('story/launcher')

const HASH = /^0x[0-9a-f]{64}$/

// biome-ignore lint/suspicious/noExplicitAny: a report is checked field by field
async function readReport(dir: string): Promise<any> {
  return JSON.parse(await readFile(`${dir}/report.json`, 'utf8'))
}

test('delivers made-up data and reports it as one JSON object of the documented shape', async () => {
  await using place = await openPlace()
  const out = place.path('out')
  const { code, value } = await place.json('dev', '--once', '--out', out)
  assert.is(code, 0)
  assert.equal(value, await readReport(out))
  assert.is(value.ok, true)
  assert.equal([value.shards, value.peers, value.threshold], [5, 5, 3])
  assert.equal(value.verified, { hash: true, signature: true, anchor: true })
  assert.equal(value.liars, [])
  const names = value.txs.map((tx: { name: string }) => tx.name)
  assert.equal(names, ['anchor', 'request', 'grant', 'settle'])
  for (const { gas, hash } of value.txs) {
    assert.ok(Number.isInteger(gas) && gas > 21_000)
    assert.match(hash, HASH)
  }
  assert.ok(value.steps.length >= 8)
  for (const { name, ms } of value.steps) assert.ok(typeof name === 'string' && Number.isInteger(ms))
  const delivered = await readFile(`${out}/delivered.ndjson`, 'utf8')
  assert.is(delivered.trimEnd().split('\n').length, value.readings)
  assert.ok(value.readings > 3500, 'about 14 days of 5 minutes')
  assert.ok(
    value.sealedBytes > 1000 && value.sealedBytes < delivered.length / 8,
    'packed before it is sealed',
  )
  assert.is(value.provenance, true)
  assert.equal((await readdir(out)).sort(), [
    'delivered.ndjson',
    'manifest.json',
    'network.json',
    'operators',
    'proof.halo-proof.json',
    'report.json',
  ])
  const proof = [`${out}/proof.halo-proof.json`, '--record', `${out}/delivered.ndjson`, '--offline']
  const checked = await place.json('proof', 'verify', ...proof)
  assert.equal([checked.code, checked.value.verdict], [7, 'missing'], 'nobody said whom to trust')
  assert.is(checked.value.parts[0].reason, 'RECORD_MATCHES')
})

/** Words of a line that a shell would split at spaces. */
function wordsOf(text: string, start: string): readonly string[] {
  const line = text.split('\n').find((candidate) => candidate.trim().startsWith(start)) ?? ''
  return line.trim().slice(start.length).trim().split(' ')
}

test('prints the one command that checks its proof when the chain is gone, and who vouches for whom', async () => {
  await using place = await openPlace()
  const out = place.path('out')
  const ended = await place.halo('dev', '--once', '--peers', '3', '--threshold', '2', '--out', out)
  assert.is(ended.code, 0, ended.stderr)
  assertPlain(ended)
  assert.match(ended.stdout, /in real life they come from whom you trust/)
  const checked = await place.json(...wordsOf(ended.stdout, 'npm run -s halo --'))
  assert.equal([checked.code, checked.value.verdict, checked.value.isChainAsked], [0, 'verified', false])
  assert.equal(
    checked.value.parts.map((part: { part: string; reason: string }) => `${part.part} ${part.reason}`),
    [
      'record RECORD_MATCHES',
      'inclusion LOGGED_AND_SIGNED',
      'anchor BLOCK_NOT_CONFIRMED',
      'consent GRANTED',
      'access ACCESS_SHOWN',
      'deletion DELETION_ABSENT',
    ],
  )
  assert.not.match(checked.value.because, /make sure/, 'the network file says which Halo is meant')
})

test('a second run into the same directory is refused before it starts, and forced it replaces its own names alone', async () => {
  await using place = await openPlace()
  const out = place.path('out')
  const again = ['dev', '--once', '--peers', '3', '--threshold', '2', '--out', out]
  const first = await place.halo(...again)
  assert.is(first.code, 0, first.stderr)
  await writeFile(`${out}/notes.txt`, 'my own')
  const refused = await place.json(...again)
  assert.equal([refused.code, refused.value.error.code], [3, 'FILE_EXISTS'])
  assert.match(refused.value.error.message, /there is already: report\.json, delivered\.ndjson, .*--force/)
  assert.is((await readdir(out)).length, 7, 'everything is still there')
  const second = await place.halo(...again, '--decline', '--force')
  assert.is(second.code, 0, second.stderr)
  assert.match(second.stderr, /replaced in .*out: report\.json, delivered\.ndjson, manifest\.json, proof/)
  assert.equal((await readdir(out)).sort(), ['notes.txt', 'report.json'])
})

test('refuses a file that came while the Halo was starting, and leaves it as it is', async () => {
  await using place = await openPlace()
  const out = place.path('out')
  const run = place.start('dev', '--once', '--peers', '3', '--threshold', '2', '--decline', '--out', out)
  await run.untilPrinted('deploy the contracts')
  await writeFile(`${out}/operators`, 'my own')
  const { code, stderr } = await run.ended
  assert.is(code, 3, stderr)
  assert.match(stderr, /there is already: operators\. /)
  assert.equal(await readdir(out), ['operators'])
  assert.is(await readFile(`${out}/operators`, 'utf8'), 'my own')
  assert.equal(await place.processes(), [], 'what was started is stopped')
})

test('delivers with two of five peers gone, and shows every amount in coins', async () => {
  await using place = await openPlace()
  const out = place.path('out')
  const ended = await place.halo('dev', '--once', '--kill', '2', '--out', out)
  assert.is(ended.code, 0, ended.stderr)
  assertPlain(ended)
  assert.equal((await readReport(out)).verified, { hash: true, signature: true, anchor: true })
  assert.match(ended.stdout, /peer-4: stopped\n {2}peer-5: stopped/)
  assert.match(ended.stdout, /time in range/)
  assert.match(ended.stdout, /delivered {2}data set 0x\w+… {2}Example University/)
  assert.not.match(ended.stdout + ended.stderr, /(?<![0-9a-fx])[0-9]{15,}(?![0-9a-f])/, 'raw wei')
})

test('with three of five peers gone delivers nothing, says why, and refunds', async () => {
  await using place = await openPlace()
  const out = place.path('out')
  const ended = await place.halo('dev', '--once', '--kill', '3', '--out', out)
  assert.is(ended.code, 5, ended.stderr)
  assertPlain(ended)
  assert.equal(await readdir(out), ['report.json'], 'no delivered record, finished or not')
  const report = await readReport(out)
  assert.is(report.ok, false)
  assert.ok(['SHARES_TOO_FEW', 'SHARDS_TOO_FEW'].includes(report.reason), report.reason)
  assert.is(report.refunded, '20000000000000000')
  assert.is(report.txs.at(-1).name, 'refund')
  assert.match(ended.stdout, /nothing was delivered: .* Try again when more peers are up/)
  assert.match(ended.stdout, /refunded: 0\.02 coins/)
  assert.not.match(ended.stderr, /[0-9]{15,}/, 'raw wei')
})

test('a declined request delivers nothing, tells the researcher so, and refunds', async () => {
  await using place = await openPlace()
  const out = place.path('out')
  const ended = await place.halo('dev', '--once', '--decline', '--out', out)
  assert.is(ended.code, 0, ended.stderr)
  assertPlain(ended)
  assert.equal(await readdir(out), ['report.json'])
  const report = await readReport(out)
  assert.equal([report.ok, report.outcome, report.reason], [true, 'declined', 'DECLINED'])
  assert.is(report.refunded, '20000000000000000')
  assert.equal(
    report.txs.map((tx: { name: string }) => tx.name),
    ['anchor', 'request', 'decline', 'refund'],
  )
  assert.match(ended.stdout, /nothing was delivered: The patient declined this request/)
  assert.match(ended.stdout, /declined {3}data set 0x\w+… {2}Example University/)
})

test.run()
