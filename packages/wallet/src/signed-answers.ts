import type { AccessRequest, AnswerKind, Hex, PlainAccessRequest } from '@halo/consent'
import { parseAccessRequest, plainAccessRequest, requestIdOf } from '@halo/consent'
import { decode, encode } from '@ipld/dag-cbor'
import type { WalletContext } from './parts.ts'

/** What this wallet signed, and to which request: the patient's own evidence of what was allowed and what not. */
export interface SignedAnswer {
  readonly kind: AnswerKind
  readonly request: AccessRequest
  /** The very text that was signed. */
  readonly statement: string
  readonly signature: Hex
}

/** Keeps an answer before it is sent; the same one again changes nothing. */
export async function keepAnswer(context: WalletContext, answer: SignedAnswer): Promise<void> {
  const id = requestIdOf(answer.request, context.ledger.deployment)
  const kept = encode({ ...answer, request: plainAccessRequest(answer.request) })
  await context.store.put(`answer/${id}/${answer.kind}`, kept)
}

/** Every answer this wallet signed, by request. */
export async function listAnswers(context: Pick<WalletContext, 'store'>): Promise<readonly SignedAnswer[]> {
  const entries = await context.store.list('answer/')
  return entries.map(({ value }) => {
    const kept = decode<Omit<SignedAnswer, 'request'> & { readonly request: PlainAccessRequest }>(value)
    return { ...kept, request: parseAccessRequest(kept.request) }
  })
}
