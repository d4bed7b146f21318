import type { Output } from '../output.ts'

/** One step of the story, timed. */
export interface Step {
  readonly name: string
  readonly ms: number
}

/** Runs steps one after the other, with a line for each. */
export interface Steps {
  readonly done: readonly Step[]
  /** Runs one step; what it returns may add a few words to its line. */
  run<Result>(
    name: string,
    act: () => Promise<Result>,
    describe?: (result: Result) => string,
  ): Promise<Result>
}

/** Steps that print on `output`. */
export function createSteps(output: Output, signal: AbortSignal): Steps {
  const done: Step[] = []
  return {
    done,
    async run(name, act, describe) {
      signal.throwIfAborted()
      const startedMs = performance.now()
      const finish = (mark: string, words: string): void => {
        const ms = Math.round(performance.now() - startedMs)
        done.push({ name, ms })
        output.progressDone()
        output.note(`${mark} ${name.padEnd(44, ' .')} ${formatMs(ms).padStart(8)}  ${words}`)
      }
      try {
        const result = await act()
        finish('ok', describe?.(result) ?? '')
        return result
      } catch (error) {
        finish('--', error instanceof Error ? error.message : '')
        throw error
      }
    },
  }
}

function formatMs(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`
}
