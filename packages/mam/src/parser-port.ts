import type { MamErrorCode } from './errors.ts'

/**
 * As much as is needed of a worker, seen from either side: a `Worker` or `parentPort` of node:worker_threads
 * (`on`), a `Worker` or the global scope of a worker in a browser (`addEventListener`).
 */
export interface ParserPort {
  postMessage(message: unknown): void
  on?(event: string, listener: (value: unknown) => void): unknown
  addEventListener?(event: string, listener: (event: unknown) => void): unknown
}

/** What is asked of a worker. */
export interface ParseRequest {
  /** From 1; the answer carries it, so that it is never taken for that to another request. */
  readonly id: number
  readonly payload: string
  readonly root: string
  readonly sideKey: string | undefined
}

/** What it answers, first of all that it is ready. A worker that failed is of no more use, and is ended. */
export type ParseAnswer =
  | { readonly kind: 'ready'; readonly id: 0 }
  | { readonly kind: 'parsed'; readonly id: number; readonly nextRoot: string; readonly trytes: string }
  | { readonly kind: 'refused'; readonly id: number; readonly code: MamErrorCode; readonly message: string }
  | { readonly kind: 'failed'; readonly id: number }

/** Listens to messages, in the way of Node or of browsers. */
export function listenTo(port: ParserPort, listener: (message: unknown) => void): void {
  if (port.on !== undefined) port.on('message', listener)
  else port.addEventListener?.('message', (event) => listener((event as { readonly data: unknown }).data))
}

/** Listens to whatever says that the other side is gone. */
export function listenToEnd(port: ParserPort, listener: (cause: unknown) => void): void {
  for (const event of ['error', 'messageerror', 'exit']) {
    if (port.on !== undefined) port.on(event, listener)
    else port.addEventListener?.(event, listener)
  }
}
