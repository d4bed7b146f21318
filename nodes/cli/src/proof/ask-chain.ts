import type { ChainLedger } from '@halo/chain'
import { openLedger, readAdmissions } from '@halo/chain'
import type { Bytes32 } from '@halo/consent'
import { bytesOf, hexOf, parseAddress } from '@halo/consent'
import { peerKeyOf } from '@halo/ports'
import type { AnchoredRoot, EvidenceFacts, Hex, KnownOperator, Receipt } from '@halo/proofs'
import { proveAnchor } from '@halo/proofs'
import type { ProofFile } from '@halo/verifier'
import type { ChainPlace } from './facts.ts'
import { evidenceDeployment } from './facts.ts'

/** Operators as a chain names them. */
export interface ChainOperators {
  readonly operators: readonly KnownOperator[]
  readonly operatorsUntilSec?: number
}

/**
 * Asks a chain for all that it can say about a proof: who the operators are, whether it holds the root, and
 * the hash of the block that the proof leads to.
 * @throws ChainError
 */
export async function askChain(
  file: ProofFile,
  { chainUrl, deployment }: ChainPlace,
): Promise<EvidenceFacts> {
  await using ledger = await openLedger({ rpcUrl: chainUrl, deployment })
  const receipt = file.kind === 'receipt' ? file.receipt : file.evidence.inclusion
  const anchored = receipt === undefined ? null : await askAnchor(ledger, receipt)
  const blockHash = await readBlockHash(ledger, file)
  return {
    deployment: evidenceDeployment(deployment),
    ...(await readOperators(ledger)),
    anchors: anchored === null ? [] : [anchored],
    ...(blockHash === null ? {} : { blockHash }),
  }
}

/**
 * Whoever was ever admitted, those that were removed too: what they signed before stands. Says until when
 * nobody is left out, unless the node's logs lack some.
 */
export async function readOperators(ledger: ChainLedger): Promise<ChainOperators> {
  const { admissions, completeUntilSec } = await readAdmissions(ledger)
  // Who was removed and came back with the same key is one.
  const known = new Map(
    admissions.map((admission) => [`${admission.operator} ${admission.peerId}`, admission]),
  )
  const operators = [...known.values()].map(({ operator, peerId }) => {
    const logKey = peerId === null ? null : peerKeyOf(peerId)
    return { address: operator, ...(logKey === null ? {} : { logKey }) }
  })
  return { operators, ...(completeUntilSec === null ? {} : { operatorsUntilSec: completeUntilSec }) }
}

/** Where the chain holds the root of a receipt, or null when it does not, or the receipt is of another Halo. */
export async function askAnchor(ledger: ChainLedger, receipt: Receipt): Promise<AnchoredRoot | null> {
  const { log, size, root } = receipt
  const { chainId, anchor } = ledger.deployment
  if (BigInt(log.chainId) !== chainId || log.contract !== anchor.toLowerCase()) return null
  const found = await ledger.rootAnchor(parseAddress(log.operator), size, hexOf(root) as Bytes32)
  if (found === null) return null
  const { block, atSec, txHash } = found
  return { log, size, root, block, atSec, txHash: txHash === null ? null : bytesOf(txHash) }
}

/** Null when the proof leads to no block, or the chain has none of that number yet. */
async function readBlockHash(ledger: ChainLedger, file: ProofFile): Promise<Hex | null> {
  if (file.kind === 'receipt') return null
  const { anchor, inclusion } = file.evidence
  if (anchor === undefined || inclusion === undefined) return null
  const proven = proveAnchor(anchor, inclusion.log, inclusion.size, inclusion.root)
  if (proven === null) return null
  return (await ledger.connection.header(proven.blockNumber))?.hash ?? null
}
