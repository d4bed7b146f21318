import { computeDiffusion } from './diffusion.ts'
import { computeDynamic } from './dynamic.ts'
import { computePositional } from './positional.ts'
import type { PreparedTrace } from './prepare-trace.ts'
import { computeSpectral } from './spectral.ts'
import { computeSwayDensity } from './sway-density.ts'
import type { SwayIndexName, SwayIndices } from './sway-indices.ts'

/** All indices of a prepared trace; what is not a finite number becomes null. */
export function computeIndices(trace: PreparedTrace, radiusCm: number): SwayIndices {
  const raw: Record<SwayIndexName, number | null> = {
    ...computePositional(trace),
    ...computeDynamic(trace),
    ...computeSpectral(trace),
    ...computeDiffusion(trace),
    ...computeSwayDensity(trace, radiusCm),
  }
  const entries = Object.entries(raw).map(([name, value]) => [name, Number.isFinite(value) ? value : null])
  return Object.fromEntries(entries) as SwayIndices
}
