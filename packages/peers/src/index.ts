/**
 * Halo peers on libp2p: a node whose strangers may use the client protocols only, a server and a
 * client of the Halo protocols with their canonical wire format, and storage receipts.
 *
 * @example
 * ```ts
 * import { openPeerLink } from '@halo/peers'
 * import type { PeerAddress } from '@halo/ports'
 *
 * export async function countOffers(address: PeerAddress): Promise<number> {
 *   await using link = await openPeerLink({ log: () => {} })
 *   return (await link.peer(address).catalogue({ after: null, limit: 10 }, {})).length
 * }
 * ```
 * @packageDocumentation
 */
export type { PeersErrorCode } from './errors.ts'
export { PeersError } from './errors.ts'
export type { Host, HostOptions } from './host.ts'
export { hostOptions, openHost } from './host.ts'
export type { LinkOptions, OpenLinkOptions } from './link.ts'
export { linkOver, openPeerLink } from './link.ts'
export type { IsMember } from './membership.ts'
export type { PeerKey } from './peer-key.ts'
export { createPeerKey, peerIdOf, seedOf } from './peer-key.ts'
export { OPEN_PROTOCOLS, PROTOCOLS } from './protocols.ts'
export type { ReceiptFields } from './receipt.ts'
export { signReceipt, verifyReceipt } from './receipt.ts'
export type { ServeOptions } from './serve.ts'
export { serveHalo } from './serve.ts'
export type { ServeLimits } from './serve-limits.ts'
export { SERVE_LIMITS } from './serve-limits.ts'
export type { CallName, CallTypes } from './wire/calls.ts'
export { WIRE_LIMITS } from './wire/limits.ts'
export type { Reply, Request } from './wire/messages.ts'
export { decodeReply, decodeRequest, encodeReply, encodeRequest } from './wire/messages.ts'
