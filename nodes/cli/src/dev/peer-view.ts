import { describeHealth } from '../commands/node.ts'
import type { PeerProcess } from './peer-process.ts'

/** What its operator sees of a peer, in lines; one that is gone or mute is shown as such. */
export async function viewPeer(peer: PeerProcess): Promise<readonly string[]> {
  const health = peer.isRunning ? await peer.health() : null
  if (health === null) return [`${peer.name}: ${peer.isRunning ? 'no answer' : 'stopped'}`]
  const [first, ...rest] = describeHealth(health)
  return [`${peer.name}: ${first}`, ...rest.map((line) => `    ${line}`)]
}
