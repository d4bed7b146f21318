import { RecordsError } from '../errors.ts'
import type { FhirResource } from '../text/fhir-json.ts'
import type { Engine, Method, Visitor } from './engine.ts'
import type { FhirTime } from './fhir-time.ts'
import { DAY_MS, dayNumberOf, readFhirTime, yearOfDay } from './fhir-time.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import type { ResourceScope } from './scope.ts'
import { openScope } from './scope.ts'
import type { PatientTimes } from './times.ts'

/** What has to be known of a patient before the first of their resources can be rewritten. */
export interface PatientFacts extends PatientTimes {
  readonly mayBeOver89: boolean
  readonly isShifted: boolean
}

/** A first look at an export: when each patient's records begin and end, and when they were born. */
export interface Survey {
  add(resource: FhirResource): void
  /** Patients seen. */
  readonly patients: number
  /** Facts by the patient's id; null for a resource that could be any one's of several. */
  finish(options: FactOptions): (scope: ResourceScope) => PatientFacts | null
}

/** How facts are made from what was seen. */
export interface FactOptions {
  readonly pseudonyms: Pseudonyms
  readonly isShifted: boolean
  readonly keepsWeekday: boolean
  readonly keepsOffsets: boolean
  /** Day on which ages count, if later than the last record. */
  readonly asOf: FhirTime | null
}

interface Seen {
  isPatient: boolean
  firstInstantMs: number
  offsetMin: number
  firstDay: number
  lastDay: number
  birth: FhirTime | null
}

/** Patients of one export that are kept in memory, some 200 bytes each. */
const MAX_PATIENTS = 100_000

/** Looks at the times that the rules would let leave, and at no others. */
export function createSurvey(engine: Engine): Survey {
  const seen = new Map<string, Seen>()
  const collect: Method<ResourceScope> = {
    rewrite(value, _, scope) {
      const time = typeof value === 'string' ? readFhirTime(value) : null
      if (time !== null) noteTime(seenOf(seen, scope.patient), time)
      return {}
    },
  }
  const nothing: Method<ResourceScope> = { rewrite: () => ({}) }
  const birth: Method<ResourceScope> = {
    rewrite(value, { path }, scope) {
      if (path === 'Patient.birthDate' && typeof value === 'string')
        seenOf(seen, scope.patient).birth = readFhirTime(value)
      return {}
    },
  }
  const visitor: Visitor<ResourceScope> = {
    methods: {
      relative: collect,
      shift: collect,
      generalise: birth,
      remove: nothing,
      keep: nothing,
      hash: nothing,
      list: nothing,
      scan: nothing,
    },
    enter(resource, parent) {
      const scope = openScope(resource, parent)
      if (scope !== null && (scope.type === 'Patient' || scope.patient !== ''))
        seenOf(seen, scope.patient).isPatient = true
      return scope
    },
    leave: () => null,
    onChange: () => undefined,
  }
  return {
    add: (resource) => void engine.rewrite(resource, visitor),
    get patients() {
      return patientIds(seen).length
    },
    finish: (options) => finishSurvey(seen, options),
  }
}

function finishSurvey(
  seen: Map<string, Seen>,
  options: FactOptions,
): (scope: ResourceScope) => PatientFacts | null {
  const ids = patientIds(seen)
  const nobody = seen.get('')
  // With one patient, what names nobody is theirs: their devices, their home.
  const only = ids.length === 1 ? ids[0] : ids.length === 0 ? '' : undefined
  const onlySeen = only === undefined ? undefined : seen.get(only)
  if (onlySeen !== undefined && nobody !== undefined && only !== '') mergeTimes(onlySeen, nobody)
  const facts = new Map<string, PatientFacts>()
  for (const [id, one] of seen) {
    if (id === '' && only !== '') continue
    facts.set(id, factsOf(id, one, options))
  }
  return ({ patient }) => facts.get(patient === '' ? (only ?? '\0') : patient) ?? null
}

function factsOf(id: string, seen: Seen, options: FactOptions): PatientFacts {
  const { isShifted, keepsOffsets, keepsWeekday, pseudonyms } = options
  const hasInstant = seen.firstInstantMs !== Infinity
  const offsetMin = hasInstant ? seen.offsetMin : 0
  const firstLocalDay = hasInstant
    ? Math.floor((seen.firstInstantMs + offsetMin * 60_000) / DAY_MS)
    : Infinity
  const originDay = Math.min(firstLocalDay, seen.firstDay)
  return {
    originDay: Number.isFinite(originDay) ? originDay : 0,
    offsetMin,
    shiftDays: pseudonyms.shiftDaysOf(id, keepsWeekday),
    keepsOffsets,
    isShifted,
    mayBeOver89: mayBeOver89(seen, options.asOf),
  }
}

/** Whether the 90th birthday may lie on or before the day on which ages count; partial dates count as early. */
function mayBeOver89({ birth, lastDay }: Seen, asOf: FhirTime | null): boolean {
  if (birth === null) return false
  const asOfDay = asOf === null ? -Infinity : asOf.precision === 'day' ? asOf.dayNumber : -Infinity
  const day = Math.max(lastDay, asOfDay)
  if (birth.precision !== 'day') return Number.isFinite(day) && yearOfDay(day) - birth.year >= 90
  const date = new Date(birth.dayNumber * DAY_MS)
  // Born on 29 February, one is 90 on 1 March of a common year at the latest.
  const birthday =
    dayNumberOf(birth.year + 90, date.getUTCMonth() + 1, date.getUTCDate()) ??
    dayNumberOf(birth.year + 90, 3, 1)
  return birthday !== null && day >= birthday
}

function noteTime(seen: Seen, time: FhirTime): void {
  if (time.precision === 'year') return
  if (time.precision === 'day') {
    seen.firstDay = Math.min(seen.firstDay, time.dayNumber)
    seen.lastDay = Math.max(seen.lastDay, time.dayNumber)
    return
  }
  if (time.instantMs < seen.firstInstantMs) {
    seen.firstInstantMs = time.instantMs
    seen.offsetMin = time.offsetMin
  }
  const localDay = Math.floor((time.instantMs + time.offsetMin * 60_000) / DAY_MS)
  seen.lastDay = Math.max(seen.lastDay, localDay)
}

function mergeTimes(into: Seen, from: Seen): void {
  if (from.firstInstantMs < into.firstInstantMs) {
    into.firstInstantMs = from.firstInstantMs
    into.offsetMin = from.offsetMin
  }
  into.firstDay = Math.min(into.firstDay, from.firstDay)
  into.lastDay = Math.max(into.lastDay, from.lastDay)
}

function seenOf(seen: Map<string, Seen>, patient: string): Seen {
  const known = seen.get(patient)
  if (known !== undefined) return known
  if (seen.size >= MAX_PATIENTS)
    throw new RecordsError(
      'READINGS_TOO_MANY',
      `At most ${MAX_PATIENTS} patients go into one export; split it.`,
      {
        maxPatients: MAX_PATIENTS,
      },
    )
  const created: Seen = {
    isPatient: false,
    firstInstantMs: Infinity,
    offsetMin: 0,
    firstDay: Infinity,
    lastDay: -Infinity,
    birth: null,
  }
  seen.set(patient, created)
  return created
}

function patientIds(seen: Map<string, Seen>): readonly string[] {
  return [...seen].flatMap(([id, { isPatient }]) => (isPatient ? [id] : []))
}
