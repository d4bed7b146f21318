import type { GlucoseFormat } from '../glucose/format.ts'
import type { SubjectReport } from '../glucose/gaps.ts'
import type { GlucoseUnit } from '../glucose/glucose-value.ts'
import type { ImportedReadings } from '../glucose/import-glucose.ts'
import { importReadings } from '../glucose/import-glucose.ts'
import { loincOf } from '../glucose/observation.ts'
import { writeLines } from '../glucose/record.ts'
import { utcText } from '../text/date-time.ts'
import { invalidOption } from '../text/options.ts'
import { emptyReport } from './empty-report.ts'
import { limitGaps } from './limit-gaps.ts'
import { openNoteBook } from './note-book.ts'
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

function reportOf(kind: SourceKind, { unit, report, numberingNotes }: ImportedReadings): SourceReport {
  const notes = openNoteBook([...report.notes, ...numberingNotes])
  const gaps = limitGaps(gapsOf(report.subjects, unit), notes)
  return {
    kind,
    recordsRead: report.rowsRead,
    resources: report.readings,
    duplicates: report.duplicates,
    leftOut: Object.fromEntries(Object.entries(report.leftOut).filter(([, count]) => count > 0)),
    notes: notes.list(),
    gaps,
    timeZone: report.timeZone,
  }
}

/** Gaps of each subject, named by LOINC code, and by subject where there are several. */
export function gapsOf(subjects: readonly SubjectReport[], unit: GlucoseUnit): readonly SourceGap[] {
  const loinc = loincOf(unit)
  return subjects.flatMap(({ subject, gaps }) => {
    const series = subjects.length > 1 ? `${loinc} subject-${subject}` : loinc
    return gaps.map(({ fromMs, toMs }) => ({ series, from: utcText(fromMs), to: utcText(toMs) }))
  })
}

/** @throws RecordsError `OPTION_INVALID` */
function checkUnit(unit: string | undefined): GlucoseUnit | undefined {
  if (unit === undefined || unit === 'mg/dL' || unit === 'mmol/L') return unit
  throw invalidOption('unit', 'mg/dL or mmol/L')
}
