import type { SourceFlags } from './convert.ts'

/** Options of every measure. */
export interface MeasureFlags extends SourceFlags {
  /** Print FHIR Observations instead of figures. */
  readonly fhir?: boolean
}

/** Options of what is measured of sway. */
export interface SwayFlags extends MeasureFlags {
  readonly source?: string
  /** Metres. */
  readonly height?: string
  readonly eyes?: string
  /** Another file: the same test with closed eyes. */
  readonly closed?: string
  /** Earlier tests of the same person. */
  readonly past?: readonly string[]
}

/** Options of what is measured of air. */
export interface AirFlags extends SourceFlags {
  /** Such as `co2=[ppm]`. */
  readonly units?: readonly string[]
}

/** Options of every plot. */
export interface PlotFlags extends SwayFlags {
  readonly out: string
  readonly force?: boolean
  readonly subject?: string
}
