/** What a file can be; `convert` takes one of these. */
export type SourceKind =
  | 'dexcom-clarity'
  | 'libreview'
  | 'glucose-csv'
  | 'gatt-cgm'
  | 'apple-health'
  | 'fitbit'
  | 'garmin-tcx'
  | 'garmin-fit'
  | 'fhir'
  | 'accelerometer'
  | 'force-plate'
  | 'air-quality'
  | 'patient-report'
  | 'tremor-score'

/** How to read a file where it does not say so itself. What is needed and missing is an error that names the option, or settled by a rule that the report names. */
export interface SourceOptions {
  /** Zone of times without offset: an IANA name or an offset such as `+01:00`. */
  readonly timeZone?: string | undefined
  /** Unit of values whose file names none: `mg/dL`, `mmol/L`; `g`, `m/s2`; `m`, `cm`, `mm`; `kg`, `lb`, `steps`, `kcal`. */
  readonly unit?: string | undefined
  /** Order of dates such as `03-04-2026`. */
  readonly dateOrder?: 'dmy' | 'mdy' | undefined
  /** Samples per second, where samples carry no times. */
  readonly rateHz?: number | undefined
  /** Which way the columns x and y of a force plate point. */
  readonly axes?: 'ml-ap' | 'ap-ml' | undefined
  /** When a recording began whose times count from its start: a FHIR dateTime with offset. */
  readonly startTime?: string | undefined
  /**
   * People or rooms as the file names them, in the order of the numbers they get instead; others are numbered
   * after them. With the same list, files that overlap number alike. For `glucose-csv`, `air-quality` and
   * `patient-report` (there what names the phone, `uuid`).
   */
  readonly names?: readonly string[] | undefined
  /** Told after every chunk of the source; must not throw. */
  readonly onProgress?: ((done: { readonly bytes: number; readonly records: number }) => void) | undefined
  readonly signal?: AbortSignal | undefined
  /** Bounds what is held of one row, line or element. @defaultValue 65536; 16 MiB for FHIR */
  readonly maxLineBytes?: number | undefined
  /** Bounds the memory of sources that have to be sorted. @defaultValue 500000 */
  readonly maxReadings?: number | undefined
}

/** Something a file had that was settled by a rule rather than taken as it stood; holds no values. */
export interface SourceNote {
  /** Kebab-case name of the rule, such as `seconds-out-of-range`. */
  readonly rule: string
  /** What was done, for the patient to read. */
  readonly text: string
  readonly count: number
  /** Row, element or entry at which it was first met, counted from 1. */
  readonly firstAt: number
}

/** A stretch without readings in one series. */
export interface SourceGap {
  /** What is missing, such as a LOINC code. */
  readonly series: string
  /** FHIR dateTimes of the last reading before and the first after. */
  readonly from: string
  readonly to: string
}

/** What became of a file; holds no identifiers and no values. */
export interface SourceReport {
  readonly kind: SourceKind
  /** Rows, elements or entries with content. */
  readonly recordsRead: number
  /** Resources written. */
  readonly resources: number
  /** Entries that said again what an earlier one had said; written once. */
  readonly duplicates: number
  /** Entries left out, by kind. */
  readonly leftOut: Readonly<Record<string, number>>
  readonly notes: readonly SourceNote[]
  /** At most 1000; see `notes` when there were more. */
  readonly gaps: readonly SourceGap[]
  /** The given zone, if it was used. */
  readonly timeZone: string | null
}

/**
 * A file on its way to FHIR R4: pieces of canonical NDJSON, each of whole lines with their line feeds.
 * Iterate once; the first thing that cannot be read is thrown there and names its row.
 */
export interface Conversion extends AsyncIterable<string> {
  /** What became of the file; complete once the iteration has ended. */
  report(): SourceReport
}

/** Opens a file of one kind. Same bytes and options give the same lines, so that importing again changes nothing. */
export type OpenSource = (source: AsyncIterable<Uint8Array | string>, options: SourceOptions) => Conversion
