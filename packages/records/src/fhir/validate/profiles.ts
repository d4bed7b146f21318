import { CGM_PROFILES } from './cgm-profiles.ts'
import type { ProfileNode } from './profile-node.ts'
import { definitions } from './schema.ts'

/** The profiles that claims are checked against: vital signs of the base standard, and the HL7 CGM guide's. */
export const PROFILES: ReadonlyMap<string, ProfileNode> = new Map([
  ...Object.entries(definitions.profiles),
  ...Object.entries(CGM_PROFILES),
])

const BASE = 'http://hl7.org/fhir/StructureDefinition/'

/**
 * Profiles that an Observation has to follow for its LOINC code, whether it claims them or not.
 * @see https://hl7.org/fhir/R4/observation-vitalsigns.html "If a vital sign is recorded, this code is required"
 */
export const IMPLIED_PROFILES: ReadonlyMap<string, string> = new Map(
  [
    ['9279-1', 'resprate'],
    ['8867-4', 'heartrate'],
    ['2708-6', 'oxygensat'],
    ['8310-5', 'bodytemp'],
    ['8302-2', 'bodyheight'],
    ['9843-4', 'headcircum'],
    ['29463-7', 'bodyweight'],
    ['39156-5', 'bmi'],
    ['85354-9', 'bp'],
  ].map(([code = '', profile]) => [code, `${BASE}${profile}`]),
)
