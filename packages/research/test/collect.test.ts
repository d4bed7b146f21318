import type { Bytes32 } from '@halo/consent'
import { bytesOf, hexOf, parseAddress, recoverSigner, statementOf } from '@halo/consent'
import type { PeerClient } from '@halo/ports'
import { RefusedError } from '@halo/ports'
import { decodeReceipt } from '@halo/proofs'
import { encodeManifest, releasedShareContext, sealTo } from '@halo/vault'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Asked } from '../../halo/test/agreed.ts'
import { agreeOn } from '../../halo/test/agreed.ts'
import type { MemoryHalo, MemoryPeer } from '../../halo/test/memory-halo.ts'
import { failureOf, memorySink, NO_SIGNATURE, noise, openMemoryHalo } from '../../halo/test/memory-halo.ts'
import { openResearch } from '../src/index.ts'

const test = suite('research/collect')

const everyPeer = (halo: MemoryHalo, override: MemoryPeer['override']): void => {
  for (const peer of halo.peers) peer.override = override
}

/** A peer that alters the sealed bytes it delivers. */
const altering =
  (alter: (sealed: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>) =>
  (honest: PeerClient): Partial<PeerClient> => ({
    collect: async (proof, options) => {
      const delivery = await honest.collect(proof, options)
      return { ...delivery, sealed: alter(delivery.sealed) }
    },
  })

async function* flipped(sealed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of sealed) {
    const copy = piece.slice()
    copy[copy.length - 1] = (copy.at(-1) ?? 0) ^ 1
    yield copy
  }
}

async function* cut(sealed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of sealed) {
    yield piece.slice(0, -1)
    return
  }
}

async function* extended(sealed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* sealed
  yield noise(10)
}

test('opens what the patient stored, byte for byte, and commits it once', async () => {
  await using halo = await openMemoryHalo()
  const { research, own, bytes } = await agreeOn(halo, { sizeBytes: 700_000 })
  const sink = memorySink()
  const progress: number[] = []
  const collected = await research.collect(own.id, sink.open, {
    onProgress: ({ done }) => progress.push(done),
  })
  assert.ok(Buffer.from(sink.committed() ?? []).equals(Buffer.from(bytes)))
  assert.equal(sink.events, ['open', 'commit'])
  assert.equal(collected.verified, { hash: true, signature: true, anchor: true })
  assert.equal(collected.liars, [])
  assert.is(collected.releasedBy.length, 5)
  assert.is(collected.recordBytes, bytes.length)
  assert.is(new TextDecoder().decode(collected.metadata), '{"kind":"test"}')
  assert.is(progress.at(-1), bytes.length)
})

test('keeps what shows that it was asked for, allowed and delivered', async () => {
  await using halo = await openMemoryHalo()
  const { research, own, holding, wallet } = await agreeOn(halo)
  const { evidence } = await research.collect(own.id, memorySink().open)
  const { deployment } = halo.chain.ledger
  assert.equal(evidence.request, own.request)
  assert.equal([evidence.entry.receipt, evidence.entry.signature], [holding.receipt, holding.signature])
  const statement = statementOf('Grant', own.request)
  const message = { requestId: own.id, statement }
  assert.is(recoverSigner('Grant', message, evidence.grant, deployment), own.request.patient)
  const delivered = { requestId: own.id }
  const operators = evidence.deliveries.map((one) => recoverSigner('Delivery', delivered, one, deployment))
  assert.equal(operators.toSorted(), halo.chain.members.map(({ operator }) => operator).toSorted())
  assert.equal(await wallet.answers(), [
    { kind: 'Grant', request: own.request, statement, signature: evidence.grant },
  ])
})

test('names a peer that brings a consent nobody gave, and takes the record from another', async () => {
  await using halo = await openMemoryHalo()
  const { research, own } = await agreeOn(halo)
  const forger = halo.peers[0]
  assert.ok(forger)
  for (const grant of [NO_SIGNATURE, '0x12'] as const) {
    forger.override = (honest) => ({
      collect: async (proof, options) => ({ ...(await honest.collect(proof, options)), grant }),
    })
    const { liars, evidence } = await research.collect(own.id, memorySink().open)
    assert.equal(liars, [forger.peerId])
    assert.is.not(evidence.grant, grant)
  }
})

test('counts no delivery that the operator did not sign as evidence, names who gave it, and takes the share', async () => {
  await using halo = await openMemoryHalo()
  const { research, own } = await agreeOn(halo)
  const other = halo.peers[1]
  assert.ok(other)
  other.override = (honest) => ({
    release: async (proof, options) => ({
      ...(await honest.release(proof, options)),
      delivery: NO_SIGNATURE,
    }),
  })
  const { evidence, liars, releasedBy } = await research.collect(own.id, memorySink().open)
  assert.equal([evidence.deliveries.length, liars, releasedBy.length], [4, [other.peerId], 5])
})

test('collects nothing of a data set whose log the chain no longer holds', async () => {
  await using halo = await openMemoryHalo()
  const { research, own } = await agreeOn(halo)
  assert.ok(own.entry)
  const { root, size, log } = decodeReceipt(own.entry.receipt)
  halo.chain.dropRoot(parseAddress(log.operator), size, hexOf(root) as Bytes32)
  const sink = memorySink()
  assert.is(await failureOf(research.collect(own.id, sink.open)), 'DATASET_UNKNOWN')
  assert.equal(sink.events, [])
})

test('collects again as long as access lasts, also after it has confirmed', async () => {
  await using halo = await openMemoryHalo()
  const { research, own } = await agreeOn(halo)
  await research.collect(own.id, memorySink().open)
  await research.confirm(own.id)
  await research.collect(own.id, memorySink().open)
  halo.clock.skipSec(own.request.accessForSec + 1)
  const sink = memorySink()
  assert.is(await failureOf(research.collect(own.id, sink.open)), 'EXPIRED')
  assert.equal(sink.events, [])
})

test('asks no peer for what the chain does not allow', async () => {
  await using halo = await openMemoryHalo()
  const { research, own, wallet } = await agreeOn(halo)
  await wallet.withdraw(own.id)
  for (const peer of halo.peers) peer.calls.length = 0
  assert.is(await failureOf(research.collect(own.id, memorySink().open)), 'WITHDRAWN')
  for (const peer of halo.peers) assert.equal(peer.calls, [])
})

test('leaves a lying share out, and names its peer', async () => {
  await using halo = await openMemoryHalo()
  const { research, own, bytes } = await agreeOn(halo)
  const [forger, garbler] = halo.peers
  assert.ok(forger && garbler)
  forger.override = (honest) => ({
    release: async (proof, options) => {
      const released = await honest.release(proof, options)
      const context = releasedShareContext(bytesOf(own.id), released.index)
      return { ...released, sealed: await sealTo(own.kemPublicKey, noise(33), context) }
    },
  })
  garbler.override = (honest) => ({
    release: async (proof, options) => ({ ...(await honest.release(proof, options)), sealed: noise(1169) }),
  })
  const sink = memorySink()
  const collected = await research.collect(own.id, sink.open)
  assert.equal([...collected.liars].sort(), [forger.peerId, garbler.peerId].sort())
  assert.is(collected.releasedBy.length, 3)
  assert.not.ok(collected.releasedBy.includes(forger.peerId))
  assert.ok(Buffer.from(sink.committed() ?? []).equals(Buffer.from(bytes)))
})

test('takes no peer for a liar that owns up to a damaged share or gives none', async () => {
  await using halo = await openMemoryHalo()
  const { researchParts, own } = await agreeOn(halo)
  const [damaged, silent] = halo.peers
  assert.ok(damaged && silent)
  damaged.override = () => ({
    release: async () => {
      throw new RefusedError('SHARE_DAMAGED')
    },
  })
  silent.override = () => ({ release: () => new Promise(() => {}) })
  const research = openResearch(researchParts, { peerTimeoutMs: 5000 })
  const { liars } = await research.collect(own.id, memorySink().open)
  assert.equal(liars, [])
})

test('opens nothing with too few shares, and says who is missing', async () => {
  await using halo = await openMemoryHalo()
  const { research, own } = await agreeOn(halo)
  for (const peer of halo.peers.slice(0, 3))
    peer.override = () => ({
      release: async () => {
        throw new RefusedError('BUSY')
      },
    })
  const sink = memorySink()
  const error = await research.collect(own.id, sink.open).catch((caught: unknown) => caught)
  assert.is((error as RefusedError).reason, 'SHARES_TOO_FEW')
  assert.match((error as RefusedError).message, /Only 2 of 3 .*BUSY/)
  assert.equal(sink.events, [])
})

test('goes to the next peer after a forged manifest or altered bytes, and names who lied', async () => {
  await using halo = await openMemoryHalo()
  const agreed = await agreeOn(halo)
  const other = await agreeOn(halo)
  const { research, own, bytes } = agreed
  const manifestOf = ({ manifest }: Asked): Uint8Array => encodeManifest(manifest, { withPlacement: false })
  const lies: readonly (readonly [string, MemoryPeer['override']])[] = [
    ['a turned bit', altering(flipped)],
    ['a cut end', altering(cut)],
    ['an added end', altering(extended)],
    [
      'another manifest',
      (honest) => ({
        collect: async (proof, options) => ({
          ...(await honest.collect(proof, options)),
          manifest: manifestOf(other),
        }),
      }),
    ],
    [
      'no manifest',
      (honest) => ({
        collect: async (proof, options) => ({
          ...(await honest.collect(proof, options)),
          manifest: Uint8Array.of(0),
        }),
      }),
    ],
  ]
  const [liar] = halo.peers
  assert.ok(liar)
  for (const [name, lie] of lies) {
    liar.override = lie
    const sink = memorySink()
    const { liars } = await research.collect(own.id, sink.open)
    assert.equal(liars, [liar.peerId], name)
    assert.ok(Buffer.from(sink.committed() ?? []).equals(Buffer.from(bytes)), name)
    assert.is(sink.events.at(-1), 'commit', name)
    assert.is(
      sink.events.filter((event) => event === 'open').length - 1,
      sink.events.filter((event) => event === 'discard').length,
    )
  }
})

test('keeps nothing when every peer lies, and says so rather than that nobody was reachable', async () => {
  await using halo = await openMemoryHalo()
  const { research, own } = await agreeOn(halo)
  everyPeer(halo, altering(flipped))
  const last = halo.peers.at(-1)
  assert.ok(last)
  last.isDown = true
  const sink = memorySink()
  const code = await failureOf(research.collect(own.id, sink.open))
  assert.is(code, 'CHUNK_FORGED')
  assert.is(sink.committed(), null)
  assert.equal(sink.events, Array.from({ length: 4 }, () => ['open', 'discard']).flat())
})

test('says what a rule refused rather than that others were down', async () => {
  await using halo = await openMemoryHalo()
  const { research, own } = await agreeOn(halo)
  halo.peers.forEach((peer, at) => {
    if (at === 1)
      peer.override = () => ({
        collect: async () => {
          throw new RefusedError('NOT_CONFIRMED')
        },
      })
    else peer.isDown = true
  })
  assert.is(await failureOf(research.collect(own.id, memorySink().open)), 'NOT_CONFIRMED')
})

test('says that nobody was reachable when nobody was', async () => {
  await using halo = await openMemoryHalo()
  const { research, own } = await agreeOn(halo)
  for (const peer of halo.peers) peer.isDown = true
  assert.is(await failureOf(research.collect(own.id, memorySink().open)), 'TIMED_OUT')
})

test('waits for no silent peer longer than its patience', async () => {
  await using halo = await openMemoryHalo()
  const { researchParts, own } = await agreeOn(halo)
  const [silent] = halo.peers
  assert.ok(silent)
  silent.override = () => ({ collect: () => new Promise(() => {}) })
  const research = openResearch(researchParts, { peerTimeoutMs: 5000 })
  const sink = memorySink()
  await research.collect(own.id, sink.open)
  assert.equal(sink.events, ['open', 'commit'])
})

test('tells a peer to stop sending what it does not read', async () => {
  await using halo = await openMemoryHalo()
  const { research, own } = await agreeOn(halo)
  const [liar] = halo.peers
  assert.ok(liar)
  let left: AbortSignal | undefined
  liar.override = (honest) => ({
    collect: async (proof, options) => {
      left = options.signal
      return { ...(await honest.collect(proof, options)), manifest: Uint8Array.of(0) }
    },
  })
  await research.collect(own.id, memorySink().open)
  assert.is(left?.aborted, true)
})

test('blames no peer for a disk that is full, and asks no other', async () => {
  await using halo = await openMemoryHalo()
  const { research, own } = await agreeOn(halo)
  const events: string[] = []
  const full = async (): Promise<never> => {
    throw new Error('ENOSPC')
  }
  const opening = async (): ReturnType<ReturnType<typeof memorySink>['open']> => {
    events.push('open')
    return { write: full, commit: full, discard: async () => void events.push('discard') }
  }
  assert.is(await failureOf(research.collect(own.id, opening)), 'Error: ENOSPC')
  assert.equal(events, ['open', 'discard'])
  assert.is(await failureOf(research.collect(own.id, full)), 'Error: ENOSPC')
})

test('stops when its caller leaves, and keeps nothing', async () => {
  await using halo = await openMemoryHalo()
  const { research, own } = await agreeOn(halo, { sizeBytes: 3_000_000 })
  const leaving = new AbortController()
  const sink = memorySink()
  const collecting = research.collect(own.id, sink.open, {
    signal: leaving.signal,
    onProgress: () => leaving.abort(new DOMException('left', 'AbortError')),
  })
  const error = await collecting.catch((caught: unknown) => caught)
  assert.ok(error instanceof Error || error instanceof DOMException)
  assert.is(sink.committed(), null)
  assert.is(sink.events.filter((event) => event === 'open').length, 1)
  assert.is(sink.events.at(-1), 'discard')
})

test('asks nobody for a share, which would pay the patient, while there is nothing to open', async () => {
  await using halo = await openMemoryHalo()
  const { research, own } = await agreeOn(halo)
  for (const { blocks } of halo.peers) blocks.shards.clear()
  assert.is(await failureOf(research.collect(own.id, memorySink().open)), 'SHARDS_TOO_FEW')
  for (const peer of halo.peers)
    assert.is((await peer.call().status({ requestId: own.id }, {})).delivery, null)
})

test('takes no record that is longer than allowed, and asks for no key share of it', async () => {
  await using halo = await openMemoryHalo()
  const { research, own, bytes } = await agreeOn(halo)
  const sink = memorySink()
  const collecting = research.collect(own.id, sink.open, { maxRecordBytes: bytes.length - 1 })
  assert.is(await failureOf(collecting), 'DELIVERY_TOO_LARGE')
  assert.equal(sink.events, [])
  for (const peer of halo.peers) assert.not.ok(peer.calls.includes('release'))
  await research.collect(own.id, sink.open, { maxRecordBytes: bytes.length })
})

test.run()
