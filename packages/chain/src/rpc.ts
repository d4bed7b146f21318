import type { Hex } from '@halo/consent'
import type { CallOptions } from '@halo/ports'
import { ChainError } from './errors.ts'

/** JSON-RPC to one node. Never retries, never caches: what it returns was just said by the node. */
export interface Rpc extends AsyncDisposable {
  /**
   * @throws ChainError `CHAIN_UNREACHABLE` or `CHAIN_ANSWER_BAD`
   * @throws RpcFailure when the node itself answers with an error
   */
  send(method: string, params: readonly unknown[], options?: CallOptions): Promise<unknown>
}

/** An error object in a node's answer; `data` holds what a contract reverted with. */
export class RpcFailure extends Error {
  override readonly name = 'RpcFailure'
  readonly rpcCode: number
  readonly data: Hex | null

  constructor(rpcCode: number, message: string, data: Hex | null) {
    super(message)
    this.rpcCode = rpcCode
    this.data = data
  }
}

/** Opens JSON-RPC over HTTP. The address may hold a secret and appears in no error. */
export function openRpc(url: string, timeoutMs: number): Rpc {
  const closing = new AbortController()
  let lastId = 0
  return {
    send: async (method, params, options = {}) => {
      const signals = [closing.signal, AbortSignal.timeout(timeoutMs)]
      const signal = AbortSignal.any(options.signal ? [options.signal, ...signals] : signals)
      options.signal?.throwIfAborted()
      lastId += 1
      const body = JSON.stringify({ jsonrpc: '2.0', id: lastId, method, params })
      const text = await post(url, body, signal, options.signal)
      return parseAnswer(text, method)
    },
    [Symbol.asyncDispose]: async () => closing.abort(new Error('The connection to the chain is closed.')),
  }
}

async function post(
  url: string,
  body: string,
  signal: AbortSignal,
  callerSignal: AbortSignal | undefined,
): Promise<string> {
  try {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(url, { method: 'POST', headers, body, signal })
    const text = await response.text()
    if (response.ok || text.startsWith('{')) return text
    throw new Error(`HTTP status ${response.status}`)
  } catch (cause) {
    callerSignal?.throwIfAborted()
    const message = 'The chain node does not answer. Check that it runs and that its address is right.'
    throw new ChainError('CHAIN_UNREACHABLE', message, { cause })
  }
}

function parseAnswer(text: string, method: string): unknown {
  const answer = parseJson(text)
  if (answer !== null && 'error' in answer) throw failureOf(answer['error'])
  if (answer !== null && 'result' in answer) return answer['result']
  throw new ChainError('CHAIN_ANSWER_BAD', 'The chain node did not answer in JSON-RPC.', {
    details: { method },
  })
}

function parseJson(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

function failureOf(value: unknown): RpcFailure {
  const error = (value ?? {}) as {
    readonly code?: unknown
    readonly message?: unknown
    readonly data?: unknown
  }
  const code = typeof error.code === 'number' ? error.code : 0
  return new RpcFailure(code, String(error.message ?? 'unknown error').slice(0, 500), revertData(error.data))
}

/** Nodes put the revert data either straight into `data` or one level deeper. */
function revertData(data: unknown): Hex | null {
  const candidate = typeof data === 'object' && data !== null ? (data as { data?: unknown }).data : data
  return typeof candidate === 'string' && /^0x([0-9a-f]{2})*$/i.test(candidate) ? (candidate as Hex) : null
}
