import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { holds } from '../../../test/claims/property.ts'
import type { Address, ChainFacts, DatasetId, Decision, Reason, ReleaseFacts } from '../src/index.ts'
import { decideRelease, decideService, refusalByChain } from '../src/index.ts'
import { DEPLOYMENT, id32, REQUEST } from './samples.ts'

const test = suite('consent/decision')

const NOW = 1_700_000_000
const GOOD_CHAIN: ChainFacts = {
  escrow: 'open',
  consent: 'granted',
  accessUntilSec: NOW + 600,
  tokenOwner: REQUEST.researcher,
  confirmations: 6,
  chainTimeSec: NOW - 12,
}
const GOOD: ReleaseFacts = {
  request: REQUEST,
  chain: GOOD_CHAIN,
  grantSigner: REQUEST.patient,
  manifestSigner: REQUEST.patient,
  manifestDataset: REQUEST.dataset,
  recipientKeyHash: REQUEST.recipientKeyHash,
  requiredConfirmations: 6,
  nowSec: NOW,
  collector: REQUEST.researcher,
}
const STRANGER = DEPLOYMENT.token

const denied = (reason: Reason): Decision => ({ allowed: false, reason })
const onChain = (chain: Partial<ChainFacts>): ReleaseFacts => ({
  ...GOOD,
  chain: { ...GOOD_CHAIN, ...chain },
})

test('allows when every condition holds, also after the escrow has paid', () => {
  assert.equal(decideRelease(GOOD), { allowed: true })
  assert.equal(decideService(GOOD), { allowed: true })
  assert.equal(decideRelease(onChain({ escrow: 'settled' })), { allowed: true })
})

/** Every single fact turned bad, and what the person concerned is told. */
const BAD: readonly (readonly [name: string, facts: ReleaseFacts, reason: Reason])[] = [
  ['no request on chain', onChain({ escrow: 'none' }), 'REQUEST_UNKNOWN'],
  ['refunded', onChain({ escrow: 'refunded' }), 'REQUEST_REFUNDED'],
  ['not answered', onChain({ consent: 'none' }), 'NOT_ANSWERED'],
  ['declined', onChain({ consent: 'declined' }), 'DECLINED'],
  ['withdrawn', onChain({ consent: 'revoked' }), 'WITHDRAWN'],
  ['declined and refunded', onChain({ consent: 'declined', escrow: 'refunded' }), 'DECLINED'],
  ['access over', onChain({ accessUntilSec: NOW - 1 }), 'EXPIRED'],
  ['no token', onChain({ tokenOwner: null }), 'TOKEN_NOT_HELD'],
  ['token of another', onChain({ tokenOwner: STRANGER }), 'TOKEN_NOT_HELD'],
  ['in the name of another', { ...GOOD, request: { ...REQUEST, patient: STRANGER } }, 'CONSENT_FORGED'],
  ['one block short', onChain({ confirmations: 5 }), 'NOT_CONFIRMED'],
  ['no grant', { ...GOOD, grantSigner: null }, 'CONSENT_FORGED'],
  ['grant of another', { ...GOOD, grantSigner: STRANGER }, 'CONSENT_FORGED'],
  ['grant of the researcher', { ...GOOD, grantSigner: REQUEST.researcher }, 'CONSENT_FORGED'],
  ['no manifest', { ...GOOD, manifestSigner: null }, 'MANIFEST_FORGED'],
  ['manifest of another', { ...GOOD, manifestSigner: STRANGER }, 'MANIFEST_FORGED'],
  ['manifest of no data set', { ...GOOD, manifestDataset: null }, 'MANIFEST_MISMATCH'],
  ['manifest of another data set', { ...GOOD, manifestDataset: id32<DatasetId>('9') }, 'MANIFEST_MISMATCH'],
  ['another key', { ...GOOD, recipientKeyHash: id32('9') }, 'KEY_MISMATCH'],
  ['no collector', { ...GOOD, collector: null }, 'COLLECTOR_FORGED'],
  ['another collector', { ...GOOD, collector: STRANGER }, 'COLLECTOR_FORGED'],
  ['the patient collects', { ...GOOD, collector: REQUEST.patient }, 'COLLECTOR_FORGED'],
]

for (const [name, facts, reason] of BAD) {
  test(`denies with ${reason}: ${name}`, () => {
    assert.equal(decideRelease(facts), denied(reason))
    const isOfService = reason !== 'COLLECTOR_FORGED'
    assert.equal(decideService(facts), isOfService ? denied(reason) : { allowed: true })
  })
}

/** The fact as it should be in most draws, so that mixtures which are good but for one are drawn too. */
function mostly<Fact>(good: Fact, ...others: readonly Fact[]): fc.Arbitrary<Fact> {
  const bad = others.map((value) => ({ arbitrary: fc.constant(value), weight: 1 }))
  return fc.oneof({ arbitrary: fc.constant(good), weight: 7 * others.length }, ...bad)
}

test('allows no mixture with even one fact that is not the good one', async () => {
  const { patient, researcher, dataset, recipientKeyHash } = REQUEST
  const facts: fc.Arbitrary<ReleaseFacts> = fc.record({
    request: fc.constant(REQUEST),
    chain: fc.record({
      escrow: mostly<ChainFacts['escrow']>('open', 'settled', 'none', 'refunded'),
      consent: mostly<ChainFacts['consent']>('granted', 'none', 'declined', 'revoked'),
      accessUntilSec: mostly(NOW + 600, 0, NOW - 1, NOW, NOW + 119, NOW + 120),
      tokenOwner: mostly<Address | null>(researcher, null, STRANGER, patient),
      confirmations: mostly(6, 0, 5, 7),
      chainTimeSec: mostly(NOW - 12, NOW, NOW + 601),
    }),
    grantSigner: mostly<Address | null>(patient, null, STRANGER, researcher),
    manifestSigner: mostly<Address | null>(patient, null, STRANGER, researcher),
    manifestDataset: mostly<DatasetId | null>(dataset, null, id32<DatasetId>('9')),
    recipientKeyHash: mostly(recipientKeyHash, id32('9')),
    requiredConfirmations: fc.constant(6),
    nowSec: mostly(NOW, NOW + 601),
    collector: mostly<Address | null>(researcher, null, STRANGER, patient),
  })
  const seen = { good: 0, closing: 0 }
  const property = fc.property(facts, (any) => {
    const { chain } = any
    const laterSec = Math.max(any.nowSec, chain.chainTimeSec)
    const isServed =
      (chain.escrow === 'open' || chain.escrow === 'settled') &&
      chain.consent === 'granted' &&
      laterSec <= chain.accessUntilSec &&
      chain.tokenOwner === researcher &&
      chain.confirmations >= 6 &&
      any.grantSigner === patient &&
      any.manifestSigner === patient &&
      any.manifestDataset === dataset &&
      any.recipientKeyHash === recipientKeyHash
    const isOpen = laterSec <= chain.accessUntilSec - 120
    assert.is(decideService(any).allowed, isServed)
    assert.is(decideRelease(any).allowed, isServed && isOpen && any.collector === researcher)
    if (isServed && any.collector === researcher) seen[isOpen ? 'good' : 'closing']++
  })
  await holds(property, 5000)
  assert.ok(seen.good > 100 && seen.closing > 0, 'what is allowed, and what only its time forbids, is drawn')
})

test('counts the later of both clocks, so that holding one back gains nothing', () => {
  const until = NOW + 600
  const cases: readonly (readonly [own: number, chain: number, isIn: boolean])[] = [
    [until, until, true],
    [until + 1, until, false],
    [until, until + 1, false],
    [0, until + 1, false],
    [until + 1, 0, false],
  ]
  for (const [nowSec, chainTimeSec, isIn] of cases) {
    const facts = { ...onChain({ chainTimeSec, accessUntilSec: until }), nowSec }
    assert.equal(decideService(facts), isIn ? { allowed: true } : denied('EXPIRED'))
  }
})

test('gives nothing more in the last two minutes, or the last quarter of a short access, so that it can be paid', () => {
  const until = NOW + 600
  for (const [accessForSec, closingSec] of [
    [604_800, 120],
    [200, 50],
  ] as const) {
    const request = { ...GOOD.request, accessForSec }
    const at = (nowSec: number): ReleaseFacts => {
      return { ...onChain({ chainTimeSec: 0, accessUntilSec: until }), request, nowSec }
    }
    assert.equal(decideRelease(at(until - closingSec)), { allowed: true })
    assert.equal(decideRelease(at(until - closingSec + 1)), denied('EXPIRED'))
    assert.equal(decideService(at(until)), { allowed: true })
  }
})

test('takes no answer for a no once the time to answer has passed, by either clock', () => {
  const { answerBySec } = REQUEST
  const waiting: ChainFacts = { ...GOOD_CHAIN, consent: 'none', accessUntilSec: 0 }
  assert.is(refusalByChain(REQUEST, { ...waiting, chainTimeSec: answerBySec }, answerBySec), 'NOT_ANSWERED')
  assert.is(refusalByChain(REQUEST, { ...waiting, chainTimeSec: answerBySec + 1 }, 0), 'EXPIRED')
  assert.is(refusalByChain(REQUEST, { ...waiting, chainTimeSec: 0 }, answerBySec + 1), 'EXPIRED')
})

test('denies a consent given in time that nobody bound to an end', () => {
  assert.equal(decideRelease(onChain({ accessUntilSec: 0 })), denied('EXPIRED'))
})

test.run()
