import { readFileSync } from 'node:fs'
import type {
  AccessRequest,
  Address,
  Bytes32,
  DatasetId,
  Deployment,
  Hex,
  PlainAccessRequest,
  RequestId,
} from '../src/index.ts'
import { ConsentError, parseAccessRequest } from '../src/index.ts'

/** 32 bytes of one hex digit. */
export function id32<T extends Bytes32>(digit: string): T {
  return `0x${digit.repeat(64)}` as T
}

/** Contracts on the chain that local networks use. */
export const DEPLOYMENT: Deployment = {
  chainId: 31_337n,
  registry: '0x5FbDB2315678afecb367f032d93F642f64180aa3' as Address,
  token: '0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512' as Address,
  consent: '0x9fE46736679d2D9a65F0992F2272dE9f3c7fa6e0' as Address,
  escrow: '0xCf7Ed3AccA5a467e9e704C703E8D87F634fB0Fc9' as Address,
  anchor: '0xDc64a140Aa3E981100a9becA4E685f962f0cF6C9' as Address,
}

/** A request with every field set to something of its own. */
export const REQUEST: AccessRequest = {
  dataset: id32<DatasetId>('1'),
  patient: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8' as Address,
  researcher: '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC' as Address,
  recipientKeyHash: id32('2'),
  termsHash: id32('3'),
  currency: '0x0000000000000000000000000000000000000000' as Address,
  price: 20_000_000_000_000_000n,
  relayFee: 1000n,
  answerBySec: 1_800_000_000,
  accessForSec: 604_800,
  nonce: id32('4'),
}

/** Some request's id. */
export const REQUEST_ID: RequestId = id32<RequestId>('5')

/** A deployment as vectors write it. */
export type PlainDeployment = Omit<Deployment, 'chainId'> & { readonly chainId: string }

/** A file of test/vectors/consent. */
export function loadVectors<T>(name: string): T {
  const file = new URL(`../../../test/vectors/consent/${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')) as T
}

/** The deployment that vectors write with a decimal chain id. */
export function deploymentOf(plain: PlainDeployment): Deployment {
  return { ...plain, chainId: BigInt(plain.chainId) }
}

/** The request that vectors write with decimal amounts. */
export function requestOf(plain: PlainAccessRequest): AccessRequest {
  return parseAccessRequest(plain)
}

/** Code and field of the ConsentError that work fails with. */
export function failureOf(work: () => unknown): { readonly code: string; readonly field: unknown } {
  try {
    work()
  } catch (error) {
    if (error instanceof ConsentError) return { code: error.code, field: error.details['field'] }
    throw error
  }
  throw new Error('Nothing failed.')
}

/** A copy of hex with one bit of one byte turned. */
export function flipBit(hex: Hex, byte: number): Hex {
  const bytes = Buffer.from(hex.slice(2), 'hex')
  bytes[byte] = (bytes[byte] ?? 0) ^ 1
  return `0x${bytes.toString('hex')}`
}
