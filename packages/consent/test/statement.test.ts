import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { AccessRequest, AnswerKind, DatasetId, PlainAccessRequest } from '../src/index.ts'
import { amountOf, durationOf, NATIVE_COIN, statementOf, textHash } from '../src/index.ts'
import { DEPLOYMENT, id32, loadVectors, REQUEST, requestOf } from './samples.ts'

const test = suite('consent/statement')
const KINDS: readonly AnswerKind[] = ['Grant', 'Decline', 'Revoke']

const vectors = loadVectors<{
  readonly valid: readonly {
    readonly kind: AnswerKind
    readonly request: PlainAccessRequest
    readonly text: string
    readonly hash: string
  }[]
}>('statements')

test('words the statements of the vectors, as contracts are given their hash', () => {
  assert.ok(vectors.valid.length >= KINDS.length)
  for (const { kind, request, text, hash } of vectors.valid) {
    assert.is(statementOf(kind, requestOf(request)), text)
    assert.is(textHash(text), hash)
  }
})

test('shows in a grant who gets what, under which terms, for which key, price and time', () => {
  const text = statementOf('Grant', REQUEST)
  for (const shown of [
    REQUEST.researcher,
    REQUEST.dataset,
    REQUEST.termsHash,
    REQUEST.recipientKeyHash,
    '0.02 coins',
    '7 days',
  ])
    assert.ok(text.includes(shown), shown)
  assert.match(text, /^I allow /)
})

test('names researcher and data set in every answer', () => {
  for (const kind of KINDS) {
    assert.ok(statementOf(kind, REQUEST).includes(REQUEST.researcher), kind)
    assert.ok(statementOf(kind, REQUEST).includes(REQUEST.dataset), kind)
  }
})

test('words two requests differently when anything the patient decides about differs', () => {
  const changes: readonly Partial<AccessRequest>[] = [
    {},
    { dataset: id32<DatasetId>('9') },
    { researcher: DEPLOYMENT.token },
    { recipientKeyHash: id32('9') },
    { termsHash: id32('9') },
    { currency: DEPLOYMENT.token },
    { price: REQUEST.price + 1n },
    { accessForSec: REQUEST.accessForSec + 1 },
  ]
  const texts = changes.map((change) => statementOf('Grant', { ...REQUEST, ...change }))
  assert.is(new Set(texts).size, changes.length)
  const kinds = KINDS.map((kind) => statementOf(kind, REQUEST))
  assert.is(new Set([...texts, ...kinds]).size, changes.length + 2)
})

test('never starts a refusal or a withdrawal like a consent', () => {
  assert.match(statementOf('Decline', REQUEST), /^I do not allow /)
  assert.match(statementOf('Revoke', REQUEST), /^I withdraw /)
})

test('writes amounts exactly, to the last unit', () => {
  const coins: readonly (readonly [bigint, string])[] = [
    [0n, '0.0 coins'],
    [1n, '0.000000000000000001 coins'],
    [20_000_000_000_000_001n, '0.020000000000000001 coins'],
    [3_000_000_000_000_000_000n, '3.0 coins'],
  ]
  for (const [price, words] of coins) assert.is(amountOf({ price, currency: NATIVE_COIN }), words)
  assert.is(amountOf({ price: 5000n, currency: DEPLOYMENT.token }), `5000 units of token ${DEPLOYMENT.token}`)
})

test('writes durations in the largest unit that divides them', () => {
  const durations: readonly (readonly [number, string])[] = [
    [0, '0 seconds'],
    [1, '1 second'],
    [60, '1 minute'],
    [90, '90 seconds'],
    [3600, '1 hour'],
    [5400, '90 minutes'],
    [86_400, '1 day'],
    [604_800, '7 days'],
    [604_801, '604801 seconds'],
    [90_000, '25 hours'],
  ]
  for (const [seconds, words] of durations) assert.is(durationOf(seconds), words)
})

test.run()
