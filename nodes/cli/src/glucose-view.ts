import { createReadStream } from 'node:fs'
import type { GlucoseSummary } from '@halo/measures'
import { summariseGlucose } from '@halo/measures'
import type { GlucoseReading } from '@halo/records'
import { parseRecord } from '@halo/records'

/** What a researcher reads first of a glucose record. */
export interface GlucoseView {
  readonly readings: number
  readonly subjects: number
  /** First and last time as the record holds them. */
  readonly start: string
  readonly end: string
  readonly summary: GlucoseSummary
}

/** Reads a delivered record and summarises it. @throws RecordsError `RECORD_INVALID` */
export async function viewGlucose(path: string): Promise<GlucoseView> {
  const readings: GlucoseReading[] = []
  for await (const reading of parseRecord(createReadStream(path))) readings.push(reading)
  const byTime = [...readings].sort((a, b) => a.timeMs - b.timeMs)
  return {
    readings: readings.length,
    subjects: new Set(readings.map((reading) => reading.subject)).size,
    start: byTime[0]?.time ?? '',
    end: byTime.at(-1)?.time ?? '',
    summary: summariseGlucose(readings),
  }
}

/** That view in lines. */
export function describeGlucose({ readings, subjects, start, end, summary }: GlucoseView): readonly string[] {
  const subjectsText = subjects === 1 ? '' : ` of ${subjects} subjects`
  return [
    `${readings} readings${subjectsText}, ${start} to ${end}`,
    `mean ${summary.mean.toFixed(1)} mg/dL, time in range (70-180 mg/dL) ${summary.in70_180.toFixed(1)} %`,
    `below 70 mg/dL ${summary.below70.toFixed(1)} %, above 180 mg/dL ${summary.above180.toFixed(1)} %`,
  ]
}
