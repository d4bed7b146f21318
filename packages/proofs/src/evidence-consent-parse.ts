import type { ConsentEvidence, EvidenceRequest, SignedAnswer } from './evidence.ts'
import { read } from './evidence-fields.ts'

const REQUEST_KEYS = [
  'dataset',
  'patient',
  'researcher',
  'recipientKeyHash',
  'termsHash',
  'currency',
  'price',
  'relayFee',
  'answerBySec',
  'accessForSec',
  'nonce',
] as const

/** A patient answers once, and may withdraw what they granted. */
const ANSWER_ORDERS: readonly string[] = ['Grant', 'Decline', 'Revoke', 'Grant Revoke']

/**
 * The consent part of a bundle, checked field by field.
 * @throws ProofsError `BUNDLE_MALFORMED` {field}
 */
export function parseConsent(value: unknown): ConsentEvidence {
  const fields = read.map(value, 'consent', ['request', 'answers'])
  const answers = read.list(fields.answers, 'consent.answers', 1, 2).map(parseAnswer)
  if (!ANSWER_ORDERS.includes(answers.map(({ kind }) => kind).join(' ')))
    throw read.invalid('consent.answers')
  return { request: parseRequest(fields.request), answers }
}

function parseAnswer(value: unknown): SignedAnswer {
  const { kind, statement, signature } = read.map(value, 'consent.answers', [
    'kind',
    'statement',
    'signature',
  ])
  return {
    kind: read.text(kind, 'consent.answers.kind', 7) as SignedAnswer['kind'],
    statement: read.text(statement, 'consent.answers.statement', 4_096),
    signature: read.hexText(signature, 'consent.answers.signature', 65),
  }
}

function parseRequest(value: unknown): EvidenceRequest {
  const fields = read.map(value, 'consent.request', REQUEST_KEYS)
  const hash = (key: (typeof REQUEST_KEYS)[number]): `0x${string}` =>
    read.hexText(fields[key], `consent.request.${key}`, 32)
  const address = (key: (typeof REQUEST_KEYS)[number]): `0x${string}` =>
    read.address(fields[key], `consent.request.${key}`)
  return {
    dataset: hash('dataset'),
    patient: address('patient'),
    researcher: address('researcher'),
    recipientKeyHash: hash('recipientKeyHash'),
    termsHash: hash('termsHash'),
    currency: address('currency'),
    price: amountAt(fields.price, 'consent.request.price'),
    relayFee: amountAt(fields.relayFee, 'consent.request.relayFee'),
    answerBySec: read.seconds(fields.answerBySec, 'consent.request.answerBySec'),
    accessForSec: read.seconds(fields.accessForSec, 'consent.request.accessForSec'),
    nonce: hash('nonce'),
  }
}

/** A decimal number below 2^128, without leading zeros. */
function amountAt(value: unknown, field: string): string {
  const text = read.text(value, field, 39, /^(0|[1-9][0-9]*)$/)
  if (BigInt(text) >= 1n << 128n) throw read.invalid(field)
  return text
}
