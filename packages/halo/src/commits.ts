/** Runs short pieces of work one after the other. */
export interface Commits {
  run<Result>(work: () => Promise<Result>): Promise<Result>
}

/** An empty line of work. */
export function createCommits(): Commits {
  let last: Promise<unknown> = Promise.resolve()
  return {
    run(work) {
      const next = last.then(work, work)
      last = next.catch(() => undefined)
      return next
    },
  }
}
