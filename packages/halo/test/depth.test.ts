import type { Bytes32 } from '@halo/consent'
import { hexOf } from '@halo/consent'
import type { Publication } from '@halo/ports'
import { RefusedError, redateReceipt } from '@halo/ports'
import { decodeReceipt, encodeReceipt } from '@halo/proofs'
import { Wallet as Signer } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signPublication } from '../../ports/test/sample-publication.ts'
import type { MemoryPeer } from './memory-halo.ts'
import { failureOf, openMemoryHalo, until } from './memory-halo.ts'

const test = suite('halo/depth')
const patient = new Signer(`0x${'5'.repeat(64)}`)

async function publication(number: number): Promise<Publication> {
  const bytes = new Uint8Array(32).fill(number)
  return signPublication(patient, { commitment: hexOf(bytes) as Bytes32, salt: bytes })
}

/** Receipts in a peer's catalogue. */
async function listedBy(peer: MemoryPeer): Promise<readonly string[]> {
  const entries = await peer.call().catalogue({ after: null, limit: 9 }, {})
  return entries.map(({ receipt }) => hexOf(receipt))
}

/** Two peers that want three blocks, and a receipt of the first whose root was mined again just now. */
async function openMinedAgain() {
  const halo = await openMemoryHalo({ peers: 2, peer: { confirmations: 3, chainPollMs: 1 } })
  const { chain } = halo
  const [first, second] = halo.peers
  assert.ok(first && second)
  const { operator } = first.member
  const one = await publication(1)
  const listing = first.call().publish(one, {})
  await until(() => chain.mined.length === 1)
  chain.block += 2
  const before = decodeReceipt((await listing).receipt)
  const root = hexOf(before.root) as Bytes32
  chain.dropRoot(operator, before.size, root)
  await chain.writer(operator).anchorRoot(before.size, root)
  const found = await chain.ledger.rootAnchor(operator, before.size, root)
  assert.ok(found?.txHash)
  const redated = redateReceipt(before, found)
  const asked = (): number => chain.asked.get('headBlock') ?? 0
  const askMore = async (): Promise<void> => {
    const enough = asked() + 3
    await until(() => asked() >= enough)
  }
  return { ...halo, first, second, one, root, before, redated, askMore }
}

/** Whether work has ended by now. */
function watch(work: Promise<unknown>): { readonly hasEnded: () => boolean } {
  let ended = false
  const end = (): void => {
    ended = true
  }
  work.then(end, end)
  return { hasEnded: () => ended }
}

test('gives no receipt of what is listed before its root is deep again, and dates it by then', async () => {
  await using halo = await openMinedAgain()
  const { first, one, chain, redated } = halo
  const again = first.call().publish(one, {})
  const { hasEnded } = watch(again)
  await halo.askMore()
  assert.not.ok(hasEnded())
  chain.block += 2
  assert.is(hexOf((await again).receipt), hexOf(redated))
  assert.equal(await listedBy(first), [hexOf(redated)])
})

test('lists no receipt of another member before its root is deep, and one with another date at no time', async () => {
  await using halo = await openMinedAgain()
  const { second, one, chain, before, redated } = halo
  const bring = (receipt: Uint8Array) => second.call().publish({ ...one, salt: null, receipt }, {})
  assert.is(await failureOf(bring(encodeReceipt(before))), 'RECEIPT_FORGED', 'without waiting')
  const brought = bring(redated)
  const { hasEnded } = watch(brought)
  await halo.askMore()
  assert.equal([hasEnded(), await listedBy(second)], [false, []])
  chain.block += 2
  assert.is(hexOf((await brought).receipt), hexOf(redated))
  assert.equal(await listedBy(second), [hexOf(redated)])
})

test('keeps nobody waiting who leaves, and refuses when the root goes from the chain meanwhile', async () => {
  await using halo = await openMinedAgain()
  const { first, second, one, root, before, redated, chain } = halo
  const leaving = new AbortController()
  const brought = { ...one, salt: null, receipt: redated }
  const left = [first.call().publish(one, leaving), second.call().publish(brought, leaving)].map(failureOf)
  await halo.askMore()
  leaving.abort(new RefusedError('TIMED_OUT'))
  assert.equal(await Promise.all(left), ['TIMED_OUT', 'TIMED_OUT'])
  const staying = second.call().publish(brought, {})
  await halo.askMore()
  chain.dropRoot(first.member.operator, before.size, root)
  assert.is(await failureOf(staying), 'NOT_CONFIRMED')
  assert.equal(await listedBy(second), [])
})

test.run()
