import type { Output } from '../src/output.ts'

/** What a command said, kept to look at. */
export interface KeptOutput {
  readonly output: Output
  readonly notes: string[]
  readonly results: { readonly value: unknown; readonly lines: readonly string[] }[]
}

/** An output that prints nothing. */
export function keepOutput(isJson = false): KeptOutput {
  const notes: string[] = []
  const results: KeptOutput['results'] = []
  const output: Output = {
    isJson,
    result: (value, lines) => void results.push({ value, lines }),
    note: (line) => void notes.push(line),
    progress: () => undefined,
    progressDone: () => undefined,
  }
  return { output, notes, results }
}

/** A typed error, as far as tests look at it. */
export interface Refusal {
  readonly code: string
  readonly message: string
}

/** The error with which something ends. @throws Error when it ends without one */
export async function refusalOf(act: Promise<unknown>): Promise<Refusal> {
  try {
    await act
  } catch (error) {
    const { code, message } = error as Refusal
    return { code, message }
  }
  throw new Error('nothing was refused')
}
