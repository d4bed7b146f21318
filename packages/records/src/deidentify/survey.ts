import { RecordsError } from '../errors.ts'
import type { FhirResource } from '../text/fhir-json.ts'
import type { Engine, Method, Visitor } from './engine.ts'
import type { FhirTime } from './fhir-time.ts'
import { DAY_MS, dayNumberOf, isPlausible, readFhirTime, yearOfDay } from './fhir-time.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import type { ResourceScope } from './scope.ts'
import { createScopes } from './scope.ts'
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

/** The first times of a year: which years count is known only when all were seen. */
interface First {
  readonly instantMs: number
  readonly offsetMin: number
  readonly day: number
}

interface Seen {
  isPatient: boolean
  readonly firsts: Map<number, First>
  lastDay: number
  birth: FhirTime | null
}

/** Patients of one export that are kept in memory, some hundred bytes each and for each year of their records. */
const MAX_PATIENTS = 100_000

/** Looks at the times that the rules would let leave, and at no others. */
export function createSurvey(engine: Engine): Survey {
  const seen = new Map<string, Seen>()
  const collect: Method<ResourceScope> = {
    rewrite(value, _, scope) {
      const time = typeof value === 'string' ? readFhirTime(value) : null
      if (time !== null && isPlausible(time)) noteTime(seenOf(seen, scope.patient), time)
      return {}
    },
  }
  const nothing: Method<ResourceScope> = { rewrite: () => ({}) }
  const birth: Method<ResourceScope> = {
    rewrite(value, { path }, scope) {
      if (path === 'Patient.birthDate' && typeof value === 'string')
        noteBirth(seenOf(seen, scope.patient), readFhirTime(value))
      return {}
    },
  }
  const openScope = createScopes()
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
  const { isShifted, keepsOffsets, keepsWeekday, pseudonyms, asOf } = options
  const isOver89 = mayBeOver89(seen, asOf)
  const firstYear = firstYearOf(seen, isOver89, options)
  const { instantMs, offsetMin, day } = [...seen.firsts]
    .filter(([year]) => year >= firstYear)
    .reduce((first, [, one]) => earlier(first, one), NO_TIME)
  const originDay = Math.min(Math.floor((instantMs + offsetMin * 60_000) / DAY_MS), day)
  return {
    originDay: Number.isFinite(originDay) ? originDay : null,
    firstYear,
    offsetMin,
    shiftDays: pseudonyms.shiftDaysOf(id, keepsWeekday),
    keepsOffsets,
    isShifted,
    mayBeOver89: isOver89,
  }
}

/**
 * The first year that may be told. One that lies 90 years back tells an age of 90, whether the year of birth is
 * told or not. Where age is no matter, records from before birth are slips of the pen, and none of them may be
 * what all others are counted from.
 */
function firstYearOf(seen: Seen, isOver89: boolean, { isShifted, asOf }: FactOptions): number {
  const { birth } = seen
  if (birth !== null && !isOver89) return isShifted ? -Infinity : birth.year - 1
  const day = ageDay(seen, asOf)
  return Number.isFinite(day) ? yearOfDay(day) - 89 : -Infinity
}

/** The day on which ages count. */
function ageDay({ lastDay }: Seen, asOf: FhirTime | null): number {
  return Math.max(lastDay, asOf?.precision === 'day' ? asOf.dayNumber : -Infinity)
}

/** Whether the 90th birthday may lie on or before the day on which ages count; partial dates count as early. */
function mayBeOver89(seen: Seen, asOf: FhirTime | null): boolean {
  const { birth } = seen
  if (birth === null) return false
  const day = ageDay(seen, asOf)
  if (birth.precision !== 'day') return Number.isFinite(day) && yearOfDay(day) - birth.year >= 90
  const date = new Date(birth.dayNumber * DAY_MS)
  // Born on 29 February, one is 90 on 1 March of a common year at the latest.
  const birthday =
    dayNumberOf(birth.year + 90, date.getUTCMonth() + 1, date.getUTCDate()) ??
    dayNumberOf(birth.year + 90, 3, 1)
  return birthday !== null && day >= birthday
}

/** Of several dates of birth the earliest counts: a later one must not make anybody younger. */
function noteBirth(seen: Seen, birth: FhirTime | null): void {
  if (birth === null || (seen.birth !== null && birthRank(seen.birth) <= birthRank(birth))) return
  seen.birth = birth
}

/** A year counts as its first day. */
function birthRank(birth: FhirTime): number {
  return birth.precision === 'day' ? birth.dayNumber : (dayNumberOf(birth.year, 1, 1) ?? Infinity)
}

const NO_TIME: First = { instantMs: Infinity, offsetMin: 0, day: Infinity }

function noteTime(seen: Seen, time: FhirTime): void {
  if (time.precision === 'year') return
  if (time.precision === 'day') {
    noteFirst(seen, time.year, { ...NO_TIME, day: time.dayNumber })
    seen.lastDay = Math.max(seen.lastDay, time.dayNumber)
    return
  }
  const { instantMs, offsetMin } = time
  noteFirst(seen, time.year, { ...NO_TIME, instantMs, offsetMin })
  seen.lastDay = Math.max(seen.lastDay, Math.floor((instantMs + offsetMin * 60_000) / DAY_MS))
}

function noteFirst({ firsts }: Seen, year: number, first: First): void {
  firsts.set(year, earlier(firsts.get(year) ?? NO_TIME, first))
}

function earlier(a: First, b: First): First {
  const { instantMs, offsetMin } = b.instantMs < a.instantMs ? b : a
  return { instantMs, offsetMin, day: Math.min(a.day, b.day) }
}

function mergeTimes(into: Seen, from: Seen): void {
  for (const [year, first] of from.firsts) noteFirst(into, year, first)
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
    firsts: new Map(),
    lastDay: -Infinity,
    birth: null,
  }
  seen.set(patient, created)
  return created
}

function patientIds(seen: Map<string, Seen>): readonly string[] {
  return [...seen].flatMap(([id, { isPatient }]) => (isPatient ? [id] : []))
}
