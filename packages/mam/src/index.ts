/**
 * Masked authenticated messages: small readings on a Tangle, one channel after the other's root, byte for
 * byte as `@iota/mam.js` makes and reads them, many times faster. Pure: no clock, no storage, no network;
 * runs in Node and in a browser.
 * @packageDocumentation
 */

export { deriveAddress } from './address.ts'
export { decodeBytes, encodeBytes } from './byte-codec.ts'
export type { MessageParts } from './create-message.ts'
export { createMessage } from './create-message.ts'
export type { CurlEngine, SecurityLevel, Sponge } from './curl-engine.ts'
export { createScalarEngine } from './curl-scalar.ts'
export type { MamErrorCode } from './errors.ts'
export { MamError } from './errors.ts'
export { maxMessageBytes, maxMessageTrytes } from './message-limits.ts'
export type { OneTimeTree } from './one-time-tree.ts'
export { deriveTree } from './one-time-tree.ts'
export { parseMessage } from './parse-message.ts'
