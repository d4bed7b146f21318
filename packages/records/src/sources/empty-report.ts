import type { SourceKind, SourceReport } from './source.ts'

/** The report of a file of which nothing was read yet. */
export function emptyReport(kind: SourceKind): SourceReport {
  return {
    kind,
    recordsRead: 0,
    resources: 0,
    duplicates: 0,
    leftOut: {},
    notes: [],
    gaps: [],
    timeZone: null,
  }
}
