/** Pseudo-random numbers for made-up data: the same seed gives the same numbers. Never for keys. */
export interface Random {
  /** Uniform in [from, to). */
  between(from: number, to: number): number
  /** Normal with mean 0 and standard deviation 1. */
  normal(): number
}

/**
 * Marsaglia's 32-bit xorshift over a scrambled seed.
 * @see https://www.jstatsoft.org/article/view/v008i14
 */
export function createRandom(seed: number): Random {
  let state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ (seed >>> 13)) | 0 || 1
  const next = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  for (let step = 0; step < 8; step++) next()
  return {
    between: (from, to) => from + (to - from) * next(),
    // Irwin–Hall: twelve uniforms have variance 1, with no function whose last digit depends on the engine.
    normal: () => Array.from({ length: 12 }, next).reduce((sum, value) => sum + value, -6),
  }
}
