/**
 * Numbers and pictures from raw signals: glucose, sway, tremor, indoor air. Pure; runs in Node and in a browser.
 *
 * @example
 * ```ts
 * import { measureGlucose } from '@halo/measures'
 *
 * const measures = measureGlucose([
 *   { timeMs: 0, value: 100, unit: 'mg/dL' },
 *   { timeMs: 300_000, value: 200, unit: 'mg/dL' },
 * ])
 * export const timeInRange: string = `${measures.in70_180} %`
 * ```
 * @packageDocumentation
 */

export type { AirQuantity, AirRecord, AirUnits } from './air/air-record.ts'
export type { AirUnit } from './air/air-units.ts'
export { ASSUMED_AIR_UNITS, checkUnits as checkAirUnits } from './air/air-units.ts'
export type { AirFigures, AirOptions, AirQuantityFigures } from './air/measure-air.ts'
export { measureAir } from './air/measure-air.ts'
export type { ComfortFigures, ComfortRange, VentilationFigures } from './air/room-climate.ts'
export type { GuidelineFigures } from './air/who-guidelines.ts'
export type { CogOptions, CogTrace } from './balance/cog-from-acceleration.ts'
export { cogFromAcceleration } from './balance/cog-from-acceleration.ts'
export type { IndexChange, SwayTrend } from './balance/compare-sway.ts'
export { compareSway } from './balance/compare-sway.ts'
export type {
  ResearchSway,
  ScreeningName,
  ScreeningSway,
  Stabilogram,
  Statokinesigram,
  SwayMeasurement,
  SwayOptions,
  UnusableSway,
} from './balance/measure-sway.ts'
export { measureSway } from './balance/measure-sway.ts'
export type { CogMethod, PhoneAxis, SwayCondition, SwayMethod, SwaySource } from './balance/method.ts'
export { describeSwayMethod } from './balance/method.ts'
export type { SensorFacts, SwayGrade, SwayLimit, SwayQuality } from './balance/quality.ts'
export type { ResearchRomberg, ScreeningRomberg } from './balance/romberg-quotient.ts'
export { rombergQuotient } from './balance/romberg-quotient.ts'
export type { Interval } from './balance/screening-error.ts'
export type { SwayIndexName, SwayIndices } from './balance/sway-indices.ts'
export { SWAY_INDEX_UNITS } from './balance/sway-indices.ts'
export type { SwayTrace } from './balance/trace.ts'
export type { MeasuresErrorCode } from './errors.ts'
export { MeasuresError } from './errors.ts'
export type { GlucoseCoverage } from './glucose/coverage.ts'
export type { EpisodeFigures, GlucoseEpisode, GlucoseLimit } from './glucose/episodes.ts'
export { findGlucoseEpisodes } from './glucose/episodes.ts'
export type { GlucoseSample } from './glucose/glucose-reading.ts'
export type { GlucoseSummary } from './glucose/glucose-summary.ts'
export { summariseGlucose } from './glucose/glucose-summary.ts'
export type { GlucoseExcursions } from './glucose/mage.ts'
export type { GlucoseMeasures } from './glucose/measure-glucose.ts'
export { measureGlucose } from './glucose/measure-glucose.ts'
export type { DayDifferences } from './glucose/modd.ts'
export type {
  DayPoint,
  DayProfile,
  GlucoseProfile,
  ProfileBin,
  ProfileOptions,
} from './glucose/profile-glucose.ts'
export { profileGlucose } from './glucose/profile-glucose.ts'
export type { GlucoseBands, GlucoseRisk } from './glucose/risk.ts'
export type { GlucoseTarget } from './glucose/targets.ts'
export type { AgpBinPicture, AgpPicture } from './plot/agp-plot.ts'
export { plotAgp } from './plot/agp-plot.ts'
export type { SwayEllipse, SwayPicture } from './plot/sway-plots.ts'
export { plotStabilogram, plotStatokinesigram } from './plot/sway-plots.ts'
export type { TremorMinutePicture } from './plot/tremor-plot.ts'
export { plotTremorTimeline } from './plot/tremor-plot.ts'
export type { AccelerationTrace } from './signal/acceleration.ts'
export type { TremorFigures, TremorOptions } from './tremor/measure-tremor.ts'
export { measureTremor } from './tremor/measure-tremor.ts'
export type { TremorSummary } from './tremor/summarise-tremor.ts'
export { describeTremorMethod, summariseTremor } from './tremor/summarise-tremor.ts'
export type { TremorReason, TremorStatus } from './tremor/tremor-gates.ts'
export type { FittedCalibration, ReportedTremor, TremorCalibration } from './tremor/tremor-grade.ts'
export { calibrateTremor } from './tremor/tremor-grade.ts'
export type { TremorMinute, TremorMinuteOptions } from './tremor/tremor-minute.ts'
export { judgeTremorMinute, tremorByMinute } from './tremor/tremor-minute.ts'
