import type { FhirResource } from '../text/fhir-json.ts'
import type { Code } from './codes.ts'
import { HALO_MEASURES, HALO_MEASURES_VERSION } from './codes.ts'
import { STABILOMETRY_INDICES } from './stabilometry-codes.ts'

/** Codes other than the indices of stabilometry, with what they say. */
const DISPLAYS = {
  'balance-test': 'Balance test standing still',
  'visual-condition': 'Visual condition of the test',
  'eyes-open': 'Eyes open',
  'eyes-closed': 'Eyes closed',
  'measurement-quality': 'What the rate and resolution of the sensor allow',
  'quality-research': 'Research grade',
  'quality-screening': 'Screening only',
  'recording-duration': 'Duration of the part that was analysed',
  'sampling-rate': 'Samples per second',
  'tremor-minute': 'Tremor during one minute',
  'tremor-summary': 'Tremor over a period',
  'tremor-score': 'Tremor score 0 to 4 as given by the source',
  'tremor-present': 'Tremor',
  'tremor-absent': 'No tremor',
  'tremor-frequency': 'Dominant frequency from 4 to 12 Hz',
  'tremor-acceleration': 'Root mean square acceleration around the dominant frequency',
  'tremor-displacement': 'Displacement from peak to peak',
  'tremor-band-fraction': 'Share of the power that lies from 4 to 12 Hz',
  'tremor-concentration': 'Share of the 4 to 12 Hz power around the dominant frequency',
  'tremor-grade': 'Grade 0 to 4 from displacement; experimental, not a diagnosis',
  'tremor-occurrence': 'Share of the valid minutes that show tremor',
  'tremor-valid-minutes': 'Minutes with enough data',
  'tremor-displacement-p90': '90th percentile of the displacement from peak to peak',
  'indoor-air': 'Indoor air',
  'air-pm2-5': 'Particulate matter up to 2.5 µm',
  'air-pm10': 'Particulate matter up to 10 µm',
  'air-tvoc': 'Volatile organic compounds, total',
  'air-co2': 'Carbon dioxide',
  'air-co': 'Carbon monoxide',
  'air-no2': 'Nitrogen dioxide',
  'air-o3': 'Ozone',
  'air-hcho': 'Formaldehyde',
  'air-c6h6': 'Benzene',
  'air-temperature': 'Air temperature',
  'air-humidity': 'Relative humidity',
  'air-illumination': 'Illuminance',
  'air-noise': 'Sound level',
  acceleration: 'Acceleration of the device',
  'acceleration-x': 'Acceleration along x of the device',
  'acceleration-y': 'Acceleration along y of the device',
  'acceleration-z': 'Acceleration along z of the device',
  'centre-of-pressure': 'Centre of pressure on a force plate',
  'centre-of-pressure-ml': 'Centre of pressure, mediolateral',
  'centre-of-pressure-ap': 'Centre of pressure, anteroposterior',
  'sample-time': 'Time of each sample from the start of the recording',
} as const

/** A code of our own system, without the indices of stabilometry. */
export type HaloCode = keyof typeof DISPLAYS

/** A code of our own system. */
export function haloCode(code: HaloCode): Code {
  return { system: HALO_MEASURES, code }
}

/**
 * The CodeSystem resource behind our own codes, to be given along with data or published at its URL.
 * @see https://hl7.org/fhir/R4/codesystem.html
 */
export function measuresCodeSystem(): FhirResource {
  const concepts = [
    ...Object.entries(DISPLAYS),
    ...Object.entries(STABILOMETRY_INDICES).map(([code, { display }]) => [code, display] as const),
  ]
  return {
    resourceType: 'CodeSystem',
    id: 'halo-measures',
    url: HALO_MEASURES,
    version: HALO_MEASURES_VERSION,
    name: 'HaloMeasures',
    title: 'Measures of balance, tremor and indoor air',
    status: 'active',
    experimental: false,
    description: 'Codes for measures that LOINC does not have.',
    caseSensitive: true,
    content: 'complete',
    count: concepts.length,
    concept: concepts.map(([code, display]) => ({ code, display })),
  }
}
