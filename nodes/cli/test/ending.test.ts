import { RefusedError } from '@halo/ports'
import { ResearchError } from '@halo/research'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { asDeclined, endingOf } from '../src/dev/ending.ts'
import { EXIT } from '../src/exit-code.ts'
import { isInterruption } from '../src/shutdown.ts'

const test = suite('cli/ending')

test('a forged delivery keeps its own code, and exit code 7', () => {
  const ending = endingOf(new ResearchError('DELIVERY_FORGED', 'Forged.'), 'failed')
  assert.equal(ending, {
    outcome: 'failed',
    reason: null,
    code: 'DELIVERY_FORGED',
    explanation: 'Forged.',
    exitCode: EXIT.UNVERIFIED,
  })
})

test('a payment that the chain refuses does not undo a delivery', () => {
  const ending = endingOf(new RefusedError('CHAIN_REFUSED'), 'unsettled')
  assert.equal([ending.outcome, ending.reason, ending.exitCode], ['unsettled', 'CHAIN_REFUSED', EXIT.REFUSED])
})

test('only the refusal that was asked for is a success', () => {
  const declined = asDeclined(endingOf(new RefusedError('DECLINED'), 'failed'))
  assert.equal([declined.outcome, declined.exitCode], ['declined', EXIT.OK])
  const few = asDeclined(endingOf(new RefusedError('SHARES_TOO_FEW'), 'failed'))
  assert.equal([few.outcome, few.exitCode], ['failed', EXIT.UNREACHABLE])
})

test('an error that nobody documents is no ending', () => {
  for (const error of [new TypeError('odd'), { code: 'ENOSPC' }, 'text', null])
    try {
      endingOf(error, 'failed')
      assert.unreachable()
    } catch (thrown) {
      assert.is(thrown, error)
    }
})

test('once stopped, only what stopping does counts as an interruption', () => {
  const stop = new AbortController()
  const aborted = new DOMException('Interrupted.', 'AbortError')
  const unreachable = new RefusedError('CHAIN_UNREACHABLE')
  assert.is(isInterruption(unreachable, stop.signal), false, 'nobody stopped anything yet')
  stop.abort(aborted)
  for (const error of [aborted, unreachable, new Error('wrapped', { cause: aborted })])
    assert.is(isInterruption(error, stop.signal), true)
  for (const error of [
    new TypeError('odd'),
    { code: 'ENOSPC' },
    new ResearchError('DELIVERY_FORGED', 'Forged.'),
  ])
    assert.is(isInterruption(error, stop.signal), false)
})

test.run()
