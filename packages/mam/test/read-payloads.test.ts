import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import { readLayout } from '../src/message-layout.ts'
import { WIRE_TRYTES_MAX } from '../src/message-limits.ts'
import { sortPayloads } from '../src/read-payloads.ts'
import { readTrytes } from '../src/trytes.ts'
import { shapeMessage } from './shaped-message.ts'

const test = suite('mam/read-payloads')
const tryte = fc.constantFrom(...'9ABCDEFGHIJKLMNOPQRSTUVWXYZ')

test('tells by the ends of a payload what all of it would tell: whether it has the layout of a message', async () => {
  const security = fc.constantFrom(1, 2, 3)
  const place = fc.oneof(
    fc.nat(9),
    fc.nat(9).map((back) => -1 - back),
  )
  let shaped = 0
  let others = 0
  const property = fc.property(fc.nat(12_000), security, place, tryte, (size, level, at, other) => {
    const genuine = shapeMessage('A'.repeat(1 + size), level as 1 | 2 | 3)
    const from = (at + genuine.length) % genuine.length
    const changed = `${genuine.slice(0, from)}${other}${genuine.slice(from + 1)}`
    assert.equal(sortPayloads([genuine]).shaped, [genuine])
    const isShaped = readLayout(readTrytes(changed, 'payload')) !== null
    assert.is(sortPayloads([changed]).shaped.length, isShaped ? 1 : 0)
    if (isShaped) shaped++
    else others++
  })
  await holds(property, 300)
  assert.ok(shaped > 20 && others > 20, `${shaped} of the layout and ${others} of none`)
})

test('takes equal payloads once, in their order, and counts what is no message', () => {
  const [a, b] = [shapeMessage('A'), shapeMessage('B')]
  const lower = `${b.slice(0, 50)}a${b.slice(51)}`
  const long = '9'.repeat(WIRE_TRYTES_MAX + 1)
  const nothing = ['', 'A', '9', 'JUNK', `${a}9`, a.slice(1), a.slice(0, -1), lower, long, null, 7, {}, [a]]
  const { shaped, malformed } = sortPayloads([b, ...nothing, a, b, '', a])
  assert.equal(shaped, [b, a])
  assert.is(malformed, nothing.length)
})

test.run()
