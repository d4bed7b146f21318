import { RefusedError } from '@halo/ports'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { EXIT, EXIT_HELP, exitCodeOf } from '../src/exit-code.ts'
import { errorAsJson } from '../src/output.ts'

const test = suite('cli/exit-code')

test('a code says more than the reason a peer would be told', () => {
  assert.is(exitCodeOf({ code: 'INSUFFICIENT_FUNDS', reason: 'CHAIN_REFUSED' }), EXIT.UNFUNDED)
  assert.is(exitCodeOf({ code: 'CHAIN_WRONG', reason: 'CHAIN_UNREACHABLE' }), EXIT.USAGE)
  assert.is(exitCodeOf({ code: 'CONTRACT_MISSING', reason: 'CHAIN_UNREACHABLE' }), EXIT.USAGE)
  assert.is(exitCodeOf({ code: 'CHAIN_UNREACHABLE', reason: 'CHAIN_UNREACHABLE' }), EXIT.UNREACHABLE)
})

test('tells a no from too few peers', () => {
  for (const reason of ['DECLINED', 'WITHDRAWN', 'EXPIRED', 'NOT_ANSWERED', 'CONSENT_FORGED'] as const)
    assert.is(exitCodeOf(new RefusedError(reason)), EXIT.REFUSED, reason)
  for (const reason of ['SHARDS_TOO_FEW', 'SHARES_TOO_FEW', 'TIMED_OUT', 'BUSY'] as const)
    assert.is(exitCodeOf(new RefusedError(reason)), EXIT.UNREACHABLE, reason)
})

test('every refusal of a file is bad input', () => {
  assert.is(exitCodeOf({ name: 'RecordsError', code: 'UNIT_SUSPECT' }), EXIT.BAD_INPUT)
})

test('a wrong key or number is the command line’s, damaged state the data directory’s', () => {
  assert.is(exitCodeOf({ code: 'SIGNER_BAD', reason: 'INTERNAL' }), EXIT.USAGE)
  assert.is(exitCodeOf({ code: 'PUBLISHING_INVALID' }), EXIT.USAGE)
  assert.is(exitCodeOf({ code: 'STATE_DAMAGED' }), EXIT.LOCKED)
  assert.is(exitCodeOf({ code: 'HOLDING_OUTDATED' }), EXIT.USAGE)
  assert.is(exitCodeOf({ code: 'ANCHOR_MISSING' }), EXIT.UNREACHABLE)
  assert.is(exitCodeOf({ code: 'constructor' }), EXIT.FAILED)
})

test('Ctrl-C is an interruption, not a failure', () => {
  const interrupted = new DOMException('Interrupted.', 'AbortError')
  assert.is(exitCodeOf(interrupted), EXIT.INTERRUPTED)
  assert.equal(errorAsJson(interrupted), {
    ok: false,
    error: { code: 'INTERRUPTED', reason: null, message: 'Interrupted.' },
  })
})

test('whatever is not known is a failure, and says no reason that nobody gave', () => {
  for (const error of [new Error('odd'), 'text', null, undefined, { code: 'NEW_CODE' }, { code: 20 }])
    assert.is(exitCodeOf(error), EXIT.FAILED)
  assert.equal(errorAsJson(new Error('odd'))['error'], { code: 'INTERNAL', reason: null, message: 'odd' })
})

test('help lists every code', () => {
  for (const code of Object.values(EXIT)) assert.match(EXIT_HELP, new RegExp(`^ {2}${code} {2}\\S`, 'm'))
})

test.run()
