import { createHash, randomBytes } from 'node:crypto'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openLedger } from '@halo/chain'
import type { Address, Bytes32 } from '@halo/consent'
import { hexOf } from '@halo/consent'
import { openHeliaBlockStore } from '@halo/ipfs'
import { openSqliteStore, openTileStore } from '@halo/node'
import { createPeerKey, openHost, openPeerLink, verifyReceipt } from '@halo/peers'
import type { Publication, ShardDeposit } from '@halo/ports'
import { checkEntry, readAnchor } from '@halo/ports'
import { openLog } from '@halo/proofs'
import { createMnemonic, openKeyring } from '@halo/wallet'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { signPublication } from '../../packages/ports/test/sample-publication.ts'
import { openPlace, type Place } from './halo-command.ts'
import type { TestChain } from './test-chain.ts'
import { initPeer, startPeer, startTestChain } from './test-chain.ts'

const test = suite('story/durability')

const UNIT_BYTES = 1 << 18
const UNITS = 24

interface Shard {
  readonly id: Uint8Array
  readonly units: readonly Uint8Array[]
}

function createShard(units = UNITS): Shard {
  return { id: randomBytes(16), units: Array.from({ length: units }, () => randomBytes(UNIT_BYTES)) }
}

/** A deposit that calls `onUnit` before each unit leaves. */
function depositOf({ id, units }: Shard, onUnit: (index: number) => void = () => undefined): ShardDeposit {
  async function* leaving(): AsyncGenerator<Uint8Array> {
    for (const [index, unit] of units.entries()) {
      onUnit(index)
      yield unit.slice()
    }
  }
  return { id, sizeBytes: units.length * UNIT_BYTES, unitBytes: UNIT_BYTES, units: leaving() }
}

interface Status {
  readonly addresses: readonly string[]
  readonly storage: { readonly shards: number; readonly sizeBytes: number }
}

async function statusOf(place: Place, dataDir: string): Promise<Status> {
  const { code, value } = await place.json('node', 'status', '--data', dataDir)
  assert.is(code, 0, JSON.stringify(value))
  return value as Status
}

test('a peer killed at any moment of a store keeps what it acknowledged, lists nothing else, serves again', async () => {
  await using place = await openPlace()
  await using chain = await startTestChain(place, 1)
  const dataDir = place.path('peer')
  const { peerId } = await initPeer(place, chain, dataDir)
  let peer = await startPeer(place, dataDir)
  await using link = await openPeerLink({ log: () => undefined })
  let { addresses } = await statusOf(place, dataDir)
  const acknowledged: { readonly shard: Shard; readonly cid: string }[] = []
  const store = async (shard: Shard, onUnit?: (index: number) => void): Promise<void> => {
    const receipt = await link.peer({ peerId, addresses }).storeShard(depositOf(shard, onUnit), {})
    assert.ok(await verifyReceipt(receipt))
    acknowledged.push({ shard, cid: receipt.content })
  }
  const sealed = randomBytes(1500)
  const share = { id: randomBytes(16), sealed }
  assert.ok(await verifyReceipt(await link.peer({ peerId, addresses }).storeShare(share, {})))
  await store(createShard())

  for (const killedAt of [0, 1, 6, UNITS - 1, null]) {
    const shard = createShard()
    if (killedAt === null) {
      await store(shard)
      peer.child.kill('SIGKILL')
    } else {
      const failed = await failureOf(
        store(shard, (index) => void (index === killedAt && peer.child.kill('SIGKILL'))),
      )
      // Once the last unit is out the receipt may overtake the signal; then the shard has to be there.
      assert.ok(failed || killedAt === UNITS - 1, `killed at unit ${killedAt}`)
    }
    assert.is((await peer.ended).signal, 'SIGKILL')
    peer = await startPeer(place, dataDir)
    const status = await statusOf(place, dataDir)
    addresses = status.addresses
    // Each shard's root takes one disk block.
    const sizeBytes = acknowledged.length * (UNITS * UNIT_BYTES + 4096)
    assert.equal(status.storage, { shards: acknowledged.length, sizeBytes }, `killed at unit ${killedAt}`)
    if (!acknowledged.some((other) => other.shard === shard)) await store(shard)
  }

  peer.child.kill('SIGTERM')
  assert.is((await peer.ended).code, 0)
  assert.is(acknowledged.length, 6)
  await assertReadable(dataDir, acknowledged)
  using state = openSqliteStore(join(dataDir, 'state.sqlite'))
  const kept = (await state.list('share/')).map((entry) => Buffer.from(entry.value))
  assert.ok(kept.some((bytes) => bytes.includes(sealed)) && kept.length === 1)
})

async function failureOf(act: Promise<unknown>): Promise<boolean> {
  return act.then(
    () => false,
    () => true,
  )
}

/** Reads the stopped peer's blocks in this process: every acknowledged unit, byte for byte, and no other file. */
async function assertReadable(
  dataDir: string,
  acknowledged: readonly { readonly shard: Shard; readonly cid: string }[],
): Promise<void> {
  const dir = join(dataDir, 'blocks')
  const privateKey = await createPeerKey(randomBytes(32))
  await using host = await openHost({ privateKey, listen: ['/ip4/127.0.0.1/tcp/0'], isMember: () => false })
  await using blocks = await openHeliaBlockStore({ dir, libp2p: host.libp2p, log: () => undefined })
  for (const { shard, cid } of acknowledged)
    for (const [index, unit] of shard.units.entries())
      assert.is(digestOf(await blocks.readUnit(cid, index)), digestOf(unit))
  const files = await readdir(join(dir, 'blocks'), { recursive: true, withFileTypes: true })
  assert.is(files.filter((entry) => entry.isFile()).length, acknowledged.length * (UNITS + 1))
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

test('a peer killed at any moment of logging keeps what it logged, once, and brings it on chain', async () => {
  await using place = await openPlace()
  await using chain = await startTestChain(place, 1)
  await using ledger = await openLedger({ rpcUrl: chain.anvil.rpcUrl, deployment: chain.deployment })
  const dataDir = place.path('peer')
  const { peerId } = await initPeer(place, chain, dataDir)
  await using link = await openPeerLink({ log: () => undefined })
  const listed: (readonly [Publication, Uint8Array])[] = []
  // Before anything is on disk, while it is written, while the transaction is under way, and after it.
  let peer = await startPeer(place, dataDir)
  let { addresses } = await statusOf(place, dataDir)
  for (const delayMs of [0, 30, 80, 200]) {
    const publication = await createPublication(chain)
    const publish = async (): Promise<Uint8Array> =>
      (await link.peer({ peerId, addresses }).publish(publication, {})).receipt
    const first = publish().catch(() => null)
    await new Promise((resolve) => setTimeout(resolve, delayMs))
    peer.child.kill('SIGKILL')
    assert.is((await peer.ended).signal, 'SIGKILL')
    const receipt = await first
    peer = await startPeer(place, dataDir)
    addresses = (await statusOf(place, dataDir)).addresses
    const again = await publish()
    if (receipt !== null) assert.equal(again, receipt)
    listed.push([publication, again])
  }
  peer.child.kill('SIGTERM')
  assert.is((await peer.ended).code, 0)
  const members = await ledger.members()
  for (const [publication, receipt] of listed) {
    const checked = checkEntry({ ...publication, receipt }, chain.deployment, members)
    assert.ok(checked?.isSigned)
    assert.ok(await readAnchor(checked, ledger))
  }
  const log = await openLog(openTileStore(join(dataDir, 'log')))
  assert.is(log.head.size, listed.length)
  const [operator] = members
  const head = await ledger.anchoredHead(operator?.operator as Address)
  assert.is(head?.size, listed.length)
})

/** What a wallet would hand to a peer to log. */
async function createPublication({ deployment }: TestChain): Promise<Publication> {
  const key = openKeyring(createMnemonic()).datasetKey(0)
  const commitment = hexOf(randomBytes(32)) as Bytes32
  const salt = new Uint8Array(randomBytes(32))
  return signPublication(key, { commitment, salt }, { deployment })
}

test('peers that were all killed and restarted still deliver what was published before', async () => {
  await using place = await openPlace()
  await using chain = await startTestChain(place, 2)
  const dirs = ['a', 'b', 'c'].map((name) => place.path(name))
  await Promise.all(dirs.map((dir) => initPeer(place, chain, dir)))
  let peers = await Promise.all(dirs.map((dir) => startPeer(place, dir)))
  const csv = place.path('readings.csv')
  await writeFile(csv, 'id,time,gl\na,2026-01-05T00:00:00Z,111\na,2026-01-05T00:05:00Z,112\n')
  const wallet = ['--data', place.path('wallet')]
  const research = ['--data', place.path('research')]
  await place.json('wallet', 'init', ...wallet, ...chain.options, '--words-out', place.path('words'))
  const { value: researcher } = await place.json('research', 'init', ...research, ...chain.options)
  await chain.fund(researcher.account)
  await place.json('wallet', 'import', csv, ...wallet)
  const shape = ['--data-shards', '2', '--parity-shards', '1', '--threshold', '2']
  const { value: published } = await place.json('wallet', 'publish', ...shape, ...wallet)
  const asking = ['--organisation', 'Test University', '--project', 'Whether this works.']
  const { value: asked } = await place.json('research', 'request', published.dataset, ...asking, ...research)

  for (const peer of peers) peer.child.kill('SIGKILL')
  await Promise.all(peers.map((peer) => peer.ended))
  peers = await Promise.all(dirs.map((dir) => startPeer(place, dir)))

  assert.is((await place.json('wallet', 'approve', asked.request, ...wallet)).code, 0)
  const out = place.path('out')
  const { code, value } = await place.json('research', 'collect', asked.request, '--out', out, ...research)
  assert.is(code, 0, JSON.stringify(value))
  assert.equal([value.readings, value.releasedBy.length], [2, 3])
})

test.run()
