import { randomBytes } from 'node:crypto'
import { recordBytes } from '@halo/records'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { memorySink, PRICE, publishing, startLocalNetwork, TERMS } from '../fixture/local-network.ts'
import { importCsv } from './glucose.ts'
import type { Haystack } from './seeking.ts'
import { chainTranscript, filesBelow, findAny, formsOf } from './seeking.ts'

const test = suite('attack/canary')

/** What must never leave the patient's file. Made up, and odd enough to occur nowhere by chance. */
const PERSON = {
  'first name': 'Zanzibella',
  'last name': 'Quuxworthy',
  'birth date': '1971-12-31',
  'birth date as days': '31.12.1971',
  device: 'Dexcom G6 Zebrafish',
  'device serial': 'SERIAL8XK9QW',
  transmitter: 'TX8F00QW',
}

test('a name, a birth date and serials of an imported file are nowhere after it, in no spelling', async () => {
  await using network = await startLocalNetwork()
  const times = Array.from({ length: 300 }, (_, at) => new Date(Date.UTC(2025, 2, 3) + at * 300_000))
  const csv = clarityFile(times)
  for (const text of Object.values(PERSON)) assert.ok(csv.includes(text), 'the file names the person')
  const record = await importCsv(csv)
  const bytes = await recordBytes(record)
  const { wallet } = await network.openWallet()
  const metadata = new TextEncoder().encode(JSON.stringify(record.metadata))
  const { kind, format, readings } = record.metadata
  const kept = await wallet.keep(bytes, { kind, format, readings, days: 2 }, metadata)
  const { descriptor } = publishing(bytes)
  const { holding } = await wallet.publishKept(kept.record.id, { descriptor })
  const { research } = await network.openResearch()
  const asked = (await research.request({ dataset: holding.dataset, terms: TERMS, price: PRICE })).request
  await wallet.requests()
  await wallet.approve(asked.id)
  const sink = memorySink()
  const delivered = await research.collect(asked.id, sink.open)
  await research.confirm(asked.id)
  assert.ok(Buffer.from(sink.committed() ?? []).equals(bytes), 'the way was gone to its end')

  const disks = await filesBelow(network.dir)
  const logs = network.peers.map(({ name, log }) => asText(`log of ${name}`, log))
  const chain = await chainTranscript(network.ledger.connection.rpc)
  const delivery = [
    { name: 'delivered record', bytes: Buffer.from(sink.committed() ?? []) },
    { name: 'delivered metadata', bytes: Buffer.from(delivered.metadata) },
    asText(
      'offers',
      (await research.search()).map((offer) => offer.descriptor.terms),
    ),
  ]
  const person = Object.fromEntries(Object.entries(PERSON).map(([name, text]) => [name, formsOf(text)]))
  assert.equal(findAny([...disks, ...logs, ...chain, ...delivery], person), [])

  const health = {
    'a reading’s JSON': formsOf('"resourceType":"Observation"'),
    'a day of readings': formsOf('2025-03-03T'),
    'the metadata': formsOf('"timeZoneSource"'),
  }
  assert.equal(findAny([...disks, ...logs, ...chain], health), [], 'nor are readings, but in the delivery')
  assert.equal(findAny(delivery, health).length >= 2, true, 'where the same search finds them')
  assert.ok(
    disks.some(({ name }) => name.startsWith('wallet-')) &&
      disks.some(({ name }) => name.startsWith('research-')),
  )
  assert.ok(
    chain.length > 15 && findAny(chain, { patient: formsOf(asked.request.patient.slice(2)) }).length > 0,
  )
})

test('the search finds a canary in every form it looks for', () => {
  const text = PERSON['last name']
  const buried = (bytes: Buffer): Haystack => ({
    name: 'hay',
    bytes: Buffer.concat([randomBytes(100), bytes, randomBytes(100)]),
  })
  const inText = Array.from({ length: 3 }, (_, shift) => Buffer.from(`${'x'.repeat(shift)}${text} and more`))
  const forms = [
    Buffer.from(text),
    Buffer.from(text.toUpperCase()),
    Buffer.from(text, 'utf16le'),
    Buffer.from(text, 'utf16le').swap16(),
    Buffer.from(Buffer.from(text).toString('hex')),
    ...inText.map((bytes) => Buffer.from(bytes.toString('base64'))),
    ...inText.map((bytes) => Buffer.from(bytes.toString('base64url'))),
  ]
  for (const form of forms) assert.equal(findAny([buried(form)], { name: formsOf(text) }), ['name: hay'])
})

function asText(name: string, value: unknown): Haystack {
  return { name, bytes: Buffer.from(JSON.stringify(value)) }
}

/** A Clarity export whose preamble and rows name the person and the devices. */
function clarityFile(times: readonly Date[]): string {
  const columns =
    'Index,Timestamp (YYYY-MM-DDThh:mm:ss),Event Type,Event Subtype,Patient Info,Device Info,Source Device ID,' +
    'Glucose Value (mg/dL),Insulin Value (u),Carb Value (grams),Duration (hh:mm:ss),' +
    'Glucose Rate of Change (mg/dL/min),Transmitter Time (Long Integer),Transmitter ID'
  const serial = PERSON['device serial']
  const preamble = [
    `1,,FirstName,,${PERSON['first name']},,,,,,,,,`,
    `2,,LastName,,${PERSON['last name']},,,,,,,,,`,
    `3,,DateOfBirth,,${PERSON['birth date']} (${PERSON['birth date as days']}),,,,,,,,,`,
    `4,,Device,,,${PERSON.device},${serial},,,,,,,`,
  ]
  const rows = times.map((time, at) => {
    const glucose = 90 + ((at * 7) % 60)
    return `${at + 5},${time.toISOString().slice(0, 19)},EGV,,,,${serial},${glucose},,,,,${at},${PERSON.transmitter}`
  })
  return `\uFEFF${[columns, ...preamble, ...rows].join('\r\n')}\r\n`
}

test.run()
