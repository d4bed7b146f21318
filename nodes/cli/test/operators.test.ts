import { readFile, writeFile } from 'node:fs/promises'
import { admitPeer, changePeer, openLedger } from '@halo/chain'
import type { Address } from '@halo/consent'
import { parseAddress } from '@halo/consent'
import type { PeerKey } from '@halo/peers'
import { createPeerKey, peerIdOf } from '@halo/peers'
import { parseKnown } from '@halo/verifier'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Reply } from '../../../packages/chain/test/front-node.ts'
import { openFrontNode } from '../../../packages/chain/test/front-node.ts'
import { profile, startHalo } from '../../../packages/chain/test/local-halo.ts'
import { makeEvidence } from '../../../packages/proofs/test/evidence-bundle.ts'
import { openPlace } from '../../../test/story/halo-command.ts'
import { networkText } from '../../../test/story/test-chain.ts'
import type { OperatorKeys } from '../src/proof/operators.ts'
import { listOperators } from '../src/proof/operators.ts'
import { keepKnown } from '../src/proof/prove-delivery.ts'
import { keepOutput } from './kept-output.ts'

const test = suite('cli/operators')

/** All logs but the newest. */
function dropNewestLog(method: string, reply: Reply): Reply {
  return method === 'eth_getLogs'
    ? { ...reply, result: (reply.result as readonly unknown[]).slice(0, -1) }
    : reply
}

test('writes the keys of all operators, and says where some may be missing: in its answer, to who reads it and in the file', async () => {
  await using chain = await startHalo(1)
  const { admin, deployment, anvil } = chain
  const keys = await Promise.all([createPeerKey(), createPeerKey()])
  const operators = keys.map((_, at) => parseAddress(`0x${`${at + 1}`.repeat(40)}`))
  for (const [at, operator] of operators.entries())
    await admitPeer(admin, deployment, {
      operator,
      ...profile(at + 1),
      peerId: peerIdOf(keys[at] as PeerKey),
    })
  await changePeer(admin, deployment, 'remove', operators[1] as Address)
  await using place = await openPlace()
  await writeFile(place.path('network'), networkText(deployment))
  const list = async (chainUrl: string, out?: string) => {
    const { output, results, notes } = keepOutput()
    await listOperators({ chainUrl, network: place.path('network'), ...(out && { out }) }, output)
    const [result] = results
    assert.ok(result)
    return { value: result.value as OperatorKeys, lines: result.lines, notes }
  }
  const whole = await list(anvil.rpcUrl)
  assert.is(whole.value.completeUntilSec, await chain.ledger.chainTimeSec())
  assert.is(whole.value.keys.length, 2)
  assert.equal([whole.lines, whole.notes], [whole.value.keys, []])

  await using pruned = await openFrontNode(anvil.rpcUrl, dropNewestLog)
  const short = await list(pruned.url)
  assert.equal(short.value, { keys: whole.value.keys.slice(0, 1), completeUntilSec: null })
  assert.match(short.notes.join(), /keys may be missing\. Ask a node/)
  assert.match(short.lines[0] ?? '', /^# Keys may be missing: /)
  const { lines: spaced } = await list(anvil.rpcUrl, place.path("it's whole"))
  assert.ok(spaced[1]?.includes(` --operators '${place.path("it'\\''s whole")}' --network FILE`), spaced[1])
  const { lines } = await list(pruned.url, place.path('short'))
  assert.match(lines[0] ?? '', /: 1 key, and there may be more\.$/)
  assert.is(await readFile(place.path('short'), 'utf8'), `${short.lines.join('\n')}\n`)
  const bundle = { kind: 'bundle', evidence: (await makeEvidence()).evidence } as const
  const { operators: known } = parseKnown({ operatorKeys: short.lines.join('\n') }, bundle, null)
  assert.equal(
    known?.map(({ address }) => address),
    operators.slice(0, 1),
    'that line is no key',
  )

  await using ledger = await openLedger({ rpcUrl: pruned.url, deployment })
  await keepKnown(place.dir, ledger)
  assert.is(await readFile(place.path('operators'), 'utf8'), await readFile(place.path('short'), 'utf8'))
})

test.run()
