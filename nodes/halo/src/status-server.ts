import { once } from 'node:events'
import { createServer } from 'node:http'
import type { LogProblem } from '@halo/halo'
import { NodeError } from './errors.ts'

/** What an operator sees at `/healthz`. */
export interface Health {
  readonly isHealthy: boolean
  /** One sentence per thing that is wrong. */
  readonly problems: readonly string[]
  readonly peerId: string
  readonly operator: string
  readonly uptimeSec: number
  readonly chain: { readonly isReachable: boolean; readonly block: number | null; readonly isMember: boolean }
  readonly peers: { readonly connected: number; readonly members: number }
  /** Whether this peer's log of records signs, and if not, why. */
  readonly log: { readonly isSigning: boolean; readonly problem: LogProblem | null }
  readonly storage: { readonly shards: number; readonly sizeBytes: number }
  readonly addresses: readonly string[]
}

/**
 * `/healthz` (200 or 503, JSON) and `/metrics` (Prometheus text) on loopback only.
 * @throws NodeError `PORT_TAKEN`
 */
export async function openStatusServer(
  port: number,
  health: () => Promise<Health>,
  metrics: () => Promise<string>,
): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = createServer((request, response) => {
    const reply = (status: number, type: string, body: string): void => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
    }
    const answer = async (): Promise<void> => {
      if (request.method !== 'GET') return reply(405, 'text/plain', 'GET only\n')
      if (!isLocal(request.headers.host)) return reply(421, 'text/plain', 'Ask for 127.0.0.1 or localhost.\n')
      if (request.url === '/healthz') {
        const found = await health()
        return reply(found.isHealthy ? 200 : 503, 'application/json', `${JSON.stringify(found)}\n`)
      }
      if (request.url === '/metrics') return reply(200, 'text/plain; version=0.0.4', await metrics())
      reply(404, 'text/plain', 'Try /healthz or /metrics\n')
    }
    answer().catch(() => reply(500, 'text/plain', 'The node could not answer; see its log.\n'))
  })
  server.listen({ port, host: '127.0.0.1' })
  await once(server, 'listening').catch((cause: unknown) => {
    throw new NodeError(
      'PORT_TAKEN',
      `Port ${port} of /healthz and /metrics cannot be used. Choose another with --status-port.`,
      { cause },
    )
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A page elsewhere whose name was made to lead here must not read this peer's state. */
function isLocal(host: string | undefined): boolean {
  return host !== undefined && /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host)
}
