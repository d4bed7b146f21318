import type { AnchoredRoot, EvidenceFacts } from './evidence-context.ts'
import type { NoteVerifier } from './note-key.ts'
import { createNoteVerifier } from './note-key.ts'
import type { LogId } from './origin.ts'
import { formatLogOrigin } from './origin.ts'
import type { Receipt } from './receipt.ts'
import type { ReceiptFacts } from './receipt-verify.ts'
import { areEqual } from './tree-hash.ts'

/** What is known of a Halo, as far as it is about one receipt: keys of its log, and what the chain said of its root. */
export function receiptFactsOf(
  receipt: Receipt,
  { operators, anchors }: EvidenceFacts,
): ReceiptFacts & { readonly verifiers: readonly NoteVerifier[] } {
  const verifiers = verifiersOf(receipt.log, operators)
  if (anchors === undefined) return { verifiers }
  return { verifiers, anchored: anchors.find((anchor) => isAnchorOf(anchor, receipt)) ?? null }
}

/** All keys of the log's operator: who changed the key is there with the old one too. */
function verifiersOf(log: LogId, operators: EvidenceFacts['operators'] = []): readonly NoteVerifier[] {
  const origin = formatLogOrigin(log)
  return operators.flatMap(({ address, logKey }) =>
    address.toLowerCase() === log.operator && logKey !== undefined
      ? [createNoteVerifier(origin, logKey)]
      : [],
  )
}

function isAnchorOf({ log, size, root }: AnchoredRoot, receipt: Receipt): boolean {
  const isLog =
    log.chainId === receipt.log.chainId &&
    log.contract.toLowerCase() === receipt.log.contract &&
    log.operator.toLowerCase() === receipt.log.operator
  return isLog && size === receipt.size && areEqual(root, receipt.root)
}
