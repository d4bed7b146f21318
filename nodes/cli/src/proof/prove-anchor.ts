import type { ChainLedger } from '@halo/chain'
import { encodeBlockHeader } from '@halo/chain'
import type { AnchorEvidence, Evidence, Hex, Receipt } from '@halo/proofs'
import { anchorSlot, proveAnchor } from '@halo/proofs'
import { formatTime } from '../output.ts'
import { askAnchor } from './ask-chain.ts'

type Block = Readonly<Record<string, unknown>>

/** What a chain adds to a bundle. */
export interface ChainAddition {
  readonly evidence: Evidence
  /** The block that the proof leads to; null when there is no anchor, or the node gave no proof of it. */
  readonly proven: ProvenBlock | null
}

/** A block that a proof of the state leads to. */
export interface ProvenBlock {
  readonly hash: Hex
  /** Whether the chain will keep it; where a node cannot say so, it is the newest one. */
  readonly isFinal: boolean
}

/** Blocks in the order of preference: one that is final stays the chain's for whoever compares it later. */
const BLOCKS = ['finalized', 'latest'] as const

/**
 * Adds what the chain says of the receipt's root: where it is anchored, and a proof of the contract's storage
 * from which the anchor can be checked without asking a chain again.
 */
export async function addChainProof(ledger: ChainLedger, evidence: Evidence): Promise<ChainAddition> {
  const { inclusion } = evidence
  const anchored = inclusion === undefined ? null : await askAnchor(ledger, inclusion)
  if (inclusion === undefined || anchored === null) return { evidence, proven: null }
  const { txHash, block, atSec } = anchored
  const receipt: Receipt = { ...inclusion, anchor: { txHash, block, atSec } }
  for (const tag of BLOCKS) {
    const anchor = await readStorageProof(ledger, receipt, tag)
    const found = anchor && proveAnchor(anchor, receipt.log, receipt.size, receipt.root)
    if (anchor !== null && found !== null)
      return {
        evidence: { ...evidence, inclusion: receipt, anchor },
        proven: { hash: found.blockHash, isFinal: tag === 'finalized' },
      }
  }
  return { evidence: { ...evidence, inclusion: receipt }, proven: null }
}

/** What came of asking the chain, in words: also why there is no proof. */
export function describeAddition({ evidence: { inclusion }, proven }: ChainAddition): readonly string[] {
  if (inclusion === undefined) return []
  if (inclusion.anchor === null)
    return ['The chain does not have the root of its log yet. Make it again later.']
  const since = `The chain has held it since block ${inclusion.anchor.block}, ${formatTime(inclusion.anchor.atSec)}.`
  if (proven === null)
    return [
      since,
      'The node gave no proof of its state (eth_getProof) that leads there: who checks this has to ask the chain, or you make it again with another node.',
    ]
  const kept = proven.isFinal ? 'final' : 'the newest, which the chain may still drop: compare it again later'
  return [
    since,
    `That can be checked without the chain by who knows that ${proven.hash} is the hash of one of its blocks (${kept}).`,
  ]
}

/** Null where a node knows no such block, gives no proofs of state, or headers that this version cannot put together. */
async function readStorageProof(
  { connection: { rpc } }: ChainLedger,
  { log, size, root }: Receipt,
  tag: (typeof BLOCKS)[number],
): Promise<AnchorEvidence | null> {
  const block = (await orRefused(rpc.send('eth_getBlockByNumber', [tag, false]))) as Block | null
  const blockHeader = block && encodeBlockHeader(block)
  if (block === null || blockHeader === null) return null
  const slot = `0x${Buffer.from(anchorSlot(log.operator, size, root)).toString('hex')}`
  const answer = await orRefused(rpc.send('eth_getProof', [log.contract, [slot], block['number']]))
  const { accountProof, storageProof } = (answer ?? {}) as {
    readonly accountProof?: readonly Hex[]
    readonly storageProof?: readonly [{ readonly proof: readonly Hex[] }]
  }
  const found = storageProof?.[0]?.proof
  return accountProof === undefined || found === undefined
    ? null
    : { blockHeader, accountProof, storageProof: found }
}

/** Null where the node answers with an error: many do not offer proofs. */
async function orRefused(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer
  } catch (error) {
    if ((error as { readonly name?: unknown }).name === 'RpcFailure') return null
    throw error
  }
}
