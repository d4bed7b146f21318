import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A directory of a test's own (mode 0700), gone when it is disposed. */
export async function openScratchDir(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'halo-node-test-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** The code an action fails with, or null when it does not fail. */
export async function codeOf(act: () => Promise<unknown>): Promise<unknown> {
  try {
    await act()
    return null
  } catch (error) {
    return (error as { readonly code?: unknown }).code ?? error
  }
}

/** The message an action fails with. */
export async function messageOf(act: () => Promise<unknown>): Promise<string> {
  try {
    await act()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('It did not fail.')
}
