import { formatEther } from 'ethers'
import { NATIVE_COIN } from './identifiers.ts'
import type { AccessRequest } from './request.ts'
import type { AnswerKind } from './typed-data.ts'

/**
 * The plain text a patient signs. It is derived from the request alone, so that wallet and peers
 * arrive at the same words and nobody can have another text signed.
 * Times are UTC, amounts in whole coins of the native currency or in the token's smallest unit.
 */
export function statementOf(kind: AnswerKind, request: AccessRequest): string {
  const what = `data set ${request.dataset}`
  const who = `researcher ${request.researcher}`
  switch (kind) {
    case 'Grant':
      return (
        `I allow ${who} to receive one copy of my ${what}, ` +
        `under the terms with hash ${request.termsHash}, sealed to their key ${request.recipientKeyHash}, ` +
        `for ${amountOf(request)} paid to me on delivery. ` +
        `They have ${durationOf(request.accessForSec)} from now to collect it. I can withdraw at any time.`
      )
    case 'Decline':
      return `I do not allow ${who} to receive my ${what}. They are refunded.`
    case 'Revoke':
      return `I withdraw my consent for ${who} to receive my ${what}. Nothing more may be released.`
  }
}

/** Price in words: `0.02 coins`, or `5000 units of token 0x…`. */
export function amountOf(request: Pick<AccessRequest, 'price' | 'currency'>): string {
  return request.currency === NATIVE_COIN
    ? `${formatEther(request.price)} coins`
    : `${request.price} units of token ${request.currency}`
}

/** A duration in words, in the largest unit that divides it: `7 days`, `1 hour`, `90 seconds`. */
export function durationOf(seconds: number): string {
  const units = [
    ['day', 86_400],
    ['hour', 3_600],
    ['minute', 60],
  ] as const
  for (const [name, size] of units) {
    if (seconds >= size && seconds % size === 0) return plural(seconds / size, name)
  }
  return plural(seconds, 'second')
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
