/**
 * Masked authenticated messages: small readings on a Tangle, one channel after the other's root, byte for
 * byte as `@iota/mam.js` makes and reads them, many times faster. Pure: no clock, no storage, no network;
 * runs in Node and in a browser.
 *
 * @example
 * ```ts
 * import type { ChannelStatePort, ReadingPosition, TangleLookup } from '@halo/mam'
 * import { createReader, deriveChannelId, deriveContentKey, openChannel, openEngine } from '@halo/mam'
 *
 * interface Keys {
 *   readonly seed: string
 *   readonly publisherSecretKey: Uint8Array
 *   readonly streamSecret: Uint8Array
 * }
 *
 * export async function publish(
 *   reading: Uint8Array,
 *   { seed, publisherSecretKey, streamSecret }: Keys,
 *   state: ChannelStatePort,
 *   tangle: TangleLookup & { attach(address: string, payload: string): Promise<void> },
 * ): Promise<ReadingPosition> {
 *   const channelId = deriveChannelId(seed)
 *   const contentKeys = (epoch: number) => deriveContentKey(streamSecret, channelId, epoch)
 *   const engine = await openEngine('simd')
 *   await using channel = await openChannel(
 *     { engine, state, lookup: tangle },
 *     { seed, mode: 'private', security: 1, publisherSecretKey, contentKeys },
 *   )
 *   await channel.publish(reading)
 *   for (const { address, payload, sequence } of await channel.listPending()) {
 *     await tangle.attach(address, payload)
 *     await channel.confirm(sequence)
 *   }
 *   return await channel.nextPosition()
 * }
 *
 * export async function readOn(
 *   lookup: TangleLookup,
 *   granted: { position: ReadingPosition; publisherKey: Uint8Array; contentKey: Uint8Array },
 * ): Promise<readonly Uint8Array[]> {
 *   const contentKeys = () => granted.contentKey
 *   const engine = await openEngine('simd')
 *   const reader = createReader({ engine, lookup }, { mode: 'private', ...granted, contentKeys })
 *   const readings: Uint8Array[] = []
 *   for await (const { content } of reader.readAll()) readings.push(content)
 *   return readings
 * }
 * ```
 * @packageDocumentation
 */

export { decodeBytes, encodeBytes } from './byte-codec.ts'
export type { Channel } from './channel.ts'
export { openChannel } from './channel.ts'
export type { PublishedMessage } from './channel-messages.ts'
export { maxContentBytes } from './channel-messages.ts'
export type { ChannelOptions, ChannelParts } from './channel-options.ts'
export type { CurlEngine, SecurityLevel, Sponge } from './curl-engine.ts'
export { createScalarEngine } from './curl-scalar.ts'
export { createSimdEngine } from './curl-simd.ts'
export type {
  MamEngine,
  MamEngineKind,
  MamMode,
  MamTree,
  MaskedMessage,
  MaskedMessageInput,
  MessageParser,
  UnmaskedMessage,
} from './engine.ts'
export { openEngine } from './engine-open.ts'
export type { ContentKeys } from './envelope-keys.ts'
export { deriveChannelId, deriveContentKey, publicContentKeys } from './envelope-keys.ts'
export type { MamErrorCode } from './errors.ts'
export { MamError } from './errors.ts'
export type { MessageData } from './message-data.ts'
export { packMessage, unpackMessage } from './message-data.ts'
export { maxMessageBytes, maxMessageTrytes } from './message-limits.ts'
export { answerParsing } from './parse-worker.ts'
export type { Parser, ParserLimits, ParserWorker } from './parser.ts'
export { openParser } from './parser.ts'
export type { ParserPort } from './parser-port.ts'
export type { SkippedCounts } from './read-candidates.ts'
export type { MessageReader, ReaderOptions, ReaderParts, ReadMessage } from './read-channel.ts'
export { createReader } from './read-channel.ts'
export type { TangleLookup } from './read-lookup.ts'
export type { ReadingPosition } from './read-position.ts'
export type { ChannelStatePort, ChannelWitness, WitnessMark } from './state-port.ts'
