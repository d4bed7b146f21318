import { RecordsError } from '../errors.ts'
import { openAirQuality } from './air-quality.ts'
import { openAppleHealth } from './apple-health.ts'
import { openFhir } from './fhir.ts'
import { openFitbit } from './fitbit.ts'
import { openForcePlate } from './force-plate-csv.ts'
import { openGarminFit } from './garmin-fit.ts'
import { openGarminTcx } from './garmin-tcx.ts'
import { openGattCgm } from './gatt-cgm.ts'
import { openClarity, openGlucoseCsv, openLibre } from './glucose.ts'
import { openAccelerometer } from './motion-csv.ts'
import { openPatientReport } from './patient-report.ts'
import type { Conversion, OpenSource, SourceKind, SourceOptions } from './source.ts'
import { openTremorScore } from './tremor-score.ts'

const SOURCES: Readonly<Record<SourceKind, OpenSource>> = {
  'dexcom-clarity': openClarity,
  libreview: openLibre,
  'glucose-csv': openGlucoseCsv,
  'gatt-cgm': openGattCgm,
  fhir: openFhir,
  'air-quality': openAirQuality,
  'patient-report': openPatientReport,
  'tremor-score': openTremorScore,
  accelerometer: openAccelerometer,
  'apple-health': openAppleHealth,
  'force-plate': openForcePlate,
  fitbit: openFitbit,
  'garmin-tcx': openGarminTcx,
  'garmin-fit': openGarminFit,
}

/** The kinds that {@link convert} takes. */
export const SOURCE_KINDS = Object.keys(SOURCES) as readonly SourceKind[]

/**
 * Turns a file of a known kind into FHIR R4, streaming.
 * @throws RecordsError `OPTION_INVALID` for a kind that is not known; while iterating, every code that names a row
 */
export function convert(
  kind: SourceKind,
  source: AsyncIterable<Uint8Array | string>,
  options: SourceOptions = {},
): Conversion {
  if (!Object.hasOwn(SOURCES, kind))
    throw new RecordsError('OPTION_INVALID', `The kind must be one of ${SOURCE_KINDS.join(', ')}.`, {
      option: 'kind',
    })
  return SOURCES[kind](source, options)
}
