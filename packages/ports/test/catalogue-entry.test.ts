import type { Address, Bytes32, Hex } from '@halo/consent'
import { bytesOf, datasetIdOf, hexOf, textHash } from '@halo/consent'
import type { Receipt } from '@halo/proofs'
import {
  buildTree,
  commitRecord,
  createNoteSigner,
  createReceipt,
  decodeReceipt,
  encodeReceipt,
  formatLogOrigin,
  hashLeaf,
  saltCommitment,
  signCheckpoint,
} from '@halo/proofs'
import { Wallet } from 'ethers'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createPeerKey, peerIdOf } from '../../peers/src/index.ts'
import type { CatalogueEntry, Member, RootAnchor } from '../src/index.ts'
import { checkEntry, logOf, MAX_RECEIPT_BYTES, openEntry, readAnchor, refreshReceipt } from '../src/index.ts'
import { DEPLOYMENT } from './memory-chain.ts'
import { signPublication } from './sample-publication.ts'

const test = suite('ports/catalogue-entry')
const patient = new Wallet(`0x${'1'.repeat(64)}`)
const operator = new Wallet(`0x${'2'.repeat(64)}`).address as Address
const seed = new Uint8Array(32).fill(3)

async function memberOf(peerSeed: Uint8Array): Promise<Member> {
  const peerId = peerIdOf(await createPeerKey(peerSeed))
  return { operator, peerId, kemPublicKey: new Uint8Array(1216), addresses: [], isActive: false }
}

/** An entry in a log of three leaves, as a member's peer makes it. */
async function createEntry(): Promise<CatalogueEntry> {
  const salt = new Uint8Array(32).fill(5)
  const made = await signPublication(patient, { commitment: `0x${'4'.repeat(64)}` as Bytes32, salt })
  const { commitment, patient: owner, descriptor, signature } = made
  const dataset = datasetIdOf(commitment, owner)
  const entry = { commitment: commitRecord(bytesOf(dataset), bytesOf(textHash(descriptor))), salt }
  const leaves = [new Uint8Array(32), saltCommitment(entry.commitment, salt), new Uint8Array(32).fill(6)]
  const tree = buildTree(leaves.map(hashLeaf))
  const origin = formatLogOrigin(logOf(DEPLOYMENT, operator))
  const note = signCheckpoint({ origin, size: 3, root: tree.root, extension: [] }, [
    createNoteSigner(origin, seed),
  ])
  const anchor = { txHash: null, block: 7, atSec: 1000 }
  const receipt = encodeReceipt(createReceipt(entry, tree.proveInclusion(1), note, anchor))
  return { commitment, patient: owner, descriptor, signature, receipt }
}

test('shows data set, log and root of an entry that holds', async () => {
  const entry = await createEntry()
  const checked = checkEntry(entry, DEPLOYMENT, [await memberOf(seed)])
  const { root } = decodeReceipt(entry.receipt)
  assert.is(checked?.dataset, datasetIdOf(entry.commitment, entry.patient))
  assert.equal([checked?.operator, checked?.root, checked?.isSigned], [operator, hexOf(root), true])
})

test('does without a signature where the member has left, has another key, or is not the signer', async () => {
  const entry = await createEntry()
  const isSigned = (members: readonly Member[], changed = entry): boolean | undefined =>
    checkEntry(changed, DEPLOYMENT, members)?.isSigned
  const member = await memberOf(seed)
  assert.is(isSigned([]), false)
  assert.is(isSigned([{ ...member, operator: patient.address as Address }]), false)
  assert.is(isSigned([await memberOf(new Uint8Array(32).fill(9))]), false)
  assert.is(isSigned([{ ...member, peerId: 'no peer id' }]), false)
  const receipt = decodeReceipt(entry.receipt)
  const [line = ''] = receipt.signatures
  const wrong = { ...receipt, signatures: [`${line.slice(0, -4)}AAA=`] }
  assert.is(isSigned([member], { ...entry, receipt: encodeReceipt(wrong) }), false)
  const none = { ...receipt, signatures: [] }
  assert.is(isSigned([member], { ...entry, receipt: encodeReceipt(none) }), false)
})

test('hands on no line that shows nothing: neither a wrong one nor what stands beside the member’s own', async () => {
  const entry = await createEntry()
  const receipt = decodeReceipt(entry.receipt)
  const [line = ''] = receipt.signatures
  const linesOf = async (...signatures: readonly string[]): Promise<readonly string[] | undefined> => {
    const changed = { ...entry, receipt: encodeReceipt({ ...receipt, signatures }) }
    return checkEntry(changed, DEPLOYMENT, [await memberOf(seed)])?.receipt.signatures
  }
  const wrong = `${line.slice(0, -4)}AAA=`
  const foreign = `— court.example ${line.split(' ').at(-1)}`
  assert.equal(await linesOf(wrong), [])
  assert.equal(await linesOf(foreign, wrong, line), [line])
})

test('misses a signature only where an active member could give it', async () => {
  const entry = await createEntry()
  const bare = encodeReceipt({ ...decodeReceipt(entry.receipt), signatures: [] })
  const lacks = (members: readonly Member[], receipt = bare): boolean | undefined =>
    checkEntry({ ...entry, receipt }, DEPLOYMENT, members)?.lacksSignature
  const suspended = await memberOf(seed)
  const active = { ...suspended, isActive: true }
  assert.equal([lacks([active]), lacks([suspended]), lacks([])], [true, false, false])
  assert.is(lacks([active], entry.receipt), false)
  const rotated = { ...(await memberOf(new Uint8Array(32).fill(9))), isActive: true }
  assert.is(lacks([rotated], entry.receipt), true)
})

test('opens without the patient’s signature, which takes longest to check', async () => {
  const entry = await createEntry()
  const unsigned = { ...entry, signature: `0x${'ab'.repeat(65)}` as const }
  assert.is(openEntry(unsigned, DEPLOYMENT)?.dataset, datasetIdOf(entry.commitment, entry.patient))
  assert.is(checkEntry(unsigned, DEPLOYMENT, []), null)
})

test('shows nothing of an entry of which any part is another', async () => {
  const entry = await createEntry()
  const receipt = decodeReceipt(entry.receipt)
  const members = [await memberOf(seed)]
  const told = (changes: Partial<typeof receipt>): CatalogueEntry => ({
    ...entry,
    receipt: encodeReceipt({ ...receipt, ...changes }),
  })
  const changes: readonly CatalogueEntry[] = [
    { ...entry, commitment: `0x${'5'.repeat(64)}` as Bytes32 },
    { ...entry, patient: operator },
    { ...entry, descriptor: entry.descriptor.replace('Tests', 'Rests') },
    { ...entry, signature: `0x${'ab'.repeat(65)}` },
    { ...entry, receipt: new Uint8Array(3) },
    told({ commitment: new Uint8Array(32) }),
    told({ salt: null }),
    told({ salt: new Uint8Array(32) }),
    told({ index: 0 }),
    told({ path: receipt.path.slice(1) }),
    told({ path: receipt.path.toReversed() }),
    told({ root: new Uint8Array(32) }),
    told({ log: { ...receipt.log, chainId: 1 } }),
    told({ log: { ...receipt.log, contract: operator.toLowerCase() } }),
  ]
  for (const [at, changed] of changes.entries())
    for (const known of [members, []]) assert.is(checkEntry(changed, DEPLOYMENT, known), null, `change ${at}`)
  assert.ok(checkEntry(entry, DEPLOYMENT, members))
})

test('finds the root on chain only as the receipt tells of it', async () => {
  const checked = checkEntry(await createEntry(), DEPLOYMENT, [])
  assert.ok(checked)
  const anchor = { txHash: null, block: 7, atSec: 1000 }
  const asked: unknown[] = []
  const ledgerOf = (found: typeof anchor | null) => ({
    rootAnchor: async (...key: unknown[]) => {
      asked.push(key.slice(0, 3))
      return found
    },
  })
  assert.equal(await readAnchor(checked, ledgerOf(anchor)), anchor)
  assert.equal(asked, [[operator, 3, checked.root]])
  assert.is(await readAnchor(checked, ledgerOf(null)), null)
  assert.is(await readAnchor(checked, ledgerOf({ ...anchor, block: 8 })), null)
  assert.is(await readAnchor(checked, ledgerOf({ ...anchor, atSec: 1001 })), null)
  const silent = { ...checked, receipt: { ...checked.receipt, anchor: null } }
  assert.is(await readAnchor(silent, ledgerOf(anchor)), null)
})

test('dates a receipt anew where the chain has its root in another block, and changes nothing else', async () => {
  const { receipt } = await createEntry()
  const checked = checkEntry(await createEntry(), DEPLOYMENT, [])
  assert.ok(checked)
  const refresh = (found: RootAnchor | null): Promise<Uint8Array | null> =>
    refreshReceipt(checked, { rootAnchor: async () => found })
  assert.equal(await refresh({ txHash: null, block: 7, atSec: 1000 }), receipt)
  const txHash = `0x${'7'.repeat(64)}` as const
  const again = await refresh({ txHash, block: 9, atSec: 1012 })
  const anchor = { txHash: bytesOf(txHash), block: 9, atSec: 1012 }
  assert.equal(again && decodeReceipt(again), { ...decodeReceipt(receipt), anchor })
  assert.is(await refresh(null), null)
})

test('gives a receipt back what was taken out of it of the chain’s word, and takes nothing out that the chain does not know', async () => {
  const checked = checkEntry(await createEntry(), DEPLOYMENT, [])
  assert.ok(checked)
  const [block, atSec] = [7, 1000]
  const txHash = new Uint8Array(32).fill(7)
  const refresh = async (told: Receipt['anchor'], found: Hex | null): Promise<Receipt['anchor']> => {
    const opened = { ...checked, receipt: { ...checked.receipt, anchor: told } }
    const bytes = await refreshReceipt(opened, {
      rootAnchor: async () => ({ block, atSec, txHash: found }),
    })
    return bytes && decodeReceipt(bytes).anchor
  }
  const whole = { block, atSec, txHash }
  const bare = { block, atSec, txHash: null }
  assert.equal(await refresh(null, hexOf(txHash)), whole)
  assert.equal(await refresh(null, null), bare)
  assert.equal(await refresh(bare, hexOf(txHash)), whole)
  assert.equal(await refresh(whole, null), whole)
})

test('shows of every receipt that it opens as much when the chain has had its word, and that fits the wire', async () => {
  const entry = await createEntry()
  const receipt = decodeReceipt(entry.receipt)
  const longest = { txHash: `0x${'7'.repeat(64)}` as const, block: 2 ** 53 - 1, atSec: 2 ** 53 - 1 }
  const padded = (length: number): CatalogueEntry => {
    const signatures = [...receipt.signatures, `— court.example ${'A'.repeat(length)}`]
    return { ...entry, receipt: encodeReceipt({ ...receipt, anchor: null, signatures }) }
  }
  const seen = { opened: 0, refused: 0 }
  for (let length = 3600; length < 3800; length += 4) {
    const opened = openEntry(padded(length), DEPLOYMENT)
    seen[opened === null ? 'refused' : 'opened']++
    if (opened === null) continue
    const refreshed = await refreshReceipt(opened, { rootAnchor: async () => longest })
    assert.ok(refreshed)
    assert.ok(openEntry({ ...entry, receipt: refreshed }, DEPLOYMENT), `${length}`)
    assert.ok(refreshed.length <= MAX_RECEIPT_BYTES, `${length}: ${refreshed.length}`)
  }
  assert.ok(seen.opened > 0 && seen.refused > 0, JSON.stringify(seen))
})

test.run()
