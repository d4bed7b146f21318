/** A linear map from data to user units, with ticks a person likes to read. */
export interface Scale {
  readonly from: number
  readonly to: number
  readonly ticks: readonly number[]
  /** Decimals that tell one tick from the next. */
  readonly decimals: number
  at(value: number): number
}

/**
 * @param domain lowest and highest value; widened to whole ticks when `isNice`
 * @param range user units of both ends
 */
export function linearScale(
  domain: readonly [number, number],
  range: readonly [number, number],
  options: { readonly tickCount?: number; readonly isNice?: boolean; readonly step?: number } = {},
): Scale {
  const [low, high] = widen(domain)
  const step = options.step ?? niceStep((high - low) / (options.tickCount ?? 6))
  const isNice = options.isNice !== false
  // A trace that ends on a tick must not gain a step by rounding.
  const slack = step * 1e-9
  const from = isNice ? Math.floor((low + slack) / step) * step : low
  const to = isNice ? Math.ceil((high - slack) / step) * step : high
  const first = Math.ceil((from - slack) / step)
  const last = Math.floor((to + slack) / step)
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step)
  const [start, end] = range
  return {
    from,
    to,
    ticks,
    decimals: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)),
    at: (value) => start + ((value - from) / (to - from)) * (end - start),
  }
}

/** An empty or infinite domain still has to give a picture. */
function widen([low, high]: readonly [number, number]): readonly [number, number] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return [0, 1]
  if (high > low) return [low, high]
  const half = Math.abs(low) * 0.05 || 0.5
  return [low - half, low + half]
}

/** 1, 2 or 5 times a power of ten, not below the given step. */
function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step))
  const factor = step / power
  return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10)
}

/** Lowest and highest finite value; [NaN, NaN] when there is none. */
export function extentOf(...series: readonly ArrayLike<number>[]): readonly [number, number] {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const values of series)
    for (let at = 0; at < values.length; at++) {
      const value = values[at] ?? Number.NaN
      if (!Number.isFinite(value)) continue
      low = Math.min(low, value)
      high = Math.max(high, value)
    }
  return low <= high ? [low, high] : [Number.NaN, Number.NaN]
}
