import { createHash } from 'node:crypto'
import type { LogId, Receipt } from '../src/index.ts'

/** SHA-256 of a text: bytes of no meaning, the same in every run. */
export function bytes32Of(text: string): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(text).digest())
}

/** A log on the chain that local networks use. */
export const LOG: LogId = {
  chainId: 31_337,
  contract: '0xdc64a140aa3e981100a9beca4e685f962f0cf6c9',
  operator: '0x70997970c51812dc3a010c7d01b50e0d17dc79c8',
}

/** A receipt with a path of so many hashes; whether it holds does not matter. */
export function receiptOf(pathHashes: number, changes: Partial<Receipt> = {}): Receipt {
  return {
    commitment: bytes32Of('commitment'),
    salt: bytes32Of('salt'),
    index: 0,
    size: 2 ** pathHashes,
    path: Array.from({ length: pathHashes }, (_, level) => bytes32Of(`path ${level}`)),
    root: bytes32Of('root'),
    log: LOG,
    extension: [],
    signatures: [],
    anchor: { txHash: bytes32Of('transaction'), block: 21_000_000, atSec: 1_790_000_000 },
    ...changes,
  }
}

/** A signature line of an ordinary length. */
export function signatureLine(name: string, text: string): string {
  const bytes = Buffer.concat([
    bytes32Of(`key ${text}`).subarray(0, 4),
    bytes32Of(text),
    bytes32Of(`${text} 2`),
  ])
  return `— ${name} ${bytes.toString('base64')}`
}
