/** Finds masked messages by address, on a Tangle or on whatever stands for one. */
export interface TangleLookup {
  /**
   * All messages at an address, in trytes: anybody can put some there. None is an answer, an empty list; no
   * answer is a rejection.
   * @param address 81 trytes
   */
  find(
    address: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<{ readonly found: readonly string[] }>
}
