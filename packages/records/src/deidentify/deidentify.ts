import { RecordsError } from '../errors.ts'
import { canonicalJson } from '../text/canonical-json.ts'
import type { FhirResource } from '../text/fhir-json.ts'
import { asText } from '../text/fhir-json.ts'
import { utf8Length } from '../text/source-text.ts'
import { ALLOWED } from './allow-list.ts'
import type { Engine, Visitor } from './engine.ts'
import { createEngine } from './engine.ts'
import type { FhirTime } from './fhir-time.ts'
import { readFhirTime } from './fhir-time.ts'
import { finishObject } from './finish.ts'
import type { KnownIdentifiers } from './known-identifiers.ts'
import { createKnownIdentifiers } from './known-identifiers.ts'
import { createMethods } from './methods.ts'
import type { DeidentificationProfile } from './profiles.ts'
import { rulesOf } from './profiles.ts'
import type { Pseudonyms } from './pseudonyms.ts'
import { derivePseudonyms } from './pseudonyms.ts'
import type { DeidentificationReport, Tally } from './report.ts'
import { createTally } from './report.ts'
import type { ResourceScope } from './scope.ts'
import { createScopes } from './scope.ts'
import type { PatientFacts, Survey } from './survey.ts'
import { createSurvey } from './survey.ts'
import { findLeak } from './verify.ts'

/** How and for whom data is de-identified. */
export interface DeidentifyOptions {
  /**
   * `strict`: times become years and distances from the patient's first record. `shifted`: times are moved by
   * whole days, the same for all of a patient's; intervals and times of day stay.
   */
  readonly profile: DeidentificationProfile
  /** 32 random bytes or more, kept by the sender; the same secret gives the same recipient the same pseudonyms. */
  readonly secret: Uint8Array
  /**
   * Who gets the data. Each recipient sees other pseudonyms and offsets. Two who compare what they got can still
   * join it, by values, by intervals and by the order of lines, all of which stay.
   */
  readonly recipient: string
  /** Moves by whole weeks, so that weekdays stay; leaves 104 offsets instead of 728. @defaultValue false */
  readonly keepsWeekday?: boolean | undefined
  /**
   * Keeps each time's own UTC offset in `shifted`. A change between summer and winter time then shows by how
   * much a patient's times were moved. @defaultValue false
   */
  readonly keepsOffsets?: boolean | undefined
  /**
   * A FHIR date on which ages count, such as today's; without it, that of the patient's last record, which also
   * counts where the given day is earlier.
   */
  readonly asOf?: string | undefined
  /** Models of devices that may be named, as the device gives them. @defaultValue none */
  readonly deviceModels?: readonly string[] | undefined
  /**
   * Judges free text: returns what of it may leave, or null. What it returns is checked like everything else.
   * @defaultValue all free text is removed
   */
  readonly scanText?: ((text: string, path: string) => string | null) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Opens the same resources each time it is called: once to survey them, once to rewrite them. */
export type OpenResources = () => AsyncIterable<FhirResource> | Iterable<FhirResource>

/**
 * De-identified resources as canonical NDJSON, in pieces of whole lines. Iterate once. What was yielded before
 * an error was checked, but is no whole export: throw it away.
 */
export interface Deidentification extends AsyncIterable<string> {
  /** What became of the export; complete once the iteration has ended. */
  report(): DeidentificationReport
}

/** Text is passed on in pieces of about this size. */
const PIECE_LENGTH = 64 * 1024

/**
 * Takes away what identifies a person, by a list of what may leave. The output is pseudonymised: it is still
 * personal data. Memory grows with the number of patients and named people, not with that of their records.
 * @throws RecordsError `SECRET_INVALID`, `RECIPIENT_INVALID`, `OPTION_INVALID`; while iterating,
 * `IDENTIFIERS_LEFT` with the path of what must not leave, in which case that resource is not yielded
 */
export function deidentify(open: OpenResources, options: DeidentifyOptions): Deidentification {
  const run = openRun(options)
  return {
    [Symbol.asyncIterator]: () => rewriteAll(open, run, options.signal),
    report: () => run.tally.report(options.profile, run.survey.patients),
  }
}

interface Run {
  readonly options: DeidentifyOptions
  readonly engine: Engine
  readonly pseudonyms: Pseudonyms
  readonly survey: Survey
  readonly known: KnownIdentifiers
  readonly tally: Tally
  readonly asOf: FhirTime | null
}

function openRun(options: DeidentifyOptions): Run {
  const { profile, secret, recipient, asOf } = options
  if (profile !== 'strict' && profile !== 'shifted')
    throw new RecordsError('OPTION_INVALID', 'The profile must be strict or shifted.', { option: 'profile' })
  const day = asOf === undefined ? null : readFhirTime(asOf)
  if (asOf !== undefined && day?.precision !== 'day')
    throw new RecordsError('OPTION_INVALID', 'The day on which ages count must be YYYY-MM-DD.', {
      option: 'asOf',
    })
  const engine = createEngine(ALLOWED, rulesOf(profile), 'remove')
  return {
    options,
    engine,
    pseudonyms: derivePseudonyms(secret, recipient),
    survey: createSurvey(engine),
    known: createKnownIdentifiers(),
    tally: createTally(),
    asOf: day,
  }
}

async function* rewriteAll(open: OpenResources, run: Run, signal?: AbortSignal): AsyncGenerator<string> {
  let surveyed = 0
  for await (const resource of open()) {
    signal?.throwIfAborted()
    run.survey.add(resource)
    run.known.add(resource)
    surveyed += 1
  }
  const rewrite = createRewriter(run)
  let piece = ''
  for await (const resource of open()) {
    signal?.throwIfAborted()
    surveyed -= 1
    piece += rewrite(resource)
    if (piece.length < PIECE_LENGTH) continue
    yield piece
    piece = ''
  }
  if (surveyed !== 0)
    throw new RecordsError('OPTION_INVALID', 'The source must give the same resources both times.', {
      option: 'open',
    })
  if (piece !== '') yield piece
}

/** Rewrites one resource to a checked line, or to nothing when it may not leave. */
function createRewriter(run: Run): (resource: FhirResource) => string {
  const { engine, known, tally } = run
  const visitor = createVisitor(run)
  const check = { profile: run.options.profile, known, deviceModels: new Set(run.options.deviceModels) }
  return (resource) => {
    tally.bytesBefore += utf8Length(canonicalJson(resource)) + 1
    const output = engine.rewrite(resource, visitor)
    if (output === null) return ''
    const line = canonicalJson(output)
    const leak = findLeak(line, check)
    if (leak !== null)
      throw new RecordsError(
        'IDENTIFIERS_LEFT',
        `Something at ${leak.path} may identify a person (${leak.why}). Leave it out of the source; nothing of this resource was let out.`,
        { path: leak.path, why: leak.why },
      )
    tally.bytesAfter += utf8Length(line) + 1
    return `${line}\n`
  }
}

function createVisitor({ options, pseudonyms, survey, known, tally, asOf }: Run): Visitor<ResourceScope> {
  const { profile, keepsOffsets = false, keepsWeekday = false } = options
  const isShifted = profile === 'shifted'
  const factsOf: (scope: ResourceScope) => PatientFacts | null = survey.finish({
    pseudonyms,
    isShifted,
    keepsWeekday,
    keepsOffsets,
    asOf,
  })
  const openScope = createScopes()
  return {
    methods: createMethods({
      pseudonyms,
      factsOf,
      scanText: options.scanText,
      deviceModels: new Set(options.deviceModels),
      known,
      onLostTime: () => {
        tally.lostTimes += 1
      },
    }),
    enter(resource, parent) {
      const scope = openScope(resource, parent)
      tally.noteResource(asText(resource['resourceType']), scope === null)
      return scope
    },
    leave: (output, input, place, scope) =>
      finishObject(output, input, place, scope, profile, factsOf(scope)?.mayBeOver89 === true),
    onChange: (change, place, name) => tally.note(change, place, name),
  }
}
