/**
 * Numbers from raw signals: the figures of a glucose report. Pure; runs in Node and in a browser.
 *
 * @example
 * ```ts
 * import { summariseGlucose } from '@halo/measures'
 *
 * const summary = summariseGlucose([
 *   { timeMs: 0, value: 100, unit: 'mg/dL' },
 *   { timeMs: 300_000, value: 200, unit: 'mg/dL' },
 * ])
 * export const timeInRange: string = `${summary.in70_180} %`
 * ```
 * @packageDocumentation
 */
export type { MeasuresErrorCode } from './errors.ts'
export { MeasuresError } from './errors.ts'
export type { GlucoseSample, GlucoseSummary } from './glucose-summary.ts'
export { summariseGlucose } from './glucose-summary.ts'
