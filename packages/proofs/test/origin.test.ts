import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { codeOf } from '../../../test/claims/code-of.ts'
import { holds } from '../../../test/claims/property.ts'
import { formatLogOrigin, parseLogOrigin } from '../src/index.ts'

const test = suite('proofs/origin')

const LOG = { chainId: 31_337, contract: `0x${'ab'.repeat(20)}`, operator: `0x${'0c'.repeat(20)}` }
const ORIGIN = `halo/eip155:31337/0x${'ab'.repeat(20)}/0x${'0c'.repeat(20)}`

test('names chain, contract and operator, in lower case', () => {
  assert.is(formatLogOrigin(LOG), ORIGIN)
  assert.is(formatLogOrigin({ ...LOG, contract: `0x${'AB'.repeat(20)}` }), ORIGIN)
  assert.equal(parseLogOrigin(ORIGIN), LOG)
})

test('reads back every log it names', async () => {
  const address = fc
    .uint8Array({ minLength: 20, maxLength: 20 })
    .map((b) => `0x${Buffer.from(b).toString('hex')}`)
  const log = fc.record({
    chainId: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    contract: address,
    operator: address,
  })
  await holds(fc.property(log, (id) => assert.equal(parseLogOrigin(formatLogOrigin(id)), { ...id })))
})

test('understands no other form', () => {
  const forms = [
    '',
    `${ORIGIN}\n`,
    ` ${ORIGIN}`,
    ORIGIN.replace('31337', '031337'),
    ORIGIN.replace('31337', '0'),
    ORIGIN.replace('31337', '9007199254740993'),
    ORIGIN.replaceAll('ab', 'AB'),
    ORIGIN.slice(0, -1),
    ORIGIN.replace('halo', 'Halo'),
    `${ORIGIN}/0x${'0c'.repeat(20)}`,
  ]
  for (const form of forms) assert.is(parseLogOrigin(form), null, form)
})

test('refuses to name a log that is none', () => {
  const wrong = [
    { ...LOG, chainId: 0 },
    { ...LOG, chainId: 1.5 },
    { ...LOG, chainId: Number.NaN },
    { ...LOG, chainId: 2 ** 53 },
    { ...LOG, contract: 'ab' },
    { ...LOG, operator: `0x${'0c'.repeat(21)}` },
  ]
  for (const log of wrong)
    assert.is(
      codeOf(() => formatLogOrigin(log)),
      'RANGE_INVALID',
    )
})

test.run()
