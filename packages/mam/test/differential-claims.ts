import { parseMessage as parseStock } from '@iota/mam.js'
import type { Test } from 'uvu'
import * as assert from 'uvu/assert'
import { decodeBytes } from '../src/byte-codec.ts'
import { createEngine } from '../src/engine-simd.ts'
import { ENVELOPE_OVERHEAD_BYTES } from '../src/envelope-wire.ts'
import type { MamMode, SecurityLevel } from '../src/index.ts'
import { openAgain } from './channel-fixture.ts'
import { makeMessage, readMessage } from './make-message.ts'
import { createMemoryState } from './memory-state.ts'
import { openCurl } from './open-curl.ts'
import { makeStockCase, planStockCase } from './stock-cases.ts'
import { createStockMessage } from './stock-library.ts'

/** The first of `COUNT` cases, beyond those of the vectors. Making one takes the library most of a second. */
const SEED = Number(process.env['HALO_SEED'] ?? 10_000 + Math.floor(Math.random() * 2 ** 30))
/** Cases of all modes together, of which each mode’s file takes its own. */
const COUNT = Number(process.env['HALO_MAM_DIFFERENTIAL'] ?? 27)
const curl = openCurl()

/**
 * That messages and channels of one mode are those of the installed `@iota/mam.js`, in random cases: a file for
 * each mode, so that they run beside each other and end in time.
 * @param security of the channel; the messages are of all levels
 */
export function claimDifferential(test: Test, mode: MamMode, security: SecurityLevel): void {
  test(`makes what the installed @iota/mam.js makes in ${mode} mode, and each reads what the other made`, () => {
    process.stdout.write(`seed ${SEED}\n`)
    const numbers = Array.from({ length: COUNT }, (_, at) => SEED + at)
    const own = numbers.filter((number) => planStockCase(number).mode === mode)
    assert.ok(own.length >= Math.floor(COUNT / 3) && (own.length > 0 || COUNT < 3))
    for (const number of own) agreeOnCase(number)
  })

  test(`publishes a ${mode} channel that @iota/mam.js follows, of messages from no content to 16 KiB`, async () => {
    const sideKey = mode === 'restricted' ? 'HALO' : undefined
    const changes = { mode, security, ...(sideKey === undefined ? {} : { sideKey }) }
    const engine = createEngine(curl)
    await using channel = await openAgain({ engine, state: createMemoryState() }, changes)
    let { root } = await channel.nextPosition()
    for (const sizeBytes of [0, 1, 29, 857, 16_384]) {
      const { payload } = await channel.publish(new Uint8Array(sizeBytes))
      const { nextRoot, message } = parseStock(payload, root, sideKey)
      assert.is(decodeBytes(message).length, sizeBytes + ENVELOPE_OVERHEAD_BYTES, `${sizeBytes} B`)
      root = nextRoot
    }
    assert.is(root, (await channel.nextPosition()).root)
  })
}

function agreeOnCase(number: number): void {
  const given = makeStockCase(number)
  const theirs = createStockMessage(given)
  const { nextRoot, ...ours } = makeMessage(curl, given)
  assert.equal(ours, theirs, `case ${number}`)
  const read = readMessage(curl, theirs, given.sideKey)
  assert.equal(read, { nextRoot, trytes: given.message }, `case ${number}`)
  const readByThem = parseStock(ours.payload, ours.root, given.sideKey)
  assert.equal(readByThem, { nextRoot, message: given.message }, `case ${number}`)
}
