import type { AnswerKind, EvidenceRequest } from './evidence.ts'

const NATIVE_COIN = '0x0000000000000000000000000000000000000000'
/** Decimals of the native coin: 10^18 of the smallest unit. */
const COIN_DECIMALS = 18

/**
 * The words that a request comes to in version 1 of Halo's statements. A wallet derives what it shows from
 * the request by the same rule, so that a signed text with other words was not made by one.
 * @see packages/consent/src/statement.ts, which wallets and peers use
 */
export function wordStatement(kind: AnswerKind, request: EvidenceRequest): string {
  const what = `data set ${request.dataset}`
  const who = `researcher ${request.researcher}`
  switch (kind) {
    case 'Grant':
      return [
        `I allow ${who} to receive one copy of my ${what},`,
        `under the terms with hash ${request.termsHash}, sealed to their key ${request.recipientKeyHash},`,
        `for ${wordAmount(request)} paid to me on delivery.`,
        `They have ${wordDuration(request.accessForSec)} from now to collect it. I can withdraw at any time.`,
      ].join(' ')
    case 'Decline':
      return `I do not allow ${who} to receive my ${what}. They are refunded.`
    case 'Revoke':
      return `I withdraw my consent for ${who} to receive my ${what}. Nothing more may be released.`
  }
}

function wordAmount({ price, currency }: EvidenceRequest): string {
  if (currency !== NATIVE_COIN) return `${price} units of token ${currency}`
  const digits = price.padStart(COIN_DECIMALS + 1, '0')
  const fraction = digits.slice(-COIN_DECIMALS).replace(/0+$/, '')
  return `${digits.slice(0, -COIN_DECIMALS)}.${fraction === '' ? '0' : fraction} coins`
}

function wordDuration(seconds: number): string {
  const units: readonly (readonly [string, number])[] = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
    ['second', 1],
  ]
  const [name, size] = units.find(([, each]) => seconds >= each && seconds % each === 0) ?? ['second', 1]
  const count = seconds / size
  return `${count} ${name}${count === 1 ? '' : 's'}`
}
