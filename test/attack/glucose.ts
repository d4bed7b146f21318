import type { GlucoseRecord } from '@halo/records'
import { generateGlucoseCsv, importGlucose } from '@halo/records'

/** The record of a CSV text; times without an offset are UTC. */
export async function importCsv(csv: string): Promise<GlucoseRecord> {
  const pieces = async function* (): AsyncGenerator<string> {
    yield csv
  }
  return (await importGlucose(pieces(), { timeZone: 'UTC' })).record
}

/** A generated record of so many days, always the same. */
export function glucoseOf(days: number): Promise<GlucoseRecord> {
  return importCsv(generateGlucoseCsv({ days }))
}
