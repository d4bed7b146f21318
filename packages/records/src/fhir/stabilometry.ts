import type { FhirResource, JsonValue } from '../text/fhir-json.ts'
import type { Figure } from './codes.ts'
import { concept, HALO_MEASURES, invalidField, quantity } from './codes.ts'
import { haloCode } from './halo-codes.ts'
import type { ObservationContext } from './observation.ts'
import { buildObservation, quantityComponent } from './observation.ts'
import { STABILOMETRY_INDICES } from './stabilometry-codes.ts'

/** What came out of one balance test. */
export interface BalanceTest {
  readonly eyes: 'open' | 'closed'
  /** Figures by the codes of `STABILOMETRY_INDICES`; lengths in cm, times in s, frequencies in Hz. */
  readonly indices: Readonly<Record<string, Figure>>
  /** Standard error of a figure, in its unit; a screening needs one for each. */
  readonly errors?: Readonly<Record<string, number>> | undefined
  /** Algorithm, its version, the source of the signal and the filter: tests compare only with like method. */
  readonly method: string
  readonly quality: 'research' | 'screening'
  readonly durationSec: number
  readonly rateHz: number
}

/** Uncertainty of a figure; ISO 21090 calls it so. @see https://hl7.org/fhir/R4/extension-iso21090-uncertainty.html */
const UNCERTAINTY = 'http://hl7.org/fhir/StructureDefinition/iso21090-uncertainty'

/**
 * One Observation per test, one component per index in the order of the codes, so that equal tests are equal
 * bytes. There are no reference ranges: a test compares with the patient's own past.
 * @throws RecordsError `FIELD_INVALID` for an index without code, no index, no method, a screening that gives
 * velocity or path or has no error, or a figure that is not finite
 */
export function buildStabilometry(test: BalanceTest, context: ObservationContext): FhirResource {
  checkTest(test)
  const components: JsonValue[] = [
    conceptComponent('visual-condition', `eyes-${test.eyes}`),
    conceptComponent('measurement-quality', `quality-${test.quality}`),
    quantityComponent([haloCode('recording-duration')], quantity('durationSec', test.durationSec, 's')),
    quantityComponent([haloCode('sampling-rate')], quantity('rateHz', test.rateHz, 'Hz')),
    ...Object.keys(STABILOMETRY_INDICES).flatMap((code) => indexComponent(code, test)),
  ]
  return buildObservation(
    { category: 'exam', code: [haloCode('balance-test')], method: test.method, components },
    context,
  )
}

function checkTest({ indices, quality, errors, method }: BalanceTest): void {
  const given = Object.keys(indices)
  if (given.length === 0) throw invalidField('indices', 'must hold at least one index')
  if (method.trim() === '')
    throw invalidField('method', 'must name the algorithm, its version and the source')
  for (const code of given) {
    if (!Object.hasOwn(STABILOMETRY_INDICES, code))
      throw invalidField('indices', 'holds an index without code')
    if (quality === 'research') continue
    // Rounding and noise lengthen the path of such sensors several times over.
    if (/velocity|path|LFS/.test(code))
      throw invalidField(code, 'cannot be had from a screening; leave it out')
    if (errors?.[code] === undefined) throw invalidField(code, 'needs its error, as this is a screening')
  }
}

function indexComponent(code: string, { indices, errors }: BalanceTest): readonly JsonValue[] {
  const value = indices[code]
  if (value === undefined) return []
  const plain = quantity(code, value, STABILOMETRY_INDICES[code]?.unit ?? null)
  const error = errors?.[code]
  if (error === undefined) return [quantityComponent([{ system: HALO_MEASURES, code }], plain)]
  if (!(error >= 0 && error < Infinity)) throw invalidField(`error of ${code}`, 'must be zero or more')
  const extension = [{ url: UNCERTAINTY, valueDecimal: error }]
  return [quantityComponent([{ system: HALO_MEASURES, code }], { ...(plain as object), extension })]
}

function conceptComponent(
  code: 'visual-condition' | 'measurement-quality',
  value: 'eyes-open' | 'eyes-closed' | 'quality-research' | 'quality-screening',
): JsonValue {
  return { code: concept(haloCode(code)), valueCodeableConcept: concept(haloCode(value)) }
}
