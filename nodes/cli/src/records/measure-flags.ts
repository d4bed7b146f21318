import type { CommonOptions } from '../command.ts'
import { CliError } from '../errors.ts'
import type { SourceFlags } from './source-flags.ts'

/** Options of the measures whose figures can be FHIR. */
export interface FhirFlags extends CommonOptions {
  /** Print FHIR Observations instead of figures. */
  readonly fhir?: boolean
}

/** Options of what is read as glucose. */
export interface GlucoseFlags extends Pick<SourceFlags, 'json' | 'tz' | 'unit' | 'dateOrder'> {
  /** Days up to the last reading. */
  readonly last?: string
}

/** Options of what is read as tremor. */
export type TremorFlags = Pick<SourceFlags, 'json' | 'tz' | 'unit' | 'hz' | 'start'>

/** Options of `measure tremor`. */
export interface MeasureTremorFlags extends TremorFlags, FhirFlags {
  /** A JSON file: the patient's own calibration, or the reports to fit it to. */
  readonly calibration?: string
}

/** Options of what is read as sway. */
export interface SwayFlags extends Pick<SourceFlags, 'json' | 'tz' | 'unit' | 'hz' | 'axes' | 'start'> {
  readonly source?: string
  /** Metres. */
  readonly height?: string
  readonly eyes?: string
}

/** Options of `measure balance`. */
export interface BalanceFlags extends SwayFlags, FhirFlags {
  /** Another file: the same test with closed eyes. */
  readonly closed?: string
  /** Earlier tests of the same person. */
  readonly past?: readonly string[]
}

/** Options of `measure air`. */
export interface AirFlags extends Pick<SourceFlags, 'json' | 'tz' | 'names'> {
  /** Such as `co2=[ppm]`. */
  readonly units?: readonly string[]
}

/** Options of every plot: where the picture goes. */
export interface PlotFlags extends CommonOptions {
  readonly out: string
  readonly force?: boolean
}

/** Options of `plot agp`. */
export interface AgpFlags extends GlucoseFlags, PlotFlags {
  /** Whose, where a file is of several. */
  readonly subject?: string
}

/**
 * Resources are JSON, one a line; `--json` is one object of figures.
 * @throws CliError `USAGE` where both are asked for
 */
export function refuseFhirAndJson({ fhir, json }: FhirFlags): void {
  if (fhir === true && json === true)
    throw new CliError('USAGE', 'Choose one of --fhir and --json: what --fhir prints is JSON already.')
}

/**
 * A picture is SVG whatever its name says, so that no program is misled by it.
 * @throws CliError `USAGE`
 */
export function refuseOtherPicture({ out }: PlotFlags): void {
  if (out !== '-' && !/\.svg$/i.test(out))
    throw new CliError('USAGE', 'Pictures are SVG. Give --out a name that ends in .svg.')
}
