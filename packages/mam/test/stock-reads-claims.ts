import { parseMessage as parseStock } from '@iota/mam.js'
import type { Test } from 'uvu'
import * as assert from 'uvu/assert'
import type { MamMode, MaskedMessage, SecurityLevel, UnmaskedMessage } from '../src/index.ts'
import { makeMessage, readMessage } from './make-message.ts'
import { openCurl } from './open-curl.ts'
import { makeStockCase, planStockCase, type StockCase, VECTOR_COUNT } from './stock-cases.ts'

/** Which of the vectors' cases one file is about: several, so that they run beside each other and end in time. */
export interface Part {
  readonly mode: MamMode
  readonly security: SecurityLevel
  /** How many cases that are. */
  readonly count: number
}

/** Every so many cases, the library is also asked to read with side keys and roots that are wrong. */
const REFUSE_EVERY = 8
const REPORT_EVERY = 50
const curl = openCurl()

/**
 * That the installed `@iota/mam.js` reads what is made here, of every case of a part. It takes some 20 ms for
 * each level of a message, nearly all of it for the signature.
 */
export function claimStockReads(test: Test, { mode, security, count }: Part): void {
  const numbers = Array.from({ length: VECTOR_COUNT }, (_, number) => number).filter((number) => {
    const plan = planStockCase(number)
    return plan.mode === mode && plan.security === security
  })

  test(`@iota/mam.js reads each of ${count} ${mode} messages of level ${security} that are made here`, () => {
    assert.is(numbers.length, count)
    for (const [at, number] of numbers.entries()) {
      const given = makeStockCase(number)
      const { payload, root, nextRoot } = makeMessage(curl, given)
      const read = readStock({ payload, root }, given.sideKey)
      assert.equal(read, { nextRoot, trytes: given.message }, `case ${number}`)
      if ((at + 1) % REPORT_EVERY === 0) process.stdout.write(`${at + 1} of ${count} read\n`)
    }
  })

  test('and refuses them, as they are refused here, under another root or side key', () => {
    for (const number of numbers.filter((_, at) => at % REFUSE_EVERY === 0)) {
      const given = makeStockCase(number)
      const { payload, root, nextRoot } = makeMessage(curl, given)
      agreeOnRefusal({ payload, root: nextRoot }, given.sideKey, `case ${number}, another root`)
      for (const sideKey of wrongSideKeys(given)) {
        agreeOnRefusal({ payload, root }, sideKey, `case ${number}, another side key`)
      }
    }
  })
}

/** Another key, and none where there is one; the first tryte counts whatever the length of the key. */
function wrongSideKeys({ sideKey }: StockCase): readonly (string | undefined)[] {
  if (sideKey === undefined) return ['HALO']
  return [undefined, `${sideKey.startsWith('A') ? 'B' : 'A'}${sideKey.slice(1)}`]
}

/**
 * Neither reads it. Once in twenty times the sum of a hash is right by chance under a wrong key too: then the
 * library goes on to the signature, and refuses that or stumbles over it.
 */
function agreeOnRefusal(message: Message, sideKey: string | undefined, which: string): void {
  assert.is(readMessage(curl, message, sideKey), 'NOT_FOR_KEY', which)
  assert.type(readStock(message, sideKey), 'string', which)
}

type Message = Pick<MaskedMessage, 'payload' | 'root'>

/** What the library reads, or the text of its error: it gives no codes. */
function readStock({ payload, root }: Message, sideKey: string | undefined): UnmaskedMessage | string {
  try {
    const { nextRoot, message } = parseStock(payload, root, sideKey)
    return { nextRoot, trytes: message }
  } catch (error) {
    if (error instanceof Error) return error.message
    throw error
  }
}
