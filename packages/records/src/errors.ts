/**
 * The file as a whole:
 * - `FILE_EMPTY`: there is nothing in the file; choose the export again.
 * - `FORMAT_UNKNOWN`: not UTF-8 text, or no header of a known export; export as CSV from a supported source.
 * - `NO_READINGS`: the header is known but no row holds a glucose reading; export a period with data.
 * - `LINE_TOO_LONG`: a row exceeds `maxLineBytes`; the file is not such an export, or is damaged.
 * - `READINGS_TOO_MANY`: more readings, patients or names than are held at once; split the file.
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
 * - `UNIT_NEEDED`: the file names no unit and none can be assumed; name it (`--unit`).
 * - `DATE_ORDER_NEEDED`: dates could be day-month or month-day; say which (`--date-order`).
 * - `RATE_NEEDED`: samples carry no times; give the sampling rate (`--hz`).
 * - `AXES_NEEDED`: columns x and y could point either way; say which is to the side (`--axes`).
 * - `START_NEEDED`: times count from the start of the recording; say when that was (`--start`).
 *
 * Other forms of file:
 * - `XML_MALFORMED`: not the XML of such an export; export it again.
 * - `JSON_MALFORMED`: not JSON, or nested too deeply; export it again.
 * - `FRAME_INVALID`: a sensor frame is cut short, or its checksum is wrong; capture it again.
 * - `FIELD_INVALID`: a named field holds what its documentation does not allow; correct it.
 *
 * FHIR resources:
 * - `RESOURCE_UNSUPPORTED`: a resource type that Halo does not handle; leave it out.
 * - `RESOURCE_CONFLICT`: two resources with one type and id say different things; export current versions only.
 * - `SIGNATURE_INVALID`: a Provenance was not signed by that key over these resources; do not trust them.
 *
 * De-identification and windows:
 * - `SECRET_INVALID`: the secret for pseudonyms is missing or too short; give 32 bytes or more.
 * - `RECIPIENT_INVALID`: the recipient's name is empty or too long; name who gets the data.
 * - `IDENTIFIERS_LEFT`: what was about to leave still held something that may identify a person; nothing was let out.
 * - `WINDOW_INVALID`: a window is missing, repeated or not the one that was sealed; get the whole set again.
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
  | 'UNIT_NEEDED'
  | 'DATE_ORDER_NEEDED'
  | 'RATE_NEEDED'
  | 'AXES_NEEDED'
  | 'START_NEEDED'
  | 'XML_MALFORMED'
  | 'JSON_MALFORMED'
  | 'FRAME_INVALID'
  | 'FIELD_INVALID'
  | 'RESOURCE_UNSUPPORTED'
  | 'RESOURCE_CONFLICT'
  | 'SIGNATURE_INVALID'
  | 'SECRET_INVALID'
  | 'RECIPIENT_INVALID'
  | 'IDENTIFIERS_LEFT'
  | 'WINDOW_INVALID'
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
