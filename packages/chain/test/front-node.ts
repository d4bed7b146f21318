import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** An answer of JSON-RPC. */
export interface Reply {
  readonly id: unknown
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string }
}

/** A node in front of another one that changes some of its answers. */
export async function openFrontNode(
  rpcUrl: string,
  change: (method: string, reply: Reply) => Reply,
): Promise<{ readonly url: string } & AsyncDisposable> {
  const headers = { 'content-type': 'application/json' }
  const server = createServer(async (request, response) => {
    const question = (await json(request)) as { readonly method: string }
    const answered = await fetch(rpcUrl, { method: 'POST', headers, body: JSON.stringify(question) })
    response.end(JSON.stringify(change(question.method, (await answered.json()) as Reply)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
