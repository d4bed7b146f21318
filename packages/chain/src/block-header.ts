import type { Hex } from '@halo/consent'
import { encodeRlp, keccak256 } from 'ethers'

/** Items of a block's header in their order, as JSON-RPC names them; a fork adds items at the end. */
export const BLOCK_HEADER_ITEMS = [
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

/**
 * RLP of a block's header, or null when it does not hash to the block's own hash: then a fork has added items.
 * @param block as `eth_getBlockByNumber` answers
 */
export function encodeBlockHeader(block: Readonly<Record<string, unknown>>): Hex | null {
  const items = BLOCK_HEADER_ITEMS.filter((item) => typeof block[item] === 'string').map((item) => {
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
