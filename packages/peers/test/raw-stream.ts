import type { Host } from '@halo/peers'
import { createPeerKey, openHost } from '@halo/peers'
import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { Channel } from '../src/channel.ts'
import type { TestPeer } from './service.ts'

/** A node that keeps to no rules but libp2p's, for tests of what a peer does with such. */
export async function openStranger(): Promise<Host> {
  return openHost({ privateKey: await createPeerKey(), listen: [], isMember: () => true })
}

/** A stream on a protocol of a peer, bytes to be written by hand. */
export async function openRawStream(from: Host, to: TestPeer, protocol: string): Promise<Stream> {
  const connection = await from.libp2p.dial(to.address.addresses.map((text) => multiaddr(text)))
  return connection.newStream([protocol])
}

/** The same as a channel. */
export async function openChannel(from: Host, to: TestPeer, protocol: string): Promise<Channel> {
  return new Channel(await openRawStream(from, to, protocol))
}

/** Bytes with their length in front, as one message. */
export function prefixed(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 0x80) return Uint8Array.of(bytes.length, ...bytes)
  return Uint8Array.of((bytes.length & 0x7f) | 0x80, bytes.length >> 7, ...bytes)
}

/** The reason, peer and message a promise is refused with. */
export async function refusalOf(
  promise: Promise<unknown>,
): Promise<{ readonly reason: unknown; readonly peerId: unknown; readonly message: string }> {
  try {
    await promise
  } catch (error) {
    const { reason, peerId, message } = error as { reason?: unknown; peerId?: unknown; message: string }
    return { reason, peerId, message }
  }
  return { reason: 'none', peerId: null, message: '' }
}

/** Resolves with a stream's last status once it has ended, in whatever way. */
export async function endOf(stream: Stream): Promise<string> {
  if (stream.status === 'open')
    await new Promise<void>((resolve) => stream.addEventListener('close', () => resolve(), { once: true }))
  return stream.status
}
