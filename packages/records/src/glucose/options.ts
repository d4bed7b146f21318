import { checkCount, invalidOption } from '../text/options.ts'
import type { GlucoseFormat } from './format.ts'
import type { GlucoseUnit } from './glucose-value.ts'

/** How to read a glucose file. */
export interface ImportOptions {
  /** @defaultValue `'auto'`: by the header */
  readonly format?: 'auto' | GlucoseFormat | undefined
  /** Zone of times without offset: an IANA name or an offset such as `+01:00`; unused where the file gives offsets. */
  readonly timeZone?: string | undefined
  /** Unit of a file that names none. @defaultValue `'mg/dL'`, refused if the values look like mmol/L */
  readonly unit?: GlucoseUnit | undefined
  /** Order of dates such as `03-04-2026`; needed only where no date of the file settles it. */
  readonly dateOrder?: 'dmy' | 'mdy' | undefined
  /** Told after every chunk of the source; must not throw. */
  readonly onProgress?: ((done: ImportProgress) => void) | undefined
  readonly signal?: AbortSignal | undefined
  /** Bounds what is held of an unfinished row. @defaultValue 65536 */
  readonly maxLineBytes?: number | undefined
  /** Bounds the memory of an import. @defaultValue 500000: four years of readings every 5 minutes, about 0.4 GB while they are sorted */
  readonly maxReadings?: number | undefined
}

/** How far an import has come. */
export interface ImportProgress {
  readonly bytes: number
  /** Rows with content, the header included. */
  readonly rows: number
}

/** The options with their defaults. */
export interface ImportLimits {
  readonly format: 'auto' | GlucoseFormat
  readonly maxLineBytes: number
  readonly maxReadings: number
}

/** @throws RecordsError `OPTION_INVALID`, naming the option */
export function checkOptions(options: ImportOptions): ImportLimits {
  const { format = 'auto', unit, dateOrder, maxLineBytes = 64 * 1024, maxReadings = 500_000 } = options
  if (!['auto', 'dexcom-clarity', 'libreview', 'plain'].includes(format))
    throw invalidOption('format', 'auto, dexcom-clarity, libreview or plain')
  if (unit !== undefined && unit !== 'mg/dL' && unit !== 'mmol/L')
    throw invalidOption('unit', 'mg/dL or mmol/L')
  if (dateOrder !== undefined && dateOrder !== 'dmy' && dateOrder !== 'mdy')
    throw invalidOption('dateOrder', 'dmy or mdy')
  checkCount('maxLineBytes', maxLineBytes)
  checkCount('maxReadings', maxReadings)
  return { format, maxLineBytes, maxReadings }
}
