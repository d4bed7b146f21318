import { ed25519 } from '@noble/curves/ed25519.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import type { Channel, ChannelOptions, ChannelParts } from '../src/index.ts'
import { deriveChannelId, deriveContentKey, openChannel } from '../src/index.ts'

export const SEED = 'MADEUPSEED'.repeat(9).slice(0, 81)
export const PUBLISHER_SECRET = Uint8Array.from({ length: 32 }, (_, at) => at + 1)
export const PUBLISHER_KEY = ed25519.getPublicKey(PUBLISHER_SECRET)
const STREAM_SECRET = Uint8Array.from({ length: 32 }, (_, at) => 200 - at)

/** The content keys of the made-up stream, all epochs. */
export const contentKeys = (epoch: number): Uint8Array =>
  deriveContentKey(STREAM_SECRET, deriveChannelId(SEED), epoch)

/** Options of a new private channel, but for what is given. */
export function optionsFor(changes: Partial<ChannelOptions> = {}): ChannelOptions {
  const given = {
    seed: SEED,
    security: 1,
    publisherSecretKey: PUBLISHER_SECRET,
    contentKeys,
    isNew: true,
  } as const
  return { mode: 'private', ...given, ...changes }
}

/** Opens a channel, or another time the one that is there. */
export async function openAgain(
  parts: ChannelParts,
  changes: Partial<ChannelOptions> = {},
): Promise<Channel> {
  const isNew = (await parts.state.load()) === null
  return await openChannel(parts, optionsFor({ isNew, ...changes }))
}

export const bytesOf = (text: string): Uint8Array => utf8ToBytes(text)
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
