/**
 * Masked authenticated messages: small readings on a Tangle, one channel after the other's root, byte for
 * byte as `@iota/mam.js` makes and reads them, many times faster. Pure: no clock, no storage, no network;
 * runs in Node and in a browser.
 * @packageDocumentation
 */
export type { CurlEngine, SecurityLevel, Sponge } from './curl-engine.ts'
export { createScalarEngine } from './curl-scalar.ts'
export type { MamErrorCode } from './errors.ts'
export { MamError } from './errors.ts'
