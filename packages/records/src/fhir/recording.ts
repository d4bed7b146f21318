import type { FhirResource, JsonValue } from '../text/fhir-json.ts'
import { concept, invalidField, quantity } from './codes.ts'
import type { HaloCode } from './halo-codes.ts'
import { haloCode } from './halo-codes.ts'
import type { ObservationContext } from './observation.ts'
import { buildObservation } from './observation.ts'

/** One channel of a recording, one number per sample. */
export interface Channel {
  readonly code: HaloCode
  /** UCUM code of the samples' unit. */
  readonly unit: string
  readonly samples: ArrayLike<number>
}

/** A signal as it was sampled, at a constant rate. */
export interface Recording {
  readonly code: 'acceleration' | 'centre-of-pressure'
  readonly periodMs: number
  /** All of the same length; at most 3. */
  readonly channels: readonly Channel[]
}

/**
 * The raw signal behind a balance or tremor test, so that figures can be computed again: one component with
 * SampledData per channel, numbers as JavaScript prints them, which reads back the same doubles.
 * @throws RecordsError `FIELD_INVALID` for no samples, channels of unlike length, or a period that is not positive
 * @see https://hl7.org/fhir/R4/datatypes.html#SampledData
 */
export function buildRecording(recording: Recording, context: ObservationContext): FhirResource {
  const { periodMs, channels } = recording
  const length = channels[0]?.samples.length ?? 0
  if (!(periodMs > 0 && periodMs < Infinity)) throw invalidField('periodMs', 'must be more than zero')
  if (length === 0) throw invalidField('channels', 'must hold samples')
  if (channels.some(({ samples }) => samples.length !== length))
    throw invalidField('channels', 'must be of the same length')
  const components = channels.map((channel) => channelComponent(channel, periodMs))
  return buildObservation({ category: 'exam', code: [haloCode(recording.code)], components }, context)
}

function channelComponent({ code, unit, samples }: Channel, periodMs: number): JsonValue {
  return {
    code: concept(haloCode(code)),
    valueSampledData: {
      origin: quantity('origin', 0, unit),
      period: periodMs,
      dimensions: 1,
      // FHIR's word for a sample that could not be had.
      data: Array.from(samples, (sample) => (Number.isFinite(sample) ? plainDecimal(sample) : 'E')).join(' '),
    },
  }
}

/** SampledData has no exponents: the digits are written out, none is lost. */
function plainDecimal(sample: number): string {
  const [mantissa = '', exponent] = String(sample).split('e')
  if (exponent === undefined) return mantissa
  if (Number(exponent) > 0) throw invalidField('samples', 'must be below 1e21')
  const sign = mantissa.startsWith('-') ? '-' : ''
  const digits = mantissa.replace(/[-.]/g, '')
  return `${sign}0.${'0'.repeat(-Number(exponent) - 1)}${digits}`
}
