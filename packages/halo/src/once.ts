/** Does work once for all who ask, at the first question; when it fails, again at the next. */
export function once<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let done: Promise<Result> | null = null
  const attempt = async (): Promise<Result> => {
    try {
      return await work()
    } catch (error) {
      done = null
      throw error
    }
  }
  return () => {
    done ??= attempt()
    return done
  }
}
