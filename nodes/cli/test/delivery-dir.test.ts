import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { openDeliveryDir, verifyDelivery } from '../src/delivery-dir.ts'
import { refusalOf } from './kept-output.ts'

const test = suite('cli/delivery-dir')
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

async function openDir(): Promise<{ readonly dir: string } & AsyncDisposable> {
  const dir = await mkdtemp(join(tmpdir(), 'halo-delivery-'))
  return { dir, [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }) }
}

test('writes a record anew when it is begun again, and leaves none that is not to be trusted', async () => {
  await using place = await openDir()
  const { openSink, record } = openDeliveryDir(place.dir)
  const broken = await openSink()
  await broken.write(bytes('longer than the whole'))
  await broken.discard()
  assert.equal(await readdir(place.dir), [])
  for (const text of ['the first', 'whole']) {
    const sink = await openSink()
    for (const letter of text) await sink.write(bytes(letter))
    await sink.commit()
    assert.is(await readFile(record, 'utf8'), text)
  }
})

test('says in a sentence what cannot be written', async () => {
  const { openSink } = openDeliveryDir('/proc')
  const { code, message } = await refusalOf(openSink())
  assert.is(code, 'FILE_UNREADABLE')
  assert.match(message, /^The record cannot be written: /)
})

/** A manifest that can be read and that nobody signed. */
const UNSIGNED = JSON.stringify({
  proof: {
    manifest: '00',
    metadata: '',
    salt: '00'.repeat(32),
    entry: {
      commitment: `0x${'00'.repeat(32)}`,
      patient: `0x${'00'.repeat(20)}`,
      descriptor: '',
      signature: '0x',
      receipt: '',
    },
  },
})

test('refuses a delivery of which a part is missing or altered, and ends there', async () => {
  await using place = await openDir()
  assert.match((await refusalOf(verifyDelivery(place.dir, null))).message, /^There is no delivery in /)
  await writeFile(join(place.dir, 'manifest.json'), UNSIGNED)
  assert.is((await refusalOf(verifyDelivery(place.dir, null))).code, 'RECORD_CHANGED')
  // A stream that failed with nobody listening would end the process by now.
  await new Promise((resolve) => setImmediate(resolve))
})

test.run()
