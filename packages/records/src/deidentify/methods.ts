import type { JsonValue } from '../text/fhir-json.ts'
import { generaliseAddress } from './addresses.ts'
import {
  closedAge,
  closedCoding,
  closedNumber,
  closedQuantity,
  isClock,
  isSamples,
  numberOf,
} from './closed-values.ts'
import type { Method, Node, Outcome, Place } from './engine.ts'
import { readFhirTime, yearText } from './fhir-time.ts'
import type { KnownIdentifiers } from './known-identifiers.ts'
import { minDigitsOf } from './known-identifiers.ts'
import { EXTENSION_URLS } from './profiles.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import { isKnownLinkId, isKnownQuestionnaire } from './questionnaires.ts'
import { hashFullUrl, hashIdentifier, hashReference, hashRequestUrl, pseudonymOfId } from './references.ts'
import type { ResourceScope } from './scope.ts'
import type { PatientFacts } from './survey.ts'
import { isFhirTime, makeRelative, moveTime, shiftTime } from './times.ts'
import { isFhirWord, isPublicProfile } from './vocabulary.ts'

/** What the methods take from the export and from its maker. */
export interface MethodParts {
  readonly pseudonyms: Pseudonyms
  /** Facts of the patient that a resource concerns; null when that is not known. */
  readonly factsOf: (scope: ResourceScope) => PatientFacts | null
  readonly scanText: ((text: string, path: string) => string | null) | undefined
  readonly deviceModels: ReadonlySet<string>
  readonly known: KnownIdentifiers
  /** Told of each time that was readable and is not told. */
  readonly onLostTime: () => void
}

type Methods = Readonly<Record<string, Method<ResourceScope>>>

const REMOVED: Outcome = {}
const NUMBER_TYPES: ReadonlySet<string> = new Set(['integer', 'positiveInt', 'unsignedInt', 'decimal'])

/** What the rules of the profiles ask for, by name. */
export function createMethods(parts: MethodParts): Methods {
  const { pseudonyms, factsOf, deviceModels, scanText, known } = parts
  return {
    remove: { rewrite: () => REMOVED },
    keep: {
      objects: new Set(['Coding', 'Quantity', 'Age', 'Duration']),
      rewriteObject: (value, { type }) =>
        type === 'Coding' ? closedCoding(value) : unlessKnown(closedQuantity(value), known),
      rewrite: (value, place) => ({ value: keepClosed(value, place, known) }),
    },
    hash: {
      objects: new Set(['Reference', 'Identifier']),
      rewriteObject: (value, { type }, scope) =>
        type === 'Reference' ? hashReference(value, scope, pseudonyms) : hashIdentifier(value, pseudonyms),
      rewrite: (value, { path }, scope) => ({ value: hashValue(value, path, scope, pseudonyms) }),
    },
    generalise: {
      objects: new Set(['Address', 'Age']),
      rewriteObject: (value, { type }) => (type === 'Address' ? generaliseAddress(value) : closedAge(value)),
      rewrite: (value, _, scope) => birthYear(value, factsOf(scope)),
    },
    relative: { rewrite: retime(makeRelative, parts) },
    shift: { rewrite: retime(shiftTime, parts) },
    list: {
      rewrite: (value, { path }) => {
        if (typeof value !== 'string') return REMOVED
        if (!path.endsWith('.linkId')) return deviceModels.has(value) ? { value } : REMOVED
        return { value: isKnownLinkId(value) ? value : `q-${pseudonyms.pseudonymOf('linkId', value)}` }
      },
    },
    scan: {
      rewrite: (value, { path }) => {
        const scanned = typeof value === 'string' ? scanText?.(value, path) : undefined
        return scanned === undefined || scanned === null || scanned === '' ? REMOVED : { value: scanned }
      },
    },
  }
}

/** A quantity, unless its figure is a number that the source gives as an identifier. */
function unlessKnown(quantity: Node | undefined, known: KnownIdentifiers): Node | undefined {
  if (quantity === undefined) return undefined
  return known.isNumber(numberOf(quantity['value']), minDigitsOf(quantity)) ? undefined : quantity
}

function retime(
  rewrite: typeof shiftTime,
  { factsOf, onLostTime }: MethodParts,
): Method<ResourceScope>['rewrite'] {
  return (value, { type }, scope) => {
    const outcome = rewrite(value, type, factsOf(scope))
    if (outcome.value === undefined && outcome.extension === undefined && isFhirTime(value)) onLostTime()
    return outcome
  }
}

/** The value if it has one of the forms that leave no room for anything else. */
function keepClosed(value: JsonValue, { type, path }: Place, known: KnownIdentifiers): JsonValue | undefined {
  if (type === 'boolean') return typeof value === 'boolean' ? value : undefined
  if (NUMBER_TYPES.has(type)) {
    const number = closedNumber(value)
    return known.isNumber(numberOf(number), minDigitsOf(null)) ? undefined : number
  }
  if (typeof value !== 'string') return undefined
  if (type === 'code') return isFhirWord(value) ? value : undefined
  if (type === 'time') return isClock(value) ? value : undefined
  if (type === 'canonical') return isPublicProfile(value) || isKnownQuestionnaire(value) ? value : undefined
  if (type === 'uri') return EXTENSION_URLS.includes(value) ? value : undefined
  return path.endsWith('SampledData.data') && isSamples(value) ? value : undefined
}

function hashValue(
  value: JsonValue,
  path: string,
  scope: ResourceScope,
  pseudonyms: Pseudonyms,
): string | undefined {
  if (path === 'Bundle.entry.fullUrl') return hashFullUrl(value, scope, pseudonyms)
  if (path === 'Bundle.entry.request.url') return hashRequestUrl(value, scope, pseudonyms)
  return pseudonymOfId(value, scope, pseudonyms)
}

/** The year of birth, unless it tells that somebody is 90 or older. */
function birthYear(value: JsonValue, patient: PatientFacts | null): Outcome {
  if (patient === null || patient.mayBeOver89) return REMOVED
  const time = typeof value === 'string' ? readFhirTime(value) : null
  if (time === null) return REMOVED
  // Moved like all other dates, so that ages at the time of a record stay the same.
  if (time.precision === 'day' && patient.isShifted) {
    const { value: shifted } = moveTime(time, patient)
    return typeof shifted === 'string' ? { value: shifted.slice(0, 4) } : REMOVED
  }
  return { value: yearText(time.year) }
}
