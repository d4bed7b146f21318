/** Of libraries whose `exports` do not lead to their types: what the tests use beyond the sources. */
declare module '@iota/mam.js' {
  interface Attached {
    readonly type: number
    readonly index: string
    readonly data: string
  }

  export const TrytesHelper: {
    stringToTrytes(text: string): string
    stringFromTrytes(trytes: string): string
  }
  export function mamAttach(
    client: { messageSubmit(message: { payload: Attached }): Promise<string> },
    message: IMamMessage,
    tag?: string,
  ): Promise<{ readonly message: { readonly payload: Attached } }>
  export function decodeMessages(
    messages: readonly { readonly payload: { readonly type: number; readonly data: string } }[],
    root: string,
    sideKey?: string,
  ): Promise<object | undefined>
}

declare module '@iota/util.js' {
  export class WriteStream {
    finalBytes(): Uint8Array
  }
}

declare module '@iota/iota.js' {
  /** @throws Error for messages of more than 32 768 bytes */
  export function serializeMessage(
    stream: import('@iota/util.js').WriteStream,
    message: { readonly parentMessageIds: string[]; readonly payload: object; readonly nonce: string },
  ): void
}
