/**
 * From what devices and apps export to FHIR R4: sources, builders, validation, de-identification, windows,
 * provenance; and glucose records as canonical bytes. Pure: no files, no network, no clock; runs in Node and
 * in a browser.
 *
 * @example
 * ```ts
 * import { convert, importGlucose, openValidator, parseFhirJson, parseRecord } from '@halo/records'
 *
 * export async function latestValue(file: Blob): Promise<string> {
 *   const { record } = await importGlucose(file.stream(), { timeZone: 'Europe/Rome' })
 *   let latest = ''
 *   for await (const reading of parseRecord(record.bytes())) latest = `${reading.valueText} ${reading.unit}`
 *   return latest
 * }
 *
 * export async function convertHealth(file: Blob): Promise<string> {
 *   const conversion = convert('apple-health', file.stream())
 *   let ndjson = ''
 *   for await (const lines of conversion) ndjson += lines
 *   return `${conversion.report().resources} resources: ${ndjson.length} characters`
 * }
 *
 * export async function isValid(line: string): Promise<boolean> {
 *   const validate = await openValidator()
 *   const resource = parseFhirJson(line) as Parameters<typeof validate>[0]
 *   return validate(resource).every(({ severity }) => severity !== 'error')
 * }
 * ```
 * @packageDocumentation
 */
export type { AggregateOptions } from './aggregate/aggregate.ts'
export { aggregate } from './aggregate/aggregate.ts'
export type { WindowKind } from './aggregate/calendar.ts'
export { WINDOW_KINDS } from './aggregate/calendar.ts'
export type { SeriesGap, WindowSeries } from './aggregate/series.ts'
export type { VerifyWindowsOptions } from './aggregate/verify-windows.ts'
export { verifyWindows } from './aggregate/verify-windows.ts'
export type { ConflictRule, Window, WindowHeader } from './aggregate/window.ts'
export { headOf } from './aggregate/window.ts'
export type { Deidentification, DeidentifyOptions, OpenResources } from './deidentify/deidentify.ts'
export { deidentify } from './deidentify/deidentify.ts'
export type { DeidentificationProfile } from './deidentify/profiles.ts'
export type { DeidentificationChange, DeidentificationReport } from './deidentify/report.ts'
export type { RecordsErrorCode, RecordsErrorDetails } from './errors.ts'
export { RecordsError } from './errors.ts'
export type { AirFigure, AirQuantity, AirReading } from './fhir/air.ts'
export { buildIndoorAir, buildIndoorLocation } from './fhir/air.ts'
export { BALANCE_QUESTIONNAIRE } from './fhir/balance-questionnaire.ts'
export type { Code, Figure } from './fhir/codes.ts'
export type { DeviceModel } from './fhir/device.ts'
export { buildDevice } from './fhir/device.ts'
export type { GlucoseFigures, GlucosePeriod } from './fhir/glucose-summary.ts'
export { buildGlucoseSummary } from './fhir/glucose-summary.ts'
export { measuresCodeSystem } from './fhir/halo-codes.ts'
export type { EffectiveTime, ObservationContent, ObservationContext } from './fhir/observation.ts'
export { buildObservation } from './fhir/observation.ts'
export type { ValidateResource } from './fhir/open-validator.ts'
export { openValidator } from './fhir/open-validator.ts'
export type {
  ProvenanceExpected,
  ProvenanceParts,
  ProvenanceTarget,
  SignDigest,
  TargetHash,
} from './fhir/provenance.ts'
export {
  buildProvenance,
  hashTarget,
  signProvenance,
  startTargetHash,
  verifyProvenance,
} from './fhir/provenance.ts'
export type { Question, QuestionnaireForm } from './fhir/questionnaire.ts'
export type { Answer, ResponseContext } from './fhir/questionnaire-response.ts'
export { buildQuestionnaireResponse } from './fhir/questionnaire-response.ts'
export type { AirObservation } from './fhir/read-air.ts'
export { readAirObservation } from './fhir/read-air.ts'
export type { ReadOptions } from './fhir/read-resources.ts'
export { readResources } from './fhir/read-resources.ts'
export type { Channel, Recording } from './fhir/recording.ts'
export { buildRecording } from './fhir/recording.ts'
export type { BalanceTest } from './fhir/stabilometry.ts'
export { buildStabilometry } from './fhir/stabilometry.ts'
export type { IndexCode } from './fhir/stabilometry-codes.ts'
export { STABILOMETRY_INDICES } from './fhir/stabilometry-codes.ts'
export type { TremorMinuteFigures, TremorSummaryFigures } from './fhir/tremor.ts'
export { buildTremorMinute, buildTremorScore, buildTremorSummary } from './fhir/tremor.ts'
export { TREMOR_QUESTIONNAIRE } from './fhir/tremor-questionnaire.ts'
export type { Issue, IssueCode } from './fhir/validate/issue.ts'
export type { ValidateOptions } from './fhir/validate/validate-resource.ts'
export type { LineIssues, NdjsonOptions, NdjsonValidation, ValidationReport } from './fhir/validate-ndjson.ts'
export { validateNdjson } from './fhir/validate-ndjson.ts'
export type { BloodPressure, Sleep, VitalSignKind } from './fhir/vital-signs.ts'
export { buildBloodPressure, buildSleep, buildVitalSign } from './fhir/vital-signs.ts'
export type { GlucoseFormat, LeftOutKind } from './glucose/format.ts'
export type { Gap, SubjectReport } from './glucose/gaps.ts'
export type { CgmMeasurement, CgmSessionStart } from './glucose/gatt-cgm.ts'
export {
  CGM_STATUS,
  parseCgmFeature,
  parseCgmMeasurements,
  parseCgmSessionStart,
} from './glucose/gatt-cgm.ts'
export type { GenerateOptions } from './glucose/generate.ts'
export { generateGlucoseCsv } from './glucose/generate.ts'
export type { Comparator, GlucoseUnit } from './glucose/glucose-value.ts'
export type { GlucoseImport, ImportReport } from './glucose/import-glucose.ts'
export { importGlucose } from './glucose/import-glucose.ts'
export type { GlucoseReading } from './glucose/observation.ts'
export type { ImportOptions, ImportProgress } from './glucose/options.ts'
export { parseRecord } from './glucose/parse-record.ts'
export type { GlucoseObservation, QuantityComparator } from './glucose/read-observation.ts'
export { readGlucoseObservation } from './glucose/read-observation.ts'
export type { GlucoseRecord, RecordMetadata } from './glucose/record.ts'
export { recordBytes } from './glucose/record.ts'
export type { MedicalFloat, SpecialFloat } from './glucose/sfloat.ts'
export { convert, SOURCE_KINDS } from './sources/convert.ts'
export type { ForcePlateTrace } from './sources/force-plate-csv.ts'
export { readForcePlate } from './sources/force-plate-csv.ts'
export type { AxisValues, MotionTrace } from './sources/motion-csv.ts'
export { readMotion } from './sources/motion-csv.ts'
export type {
  Conversion,
  SourceGap,
  SourceKind,
  SourceNote,
  SourceOptions,
  SourceReport,
} from './sources/source.ts'
export type { CanonicalValue } from './text/canonical-json.ts'
export { canonicalJson, Decimal } from './text/canonical-json.ts'
export type { FhirResource, JsonValue } from './text/fhir-json.ts'
export { isObject, isResource, parseFhirJson } from './text/fhir-json.ts'
