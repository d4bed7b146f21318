import { invalidField } from '../fhir/codes.ts'
import type { VitalSignKind } from '../fhir/vital-signs.ts'
import { buildVitalSign } from '../fhir/vital-signs.ts'
import { canonicalJson, Decimal } from '../text/canonical-json.ts'
import type { SettlingRule } from './note-book.ts'

/** A point in time as the file wrote it, and when that was. */
export interface SourceTime {
  /** FHIR dateTime, or a date for what belongs to a day. */
  readonly text: string
  /** Milliseconds since 1970; of a date, its start in UTC. */
  readonly timeMs: number
}

/** One figure that a device or a person wrote down. */
export interface MeasuredFigure {
  readonly kind: VitalSignKind
  /** Decimal digits as the file has them. */
  readonly valueText: string
  /** UCUM code; by default the usual one of the kind. */
  readonly unit?: string | undefined
  readonly start: SourceTime
  /** Absent for what holds at one instant. */
  readonly end?: SourceTime | undefined
  /** Reference to the kind of device, such as `Device/apple-watch`; never to one device. */
  readonly device?: string | undefined
  /** What the reader of the figure must know. */
  readonly note?: string | undefined
  /** The rule without which the figure could not have been taken over. */
  readonly settledBy?: SettlingRule | undefined
}

/** Every subject of these exports is the one patient whose account or device it is. */
export const SUBJECT = 'Patient/subject-1'

const VALUE = '7.7e-77'
const ID = 'the-id'
const START = '1971-01-01T00:00:00Z'
const END = '1972-01-01T00:00:00Z'

const CUTS = new RegExp(`${END}","start":"${START}|${START}|${ID}|(?<="value":)7\\.7e-77`)

/** Writes the canonical lines, line feed included, of Observations of one figure. */
export type LineWriter = (figure: MeasuredFigure, id: string) => string

/**
 * Opens a writer of lines. Lines of one kind differ in four places; what stands between is taken from one
 * canonical Observation per kind, because building and sorting each would take most of an import's time.
 */
export function createLineWriter(): LineWriter {
  const templates = new Map<string, readonly string[]>()
  return (figure, id) => {
    const { kind, unit = '', end, device = '', note = '' } = figure
    const shape = `${kind} ${unit} ${end === undefined ? 1 : 2} ${device} ${note}`
    const parts = templates.get(shape) ?? cutTemplate(figure)
    templates.set(shape, parts)
    const [head, toStart, toValue, tail] = parts
    // In canonical order `effectiveDateTime` and `effectivePeriod` come before `id`, and `end` before `start`.
    const time = end === undefined ? figure.start.text : `${end.text}","start":"${figure.start.text}`
    return head + time + toStart + id + toValue + new Decimal(figure.valueText).text + tail
  }
}

function cutTemplate(figure: MeasuredFigure): readonly string[] {
  const { kind, unit, end, device, note } = figure
  const effective = end === undefined ? START : { start: START, end: END }
  const built = buildVitalSign(
    kind,
    new Decimal(VALUE),
    { id: ID, subject: SUBJECT, effective, device },
    unit,
  )
  const resource = note === undefined ? built : { ...built, note: [{ text: note }] }
  const line = `${canonicalJson(resource)}\n`
  const parts = line.split(CUTS)
  if (parts.length !== 4) throw invalidField(kind, 'has no line of the expected form')
  return parts
}
