/**
 * From a glucose sensor's export to a record: FHIR R4 Observations of the HL7 CGM profiles as canonical
 * NDJSON bytes, with what names the patient or the device left behind; and back to readings. Pure: no
 * files, no network, no clock; runs in Node and in a browser.
 *
 * @example
 * ```ts
 * import { importGlucose, parseRecord } from '@halo/records'
 *
 * export async function latestValue(file: Blob): Promise<string> {
 *   const { record } = await importGlucose(file.stream(), { timeZone: 'Europe/Rome' })
 *   let latest = ''
 *   for await (const reading of parseRecord(record.bytes())) latest = `${reading.valueText} ${reading.unit}`
 *   return latest
 * }
 * ```
 * @packageDocumentation
 */
export type { CanonicalValue } from './canonical-json.ts'
export { canonicalJson, Decimal } from './canonical-json.ts'
export type { RecordsErrorCode, RecordsErrorDetails } from './errors.ts'
export { RecordsError } from './errors.ts'
export type { GlucoseFormat, LeftOutKind } from './format.ts'
export type { Gap, SubjectReport } from './gaps.ts'
export type { GenerateOptions } from './generate.ts'
export { generateGlucoseCsv } from './generate.ts'
export type { Comparator, GlucoseUnit } from './glucose-value.ts'
export type { GlucoseImport, ImportReport } from './import-glucose.ts'
export { importGlucose } from './import-glucose.ts'
export type { GlucoseReading } from './observation.ts'
export type { ImportOptions, ImportProgress } from './options.ts'
export { parseRecord } from './parse-record.ts'
export type { GlucoseRecord, RecordMetadata } from './record.ts'
export { recordBytes } from './record.ts'
