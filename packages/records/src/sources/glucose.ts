import { RecordsError } from '../errors.ts'
import type { GlucoseFormat } from '../glucose/format.ts'
import type { SubjectReport } from '../glucose/gaps.ts'
import type { GlucoseUnit } from '../glucose/glucose-value.ts'
import type { ImportedReadings } from '../glucose/import-glucose.ts'
import { importReadings } from '../glucose/import-glucose.ts'
import { loincOf } from '../glucose/observation.ts'
import { writeLines } from '../glucose/record.ts'
import { utcText } from '../text/date-time.ts'
import { emptyReport } from './empty-report.ts'
import type { Conversion, OpenSource, SourceGap, SourceKind, SourceOptions, SourceReport } from './source.ts'

/** Dexcom Clarity's CSV: sensor readings as Observations of the HL7 CGM profiles, sorted by time. */
export const openClarity: OpenSource = (source, options) =>
  convertGlucose('dexcom-clarity', 'dexcom-clarity', source, options)

/** LibreView's CSV: stored and scanned sensor readings, sorted by time. */
export const openLibre: OpenSource = (source, options) =>
  convertGlucose('libreview', 'libreview', source, options)

/** CSV with the columns id, time, gl: sensor readings, sorted by subject and time. */
export const openGlucoseCsv: OpenSource = (source, options) =>
  convertGlucose('glucose-csv', 'plain', source, options)

/** More are counted, not listed. */
const MAX_GAPS = 1000

/** The whole file is read before the first line is written, because it has to be sorted. */
function convertGlucose(
  kind: SourceKind,
  format: GlucoseFormat,
  source: AsyncIterable<Uint8Array | string>,
  options: SourceOptions,
): Conversion {
  let report = emptyReport(kind)
  async function* run(): AsyncGenerator<string> {
    const { onProgress } = options
    const imported = await importReadings(source, {
      ...options,
      format,
      unit: checkUnit(options.unit),
      onProgress: onProgress && (({ bytes, rows }) => onProgress({ bytes, records: rows })),
    })
    report = reportOf(kind, imported)
    for (const piece of writeLines(imported.readings, imported.unit)) {
      options.signal?.throwIfAborted()
      yield piece
    }
  }
  return { [Symbol.asyncIterator]: run, report: () => report }
}

function reportOf(kind: SourceKind, { unit, report }: ImportedReadings): SourceReport {
  const { gaps, total } = gapsOf(report.subjects, unit)
  const notes = [...report.notes]
  if (total > gaps.length)
    notes.push({
      rule: 'gaps-cut',
      text: `There are more than ${MAX_GAPS} gaps; the first are listed.`,
      count: total - gaps.length,
      firstAt: 1,
    })
  return {
    kind,
    recordsRead: report.rowsRead,
    resources: report.readings,
    duplicates: report.duplicates,
    leftOut: Object.fromEntries(Object.entries(report.leftOut).filter(([, count]) => count > 0)),
    notes,
    gaps,
    timeZone: report.timeZone,
  }
}

/** Gaps of each subject, named by LOINC code, and by subject where there are several. */
export function gapsOf(
  subjects: readonly SubjectReport[],
  unit: GlucoseUnit,
): { readonly gaps: readonly SourceGap[]; readonly total: number } {
  const gaps: SourceGap[] = []
  let total = 0
  for (const { subject, gaps: found } of subjects) {
    const series = subjects.length > 1 ? `${loincOf(unit)} subject-${subject}` : loincOf(unit)
    total += found.length
    for (const { fromMs, toMs } of found.slice(0, MAX_GAPS - gaps.length))
      gaps.push({ series, from: utcText(fromMs), to: utcText(toMs) })
  }
  return { gaps, total }
}

/** @throws RecordsError `OPTION_INVALID` */
function checkUnit(unit: string | undefined): GlucoseUnit | undefined {
  if (unit === undefined || unit === 'mg/dL' || unit === 'mmol/L') return unit
  throw new RecordsError('OPTION_INVALID', 'The option unit must be mg/dL or mmol/L.', { option: 'unit' })
}
