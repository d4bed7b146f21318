import type { ChainLedger } from '@halo/chain'
import { BLOCK_HEADER_ITEMS, RpcFailure } from '@halo/chain'
import type { AnchorEvidence, Evidence } from '@halo/proofs'
import { verifyEvidence } from '@halo/proofs'
import { decodeRlp } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeEvidence } from '../../../packages/proofs/test/evidence-bundle.ts'
import { addChainProof, describeAddition } from '../src/proof/prove-anchor.ts'

const test = suite('cli/prove-anchor')

const { evidence, facts } = await makeEvidence()
const { anchor, inclusion } = evidence
const [anchored] = facts.anchors ?? []
if (anchor === undefined || inclusion === undefined || anchored === undefined)
  throw new Error('the sample lacks a part')
const bare = { deployment: evidence.deployment, inclusion: { ...inclusion, anchor: null } } as Evidence

/** What a node answers for one block by its tag. */
interface Answers {
  readonly block?: unknown
  readonly proof?: unknown
}

/** The sample's block as JSON-RPC has it; numbers may have leading zeros there. */
const BLOCK: Readonly<Record<string, unknown>> = Object.fromEntries([
  ...(decodeRlp((anchor as AnchorEvidence).blockHeader) as readonly string[]).map((item, at) => [
    BLOCK_HEADER_ITEMS[at],
    item === '0x' && BLOCK_HEADER_ITEMS[at] !== 'extraData' ? '0x0' : item,
  ]),
  ['hash', facts.blockHash],
])
const PROOF = { accountProof: anchor.accountProof, storageProof: [{ proof: anchor.storageProof }] }
const GENESIS = { ...BLOCK, hash: `0x${'0'.repeat(64)}` }

/** A ledger whose node knows these blocks; it refuses whatever it was given no answer for. */
function ledgerOf(node: Readonly<Record<string, Answers>>, isAnchored = true): ChainLedger {
  let asked: Answers | undefined
  const answer = (value: unknown): unknown => {
    if (value === undefined) throw new RpcFailure(-32_601, 'the method does not exist', null)
    return value
  }
  const send = async (method: string, [tag]: readonly unknown[]): Promise<unknown> => {
    if (method === 'eth_getBlockByNumber') asked = node[String(tag)]
    return answer(method === 'eth_getProof' ? asked?.proof : asked?.block)
  }
  return {
    deployment: { ...evidence.deployment, chainId: BigInt(evidence.deployment.chainId) },
    rootAnchor: async () =>
      isAnchored
        ? { block: anchored?.block, atSec: anchored?.atSec, txHash: evidence.inclusion && TX_HASH }
        : null,
    connection: { rpc: { send } },
  } as unknown as ChainLedger
}
const TX_HASH = `0x${Buffer.from(anchored.txHash ?? []).toString('hex')}`

test('prefers a final block, and takes the newest where the node knows none or it does not hold the root', async () => {
  const whole = { block: BLOCK, proof: PROOF }
  const final = await addChainProof(ledgerOf({ finalized: whole, latest: whole }), bare)
  assert.equal(final.proven, { hash: facts.blockHash, isFinal: true })
  assert.equal(final.evidence.anchor, anchor)
  const found = verifyEvidence(final.evidence, facts).parts.find(({ part }) => part === 'anchor')
  assert.is(found?.reason, 'ANCHORED_IN_BLOCK')
  const early = { block: BLOCK, proof: { ...PROOF, storageProof: [{ proof: [] }] } }
  for (const finalized of [{}, { block: null }, { block: BLOCK }, { block: GENESIS, proof: PROOF }, early]) {
    const { proven } = await addChainProof(ledgerOf({ finalized, latest: whole }), bare)
    assert.equal(proven, { hash: facts.blockHash, isFinal: false })
  }
})

test('keeps what the chain says where the node gives no proof of its state, and adds none', async () => {
  const { evidence: made, proven } = await addChainProof(ledgerOf({ latest: { block: BLOCK } }), bare)
  assert.is(proven, null)
  assert.is(made.anchor, undefined)
  assert.equal(made.inclusion?.anchor, inclusion.anchor)
})

test('adds nothing for a root that the chain does not have', async () => {
  const { evidence: made, proven } = await addChainProof(ledgerOf({}, false), bare)
  assert.equal([made, proven], [bare, null])
})

test('says whether the block is final, that the node gave no proof, and that the chain has no root yet', async () => {
  const whole = { block: BLOCK, proof: PROOF }
  const said = async (ledger: ChainLedger): Promise<string> =>
    describeAddition(await addChainProof(ledger, bare)).join(' ')
  assert.match(
    await said(ledgerOf({ finalized: whole })),
    `${facts.blockHash} is the hash of one of its blocks (final)`,
  )
  assert.match(await said(ledgerOf({ latest: whole })), 'the newest, which the chain may still drop')
  assert.match(
    await said(ledgerOf({ latest: { block: BLOCK } })),
    'gave no proof of its state (eth_getProof)',
  )
  assert.match(await said(ledgerOf({}, false)), 'does not have the root of its log yet')
})

test.run()
