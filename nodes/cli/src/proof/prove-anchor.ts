import type { ChainLedger } from '@halo/chain'
import type { AnchorEvidence, Evidence, Hex, Receipt } from '@halo/proofs'
import { anchorSlot, proveAnchor } from '@halo/proofs'
import { encodeRlp, keccak256 } from 'ethers'
import { askAnchor } from './ask-chain.ts'

type Block = Readonly<Record<string, unknown>>

/** Items of a block's header in their order, as JSON-RPC names them; a fork adds items at the end. */
const HEADER_ITEMS = [
  'parentHash',
  'sha3Uncles',
  'miner',
  'stateRoot',
  'transactionsRoot',
  'receiptsRoot',
  'logsBloom',
  'difficulty',
  'number',
  'gasLimit',
  'gasUsed',
  'timestamp',
  'extraData',
  'mixHash',
  'nonce',
  'baseFeePerGas',
  'withdrawalsRoot',
  'blobGasUsed',
  'excessBlobGas',
  'parentBeaconBlockRoot',
  'requestsHash',
] as const
/** Those that are numbers: RLP has them without leading zeros. */
const NUMBERS: ReadonlySet<string> = new Set([
  'difficulty',
  'number',
  'gasLimit',
  'gasUsed',
  'timestamp',
  'baseFeePerGas',
  'blobGasUsed',
  'excessBlobGas',
])

/** What a chain adds to a bundle. */
export interface ChainAddition {
  readonly evidence: Evidence
  /** Hash of the block that the proof leads to, or null when the chain has no proof to give. */
  readonly blockHash: Hex | null
}

/**
 * Adds what the chain says of the receipt's root: where it is anchored, and a proof of the contract's storage
 * at the newest block, from which the anchor can be checked without asking a chain again.
 */
export async function addChainProof(ledger: ChainLedger, evidence: Evidence): Promise<ChainAddition> {
  const { inclusion } = evidence
  const anchored = inclusion === undefined ? null : await askAnchor(ledger, inclusion)
  if (inclusion === undefined || anchored === null) return { evidence, blockHash: null }
  const { txHash, block, atSec } = anchored
  const receipt: Receipt = { ...inclusion, anchor: { txHash, block, atSec } }
  const anchor = await readStorageProof(ledger, receipt)
  const proven = anchor && proveAnchor(anchor, receipt.log, receipt.size, receipt.root)
  if (anchor === null || proven === null)
    return { evidence: { ...evidence, inclusion: receipt }, blockHash: null }
  return { evidence: { ...evidence, inclusion: receipt, anchor }, blockHash: proven.blockHash }
}

/** Null where a node gives no proofs of state, or headers that this version cannot put together. */
async function readStorageProof(
  { connection: { rpc } }: ChainLedger,
  { log, size, root }: Receipt,
): Promise<AnchorEvidence | null> {
  const block = (await rpc.send('eth_getBlockByNumber', ['latest', false])) as Block
  const blockHeader = encodeHeader(block)
  if (blockHeader === null) return null
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

/** RLP of a header, or null when it does not hash to the block's own hash: then a fork has added items. */
function encodeHeader(block: Block): Hex | null {
  const items = HEADER_ITEMS.filter((item) => typeof block[item] === 'string').map((item) => {
    const hex = String(block[item])
    return NUMBERS.has(item) ? trimNumber(hex) : hex
  })
  const header = encodeRlp(items) as Hex
  return keccak256(header) === block['hash'] ? header : null
}

function trimNumber(hex: string): string {
  const digits = BigInt(hex).toString(16)
  if (digits === '0') return '0x'
  return `0x${digits.padStart(digits.length + (digits.length % 2), '0')}`
}
