/** The `code` of what a call throws, as its package documents it; `none` when it throws nothing. */
export function codeOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return codeIn(error)
  }
  return 'none'
}

/** As {@link codeOf}, for what rejects. */
export async function codeOfAsync(run: () => Promise<unknown>): Promise<string> {
  try {
    await run()
  } catch (error) {
    return codeIn(error)
  }
  return 'none'
}

/** An error without a code is a defect, and goes on. */
function codeIn(error: unknown): string {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  if (typeof code === 'string') return code
  throw error
}
