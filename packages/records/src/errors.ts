/**
 * The file as a whole:
 * - `FILE_EMPTY`: there is nothing in the file; choose the export again.
 * - `FORMAT_UNKNOWN`: not UTF-8 text, or no header of a known export; export as CSV from a supported source.
 * - `NO_READINGS`: the header is known but no row holds a glucose reading; export a period with data.
 * - `LINE_TOO_LONG`: a row exceeds `maxLineBytes`; the file is not such an export, or is damaged.
 * - `READINGS_TOO_MANY`: more than `maxReadings`; split the file by period.
 *
 * One row (`details.row`, as a spreadsheet counts, header included):
 * - `ROW_MALFORMED`: quotes or number of cells do not fit the header; correct or re-export the row.
 * - `SUBJECT_INVALID`: the id cell is empty or too long; give every row an id.
 * - `TIME_INVALID`: not an ISO 8601 date and time; correct the cell.
 * - `TIME_NOT_IN_ZONE`: the wall clock skipped this time in the given zone; give the zone the device was set to.
 * - `VALUE_INVALID`: not a plain decimal number, `Low` or `High`; correct the cell.
 * - `VALUE_IMPLAUSIBLE`: no living patient has this glucose in this unit; check the cell and the unit.
 * - `READING_CONFLICT`: two rows give one subject two values at one instant; delete the wrong one.
 *
 * What only the caller knows:
 * - `TIME_ZONE_NEEDED`: times carry no offset; name the zone the device was set to (`--tz`).
 * - `TIME_ZONE_UNKNOWN`: the given zone is neither an IANA name nor an offset; correct it.
 * - `UNIT_UNKNOWN`: the file's header names a unit other than mg/dL and mmol/L; export in one of these.
 * - `UNIT_SUSPECT`: the values do not look like the unit assumed; name the unit (`--unit`).
 * - `OPTION_INVALID`: an option is out of range; correct the named option.
 *
 * A stored record:
 * - `RECORD_INVALID`: a line is not in the canonical form of a record; the bytes are not a Halo glucose record.
 */
export type RecordsErrorCode =
  | 'FILE_EMPTY'
  | 'FORMAT_UNKNOWN'
  | 'NO_READINGS'
  | 'LINE_TOO_LONG'
  | 'READINGS_TOO_MANY'
  | 'ROW_MALFORMED'
  | 'SUBJECT_INVALID'
  | 'TIME_INVALID'
  | 'TIME_NOT_IN_ZONE'
  | 'VALUE_INVALID'
  | 'VALUE_IMPLAUSIBLE'
  | 'READING_CONFLICT'
  | 'TIME_ZONE_NEEDED'
  | 'TIME_ZONE_UNKNOWN'
  | 'UNIT_UNKNOWN'
  | 'UNIT_SUSPECT'
  | 'OPTION_INVALID'
  | 'RECORD_INVALID'

/** Row and column numbers, field names and bounds; never the content of a cell. */
export type RecordsErrorDetails = Readonly<Record<string, string | number>>

/** Why a file or a record was refused; test `code`. Messages and details never hold what a cell says. */
export class RecordsError extends Error {
  override readonly name = 'RecordsError'
  readonly code: RecordsErrorCode
  readonly details: RecordsErrorDetails

  constructor(code: RecordsErrorCode, message: string, details: RecordsErrorDetails = {}) {
    super(message)
    this.code = code
    this.details = details
  }
}
