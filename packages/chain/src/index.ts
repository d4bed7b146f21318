/**
 * The ledger on an EVM chain: reads and writes the Halo contracts over JSON-RPC, watches their events
 * through restarts and reorgs, deploys them. Runs in Node and in a browser.
 *
 * @example
 * ```ts
 * import { openLedger, openWriter } from '@halo/chain'
 * import type { AccessRequest, Deployment } from '@halo/consent'
 * import type { LedgerTx } from '@halo/ports'
 *
 * export async function refund(
 *   options: { readonly rpcUrl: string; readonly deployment: Deployment },
 *   key: string,
 *   request: AccessRequest,
 * ): Promise<LedgerTx> {
 *   await using ledger = await openLedger(options)
 *   const writer = await openWriter(ledger, key)
 *   return writer.refund(request)
 * }
 * ```
 * @packageDocumentation
 */
export type { AccountOptions, ChainAccount, SentTx, TransactionSigner, TxCall } from './account.ts'
export { openAccount } from './account.ts'
export type { Admission, AdmissionHistory } from './admissions.ts'
export { readAdmissions } from './admissions.ts'
export { BLOCK_HEADER_ITEMS, encodeBlockHeader } from './block-header.ts'
export type { ChainConnection, ChainLog, Creation, Header, LogFilter } from './connection.ts'
export type { ContractName } from './contracts.ts'
export { INTERFACES } from './contracts.ts'
export type { DeployOptions } from './deploy.ts'
export { admitPeer, announceAddresses, changePeer, deployHalo } from './deploy.ts'
export type { ChainErrorCode } from './errors.ts'
export { ChainError } from './errors.ts'
export type { ChainLedger, LedgerOptions } from './ledger.ts'
export { openLedger } from './ledger.ts'
export type { Rpc } from './rpc.ts'
export { RpcFailure } from './rpc.ts'
export { gasOf, transactionsOf } from './transactions.ts'
export type { LedgerWatcher, WatchOptions, WatchParts } from './watcher.ts'
export { watchLedger } from './watcher.ts'
export { openWriter } from './writer.ts'
