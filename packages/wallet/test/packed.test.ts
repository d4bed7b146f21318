import { hashTarget, parseFhirJson, verifyProvenance } from '@halo/records'
import { MANIFEST_SUITE, PACKED_SUITE, parseManifest } from '@halo/vault'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { agreeOn } from '../../halo/test/agreed.ts'
import type { MemoryHalo } from '../../halo/test/memory-halo.ts'
import { failureOf, memorySink, noise, openMemoryHalo, publishing } from '../../halo/test/memory-halo.ts'
import type { Publishing, RecordSource } from '../src/index.ts'

const test = suite('wallet/packed')
const LINE = '{"resourceType":"Observation","status":"final","valueQuantity":{"value":100}}\n'

/** About as compressible as readings of a sensor. */
function textRecord(lines = 2000): Uint8Array {
  return new TextEncoder().encode(
    Array.from({ length: lines }, (_, at) => LINE.replace('100', String((at * 7919) % 400))).join(''),
  )
}

function repeatable(bytes: Uint8Array): RecordSource {
  return async function* () {
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.slice(at, at + 65_536)
  }
}

function offering(bytes: Uint8Array, changes: Partial<Publishing> = {}): Publishing {
  return publishing(bytes, { record: repeatable(bytes), ...changes })
}

/** Publishes and collects; gives back what the researcher got. */
async function deliver(halo: MemoryHalo, bytes: Uint8Array, changes: Partial<Publishing> = {}) {
  const record = { record: repeatable(bytes), recordBytes: bytes.length, ...changes }
  const agreed = await agreeOn(halo, { publishing: record })
  const sink = memorySink()
  const collected = await agreed.research.collect(agreed.own.id, sink.open)
  return {
    ...agreed,
    ...collected,
    delivered: sink.committed(),
    text: new TextDecoder().decode(collected.metadata),
  }
}

test('packs a record that can be read again, and delivers it byte for byte', async () => {
  await using halo = await openMemoryHalo()
  const bytes = textRecord()
  const { manifest, delivered, provenance, recordBytes } = await deliver(halo, bytes)
  assert.is(manifest.core.suite, PACKED_SUITE)
  assert.equal([manifest.core.recordBytes, recordBytes], [bytes.length, bytes.length])
  assert.ok(manifest.core.sealedBytes < bytes.length / 4, `${manifest.core.sealedBytes} of ${bytes.length}`)
  assert.ok(Buffer.from(delivered ?? []).equals(bytes))
  assert.is(provenance, true)
})

test('seals as it is what can be read once, and what packing would not halve', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await halo.openPatient()
  const once = await wallet.publish(publishing(textRecord()))
  const dense = await wallet.publish(offering(noise(50_000)))
  for (const { holding } of [once, dense])
    assert.is(parseManifest(holding.manifest).core.suite, MANIFEST_SUITE)
})

test('signs with the key of the data set, over the bytes of the record, and seals it with the metadata', async () => {
  await using halo = await openMemoryHalo()
  const bytes = textRecord(50)
  const metadata = new TextEncoder().encode('{"kind":"test","digits":5.00} ')
  const { text, holding, walletParts } = await deliver(halo, bytes, { metadata })
  assert.ok(text.startsWith('{"kind":"test","digits":5.00,"provenance":{'), 'what was there stays as it was')
  const { provenance } = parseFhirJson(text) as { readonly provenance: never }
  const { address } = walletParts.keyring.datasetKey(holding.keyIndex)
  const sha256 = await hashTarget(new Blob([bytes.slice()]).stream())
  const { recordedTime } = verifyProvenance(provenance, { sha256, signer: address })
  assert.is(Date.parse(recordedTime), Math.floor(halo.clock.nowMs() / 1000) * 1000)
})

test('signs two data sets of one record with keys that have nothing in common', async () => {
  await using halo = await openMemoryHalo()
  const bytes = textRecord(50)
  const one = await deliver(halo, bytes)
  const other = await deliver(halo, bytes)
  const whoIn = (text: string): string => /0x[0-9a-fA-F]{40}/.exec(text)?.[0] ?? ''
  assert.is(whoIn(one.text), one.own.request.patient)
  assert.is.not(whoIn(one.text), whoIn(other.text))
})

test('leaves metadata that are no JSON object as they are', async () => {
  await using halo = await openMemoryHalo()
  const bytes = textRecord(50)
  for (const metadata of [Uint8Array.of(1, 2, 255), new TextEncoder().encode('[1]'), new Uint8Array()]) {
    const collected = await deliver(halo, bytes, { metadata })
    assert.equal(collected.metadata, metadata)
    assert.is(collected.provenance, null)
  }
  const { text } = await deliver(halo, bytes, { metadata: new TextEncoder().encode('{}') })
  assert.ok(text.startsWith('{"provenance":{'))
})

test('packs and signs a kept record', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await halo.openPatient()
  const bytes = textRecord()
  const summary = { kind: 'test', format: 'bytes', readings: 3, days: 1 }
  const { record } = await wallet.keep(bytes, summary, new TextEncoder().encode('{"kind":"kept"}'))
  const { descriptor } = publishing(bytes)
  const { sealedBytes, holding } = await wallet.publishKept(record.id, { descriptor })
  assert.is(parseManifest(holding.manifest).core.suite, PACKED_SUITE)
  assert.ok(sealedBytes < bytes.length / 4)
})

test('refuses, before any peer is asked, a wrong length and metadata that say where it comes from already', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await halo.openPatient()
  const bytes = textRecord(50)
  const wrong = wallet.publish(offering(bytes, { recordBytes: bytes.length + 1 }))
  assert.is(await failureOf(wrong), 'PUBLISHING_INVALID')
  const large = wallet.publish(offering(bytes, { metadata: new Uint8Array(65_536 - 2047) }))
  assert.is(await failureOf(large), 'PUBLISHING_INVALID')
  for (const peer of halo.peers) assert.equal(peer.calls, [])
  const said = new TextEncoder().encode('{"provenance":{}}')
  assert.is(await failureOf(wallet.publish(offering(bytes, { metadata: said }))), 'PUBLISHING_INVALID')
  for (const peer of halo.peers) assert.not.ok(peer.calls.includes('storeShard'))
})

test('publishes nothing of a record that changes between reading and sealing', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await halo.openPatient()
  const bytes = textRecord()
  let calls = 0
  async function* changing(): AsyncGenerator<Uint8Array> {
    calls += 1
    yield calls < 3 ? bytes : noise(bytes.length)
  }
  // A peer whose units break off may be the first to say so.
  const code = await failureOf(wallet.publish(offering(bytes, { record: changing })))
  assert.ok(['OPTIONS_INVALID', 'INTERNAL'].includes(code ?? ''), code)
  assert.equal(halo.chain.mined, [])
  assert.equal(await wallet.holdings(), [])
})

test('stops reading ahead when it is told to, with nothing stored', async () => {
  await using halo = await openMemoryHalo()
  const { wallet } = await halo.openPatient()
  const stopping = new AbortController()
  let pieces = 0
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (++pieces === 10) stopping.abort(new RangeError('enough'))
      yield noise(1000)
    }
  }
  const publishing = offering(noise(1000), { record: endless, signal: stopping.signal })
  const error = await wallet.publish(publishing).catch((caught: unknown) => caught)
  assert.instance(error, RangeError)
  for (const peer of halo.peers) assert.equal(peer.calls, [])
})

test.run()
