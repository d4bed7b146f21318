import { explainReason } from '@halo/consent'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { HaloError, RefusedError, reasonOf } from '../src/index.ts'

const test = suite('ports/errors')

test('finds the reason of a refusal of any package, also when it came over a wire', () => {
  assert.is(reasonOf(new RefusedError('WITHDRAWN')), 'WITHDRAWN')
  assert.is(reasonOf({ reason: 'EXPIRED' }), 'EXPIRED')
})

test('takes a time-out for one', () => {
  assert.is(reasonOf(new DOMException('late', 'TimeoutError')), 'TIMED_OUT')
  assert.is(reasonOf(new DOMException('left', 'AbortError')), 'INTERNAL')
})

test('falls back for whatever carries no known reason', () => {
  for (const value of [
    null,
    undefined,
    'WITHDRAWN',
    7,
    {},
    new Error('x'),
    { reason: 'NO_SUCH' },
    { reason: 1 },
  ]) {
    assert.is(reasonOf(value), 'INTERNAL')
    assert.is(reasonOf(value, 'CHAIN_UNREACHABLE'), 'CHAIN_UNREACHABLE')
  }
})

test('tells the person concerned what a refusal means, and names the peer', () => {
  const cause = new Error('inner')
  const error = new RefusedError('BUSY', { peerId: '12D3', details: { held: 3 }, cause })
  assert.is(error.message, explainReason('BUSY'))
  assert.is(error.code, 'REFUSED')
  assert.is(error.name, 'RefusedError')
  assert.is(error.peerId, '12D3')
  assert.is(error.cause, cause)
  assert.equal(error.details, { held: 3 })
  assert.instance(error, HaloError)
})

test('says another sentence where one is given, and names nobody where nobody is known', () => {
  const error = new RefusedError('SHARES_TOO_FEW', { message: 'Only 2 of 3.' })
  assert.is(error.message, 'Only 2 of 3.')
  assert.is(error.peerId, null)
  assert.equal(error.details, {})
})

test.run()
