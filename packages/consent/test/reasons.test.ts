import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Reason } from '../src/index.ts'
import { explainReason, isReason, REASONS } from '../src/index.ts'

const test = suite('consent/reasons')
const all = Object.keys(REASONS) as Reason[]

test('explains every reason in a sentence of its own', () => {
  for (const reason of all) {
    assert.match(explainReason(reason), /^[A-Z].{20,}\.$/s, reason)
    assert.not.ok(explainReason(reason).includes(reason), reason)
  }
  assert.is(new Set(all.map(explainReason)).size, all.length)
})

test('keeps the codes that travel on the wire', () => {
  const published =
    'REQUEST_UNKNOWN REQUEST_MISMATCH REQUEST_REFUNDED DATASET_UNKNOWN NOT_ANSWERED DECLINED WITHDRAWN EXPIRED ' +
    'TOKEN_NOT_HELD NOT_CONFIRMED CONSENT_FORGED MANIFEST_FORGED MANIFEST_MISMATCH MANIFEST_MISSING KEY_MISMATCH ' +
    'COLLECTOR_FORGED NOT_A_MEMBER NOT_HELD SHARE_DAMAGED SHARD_DAMAGED SHARDS_TOO_FEW SHARES_TOO_FEW TOO_LARGE ' +
    'MALFORMED BUSY STORE_CONFLICT CHAIN_UNREACHABLE CHAIN_REFUSED TIMED_OUT INTERNAL'
  for (const code of published.split(' ')) assert.ok(isReason(code), code)
})

test('knows a reason from what only looks like one', () => {
  for (const value of ['toString', '__proto__', 'constructor', 'withdrawn', '', null, undefined, 1, {}])
    assert.is(isReason(value), false)
})

test.run()
